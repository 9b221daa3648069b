#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What cpp.scan makes of the corners of the language that this project uses."""

import sys
import unittest

sys.dont_write_bytecode = True
import cpp
import source


def scanned(text):
    return cpp.scan(source.code_only(text))


def functions(text):
    """(name, lines, parameters) of every function that has a body."""
    return [(f.name, f.lines, f.parameters) for f in scanned(text)[0] if f.body]


class Functions(unittest.TestCase):
    def check(self, text, *expected):
        self.assertEqual(functions(text), list(expected))

    def test_namespaces_and_linkage_are_no_functions(self):
        self.check('namespace a::b { inline namespace c { extern "C" { void f(int) {} } } }',
                   ("f", 1, 1))

    def test_the_template_line_belongs_to_the_function(self):
        self.check("template <typename T, int N = 3>\nvoid f(T a) {\n}\n", ("f", 3, 1))

    def test_commas_of_template_arguments_part_no_parameters(self):
        self.check("void f(std::map<int, std::pair<int, int>> a, int b = g(1, 2)) {}", ("f", 1, 2))

    def test_a_function_type_in_the_result_is_not_the_signature(self):
        self.check("std::function<int(int, int)> f(int a) {}", ("f", 1, 1))

    def test_braces_of_an_initializer_list_are_not_the_body(self):
        self.check("A::A(int a)\n    : B{a},\n      c_{1} {\n  g();\n}", ("A::A", 5, 1))

    def test_operators_have_names(self):
        self.check("struct A { bool operator()(int a, int b) {} bool operator<(A a) {} };"
                   "std::ostream& operator<<(std::ostream& o, A a) {}",
                   ("operator()", 1, 2), ("operator<", 1, 1), ("operator<<", 1, 2))

    def test_destructors_are_found(self):
        self.check("A::~A() {}", ("A::~A", 1, 0))

    def test_constraints_are_no_functions(self):
        self.check("template <typename T> requires (Ok<T> && Good<T>) void f(T) {}"
                   "template <typename T> requires requires(T t) { t.x(); } void g(T) {}"
                   "template <typename T> concept C = requires(T t) { t.x(); };",
                   ("f", 1, 1), ("g", 1, 1))

    def test_lambdas_inside_belong_to_the_function(self):
        self.check("void f() {\n  auto a = [](int b) {\n    return b;\n  };\n}", ("f", 5, 0))

    def test_lambdas_of_a_table_count_as_functions(self):
        self.check('const Row kRows[] = {{1, "a", [](int a, int b) { return a; }}, {2, nullptr}};',
                   ("lambda", 1, 2))

    def test_default_values_are_no_functions(self):
        self.check("struct A { std::vector<int> a{1, 2}; int b = {3}; std::function<void()> c; };")

    def test_elaborated_types_are_results(self):
        self.check("struct stat f(struct stat s) {}", ("f", 1, 1))

    def test_brackets_in_literals_and_comments_do_not_count(self):
        self.check("""void f() {
  char a = '{'; int b = 1'000'000; auto c = R"x({"{)x"; // }
  const char* d = "\\"{"; /* { */
}
#define OPEN {
void g() {}""", ("f", 4, 0), ("g", 1, 0))

    def test_a_bracket_without_partner_is_told_with_its_line(self):
        with self.assertRaises(cpp.Unbalanced) as caught:
            scanned("void f() {\n  g(1;\n}")
        self.assertEqual(str(caught.exception), "3")

    def test_pure_virtual_functions_are_declarations(self):
        found = scanned("struct A { virtual void f(int a, int b) = 0; A(const A&) = delete; };")[0]
        self.assertEqual([(f.name, f.parameters, f.body) for f in found],
                         [("f", 2, ""), ("A", 1, "")])


class Types(unittest.TestCase):
    def check(self, text, *expected):
        self.assertEqual([(t.name, t.public) for t in scanned(text)[1]], list(expected))

    def test_access_labels_say_what_is_public(self):
        self.check("class A { struct B {}; public: enum class C { kX }; private: union D {}; };"
                   "struct E { struct F {}; };",
                   ("A", True), ("B", False), ("C", True), ("D", False), ("E", True), ("F", True))

    def test_what_a_private_type_holds_is_private(self):
        self.check("class A { struct B { struct C {}; }; };",
                   ("A", True), ("B", False), ("C", False))

    def test_attributes_and_bases_do_not_hide_the_name(self):
        self.check("template <typename T>\nclass [[nodiscard]] A final : public B<void(int)> {};"
                   "struct alignas(64) C {};", ("A", True), ("C", True))

    def test_forward_declarations_are_no_types(self):
        self.check("class A; struct B; enum class C : int;")


if __name__ == "__main__":
    unittest.main()
