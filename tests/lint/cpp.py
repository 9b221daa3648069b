# SPDX-License-Identifier: Apache-2.0
"""Finds the functions and types of a C++ file by its brackets; no compiler is needed.

The text, as source.code_only gives it, becomes a tree of tokens and bracket groups. What stands
before a brace or semicolon, its head, tells what follows. Everything inside a function, lambdas and
local types included, belongs to that function; a lambda outside of any function counts as one.
"""

import re
from dataclasses import dataclass, field

_CLOSES = {"(": ")", "[": "]", "{": "}"}
_TOKEN = re.compile(r'"[^"]*"|\d[\w.\']*|\'[^\']*\'|\w+|::|->|<=>|[=!<>]=|\S')
_TYPE_WORDS = ("class", "struct", "union", "enum")
_BEFORE_TYPE = ("export", "typedef", "static", "inline", "constexpr", "const")
_TAKE_PARENTHESES = ("decltype", "noexcept", "explicit", "alignas", "requires", "throw",
                     "__attribute__")
_NO_DECLARATION = ("using", "typedef", "static_assert")


class Unbalanced(Exception):
    """A bracket without its partner; carries the line."""


@dataclass
class Function:
    name: str
    line: int
    lines: int
    parameters: int
    body: str  # empty for a declaration


@dataclass
class Type:
    name: str
    line: int
    public: bool


@dataclass
class _Item:
    """A token, or a bracket group: then text is the opening bracket."""
    text: str
    start: int
    end: int = 0
    items: list = field(default_factory=list)

    def is_name(self):
        return bool(re.match(r"[A-Za-z_]", self.text))


def scan(code):
    """(functions, types) of the text; raises Unbalanced."""
    scanner = _Scanner(code)
    scanner.walk(_parse(code), public=True, reachable=True)
    return scanner.functions, scanner.types


def _line(code, index):
    return code.count("\n", 0, index) + 1


def _parse(code):
    opened = [_Item("", 0)]
    for match in _TOKEN.finditer(code):
        if match[0] in _CLOSES.values():
            group = opened.pop()
            if _CLOSES.get(group.text) != match[0]:
                raise Unbalanced(_line(code, match.start()))
            group.end = match.start()
        else:
            item = _Item(match[0], match.start(), match.end())
            opened[-1].items.append(item)
            if match[0] in _CLOSES:
                opened.append(item)
    if len(opened) > 1:
        raise Unbalanced(_line(code, opened[-1].start))
    return opened[0].items


def _outer(head):
    """The head without template arguments and attributes; operator and its sign become one name."""
    out, depth = [], 0
    for i, item in enumerate(head):
        after_operator = out and depth == 0 and out[-1].text.startswith("operator")
        if after_operator and item.text != "(" and not item.is_name():
            out[-1] = _Item(out[-1].text + item.text, out[-1].start)
        elif after_operator and item.text == "(" and [h.text for h in head[i + 1:i + 2]] == ["("]:
            out[-1] = _Item("operator()", out[-1].start)
        elif item.text == "<":
            depth += 1
        elif item.text == ">":
            depth = max(0, depth - 1)
        elif depth == 0 and item.text != "template" and not _is_attribute(item):
            out.append(item)
    return out


def _is_attribute(item):
    return item.text == "[" and [i.text for i in item.items] == ["["]


def _signature(outer):
    """(position, name, parameter group) of the function the head declares, or None."""
    for i, item in enumerate(outer):
        if item.text in ("=", ":"):
            return None
        if item.text == "(" and i > 0:
            before = outer[i - 1]
            if before.is_name() and before.text not in _TAKE_PARENTHESES:
                start = i - 1
                while start > 1 and outer[start - 1].text in ("::", "~"):
                    start -= 1 if outer[start - 1].text == "~" else 2
                return i, "".join(o.text for o in outer[start:i]), item
    return None


def _lambda_start(head):
    """Where in the head the lambda begins whose body comes next, or None."""
    for i in range(len(head) - 1, -1, -1):
        item = head[i]
        if item.text == "[" and not _is_attribute(item):
            subscript = i > 0 and (head[i - 1].is_name() or head[i - 1].text in ")]")
            return None if subscript else i
        if not (item.is_name() or item.text in ("(", "->", "::", "<", ">", "*", "&", ",")):
            return None
    return None


def _count_parameters(group):
    if [i.text for i in group.items] in ([], ["void"]):
        return 0
    return 1 + sum(item.text == "," for item in _outer(group.items))


class _Scanner:
    def __init__(self, code):
        self.code = code
        self.functions = []
        self.types = []

    def walk(self, items, public, reachable):
        """A namespace or type body; public is what holds before the first access label."""
        head = []
        for item in items:
            if item.text == "{":
                goes_on = self.block(head, item, public and reachable)
                head = head + [item] if goes_on else []
            elif item.text == ";":
                self.declaration(head)
                head = []
            elif item.text == ":" and [h.text for h in head] in (
                    ["public"], ["protected"], ["private"]):
                public = head[0].text != "private"
                head = []
            else:
                if item.text in ("(", "["):
                    self.lambdas(item.items)
                head.append(item)

    def block(self, head, block, public):
        """Takes in what the brace opens; True when what the head began goes on behind it."""
        outer = _outer(head)
        texts = [o.text for o in outer]
        while texts and texts[0] in _BEFORE_TYPE and len(texts) > 1:
            texts.pop(0)
        signature = _signature(outer)
        if texts[:1] == ["namespace"] or texts[:1] == ["extern"] and texts[-1].startswith('"'):
            self.walk(block.items, True, public)
        elif texts and texts[0] in _TYPE_WORDS and not signature:
            self.type(texts, head, block, public)
        elif texts[-1:] == ["requires"] or texts[-2:] == ["requires", "("]:
            return True
        elif signature and not self.opens_member(outer, signature[0]):
            self.function(head, block, signature[1], signature[2])
        elif signature:
            return True
        elif (start := _lambda_start(head)) is not None:
            self.function(head[start:], block, "lambda", self.lambda_parameters(head[start:]))
            return True
        else:
            self.lambdas(block.items)
            return True
        return False

    @staticmethod
    def opens_member(outer, parameters_at):
        """Whether the next brace holds a member's value in a constructor's initializer list."""
        behind = [o.text for o in outer[parameters_at:]]
        return ":" in behind and outer[-1].is_name()

    @staticmethod
    def lambda_parameters(head):
        return next((item for item in head if item.text == "("), _Item("(", 0))

    def type(self, texts, head, block, public):
        names = [t for t in texts[1:] if re.match(r"[A-Za-z_]", t)
                 and t not in _TYPE_WORDS and t not in _TAKE_PARENTHESES]
        self.types.append(Type(names[0] if names else "", _line(self.code, head[0].start), public))
        if texts[0] != "enum":
            self.walk(block.items, texts[0] != "class", public)

    def function(self, head, block, name, parameters):
        first, last = _line(self.code, head[0].start), _line(self.code, block.end)
        self.functions.append(Function(name, first, last - first + 1, _count_parameters(parameters),
                                       self.code[block.start:block.end]))

    def declaration(self, head):
        outer = _outer(head)
        signature = _signature(outer)
        if signature and outer[0].text not in _NO_DECLARATION:
            self.functions.append(Function(signature[1], _line(self.code, head[0].start), 1,
                                           _count_parameters(signature[2]), ""))

    def lambdas(self, items):
        """Finds lambdas in an expression outside of any function."""
        head = []
        for item in items:
            start = _lambda_start(head) if item.text == "{" else None
            if start is not None:
                self.function(head[start:], item, "lambda", self.lambda_parameters(head[start:]))
            else:
                self.lambdas(item.items)
            head.append(item)
