// SPDX-License-Identifier: Apache-2.0
#include "wire/seccomp_profile.h"

#include <sys/utsname.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <iterator>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <boost/json.hpp>

#include "base/error.h"
#include "base/text.h"

namespace muster {

namespace json = boost::json;

namespace {

using Operator = SyscallArgument::Operator;

// MAX_ERRNO of the kernel.
constexpr std::int64_t kLargestErrno = 4095;

#if defined(__x86_64__)
constexpr std::string_view kThisMachine = "amd64";
#elif defined(__aarch64__)
constexpr std::string_view kThisMachine = "arm64";
#else
#error "profiles name machines as Go does; the name of this one is missing"
#endif

template <typename Value>
struct Word {
  std::string_view name;
  Value value;
};

constexpr std::array<Word<SyscallAction>, 6> kActions{{
    {"SCMP_ACT_ALLOW", SyscallAction::kAllow},
    {"SCMP_ACT_LOG", SyscallAction::kLog},
    {"SCMP_ACT_ERRNO", SyscallAction::kErrno},
    {"SCMP_ACT_KILL", SyscallAction::kKillThread},
    {"SCMP_ACT_KILL_THREAD", SyscallAction::kKillThread},
    {"SCMP_ACT_KILL_PROCESS", SyscallAction::kKillProcess},
}};

constexpr std::array<Word<Operator>, 7> kOperators{{
    {"SCMP_CMP_EQ", Operator::kEqual},
    {"SCMP_CMP_NE", Operator::kNotEqual},
    {"SCMP_CMP_LT", Operator::kLess},
    {"SCMP_CMP_LE", Operator::kLessEqual},
    {"SCMP_CMP_GT", Operator::kGreater},
    {"SCMP_CMP_GE", Operator::kGreaterEqual},
    {"SCMP_CMP_MASKED_EQ", Operator::kMaskedEqual},
}};

// Flags that do not change which calls pass.
constexpr std::array<Word<bool>, 3> kFlags{{
    {"SECCOMP_FILTER_FLAG_LOG", true},
    {"SECCOMP_FILTER_FLAG_SPEC_ALLOW", true},
    {"SECCOMP_FILTER_FLAG_TSYNC", true},
}};

// A value and its place in the profile, as a JSON pointer (RFC 6901).
struct Node {
  const json::value* value = nullptr;
  std::string place;
};

[[noreturn]] void refuse(const std::string& place, std::string_view what) {
  throw Error(ErrorCode::kInvalidArgument,
              concat(place.empty() ? "the profile" : place, ": ", what));
}

const json::object& object_of(const Node& node) {
  const json::object* object = node.value->if_object();
  if (object == nullptr) refuse(node.place, "expected an object");
  return *object;
}

std::string text_of(const Node& node) {
  const json::string* text = node.value->if_string();
  if (text == nullptr) refuse(node.place, "expected a text");
  return std::string(*text);
}

std::uint64_t number_of(const Node& node, std::uint64_t most) {
  std::uint64_t number = 0;
  if (const std::int64_t* small = node.value->if_int64(); small != nullptr && *small >= 0) {
    number = static_cast<std::uint64_t>(*small);
  } else if (const std::uint64_t* large = node.value->if_uint64()) {
    number = *large;
  } else {
    refuse(node.place, concat("expected a whole number from 0 to ", most));
  }
  if (number > most) refuse(node.place, concat("expected a whole number from 0 to ", most));
  return number;
}

// A member; nothing where it is missing or null, which is how Go writes an empty list.
std::optional<Node> member(const Node& node, std::string_view key) {
  const json::value* value = object_of(node).if_contains(key);
  if (value == nullptr || value->is_null()) return std::nullopt;
  return Node{value, concat(node.place, '/', key)};
}

Node required(const Node& node, std::string_view key) {
  std::optional<Node> found = member(node, key);
  if (!found) refuse(node.place, concat("expected a member \"", key, '"'));
  return std::move(*found);
}

std::vector<Node> elements(const Node& node) {
  const json::array* array = node.value->if_array();
  if (array == nullptr) refuse(node.place, "expected a list");
  std::vector<Node> nodes;
  for (std::size_t i = 0; i < array->size(); ++i) {
    nodes.push_back({&(*array)[i], concat(node.place, '/', i)});
  }
  return nodes;
}

std::vector<std::string> texts(const std::optional<Node>& node) {
  std::vector<std::string> found;
  if (!node) return found;
  for (const Node& element : elements(*node)) found.push_back(text_of(element));
  return found;
}

void accept_keys(const Node& node, std::span<const std::string_view> keys) {
  for (const json::key_value_pair& pair : object_of(node)) {
    const std::string_view key(pair.key().data(), pair.key().size());
    if (std::find(keys.begin(), keys.end(), key) != keys.end()) continue;
    std::vector<std::string> known(keys.begin(), keys.end());
    const std::optional<std::string> meant = nearest(key, known);
    refuse(node.place, concat("unknown member ", in_quotes(key),
                              meant ? concat("; did you mean ", in_quotes(*meant), "?") : ""));
  }
}

template <typename Value, std::size_t Count>
Value word_of(const Node& node, const std::array<Word<Value>, Count>& words) {
  const std::string text = text_of(node);
  std::string known;
  for (const Word<Value>& word : words) {
    if (word.name == text) return word.value;
    known += concat(known.empty() ? "" : ", ", word.name);
  }
  refuse(node.place, concat("expected one of ", known, ", not ", in_quotes(text)));
}

// The error of a rule: a number, or a name as Podman writes it, or both when they agree.
std::optional<int> error_of(const Node& node, std::string_view number_key,
                            std::string_view name_key) {
  std::optional<int> number;
  if (const std::optional<Node> found = member(node, number_key)) {
    number = static_cast<int>(number_of(*found, kLargestErrno));
  }
  const std::optional<Node> named = member(node, name_key);
  if (!named) return number;
  const std::string name = text_of(*named);
  constexpr int kLastNamed = 133;
  for (int candidate = 1; candidate <= kLastNamed; ++candidate) {
    const char* known = strerrorname_np(candidate);
    if (known == nullptr || name != known) continue;
    if (number && *number != candidate) {
      refuse(named->place,
             concat(name, " is error ", candidate, ", but ", number_key, " is ", *number));
    }
    return candidate;
  }
  refuse(named->place,
         concat("expected the name of an error such as EPERM, not ", in_quotes(name)));
}

// `wanted` as "4.8"; true where this kernel is as new.
bool kernel_is_at_least(const Node& wanted) {
  const std::string text = text_of(wanted);
  const std::vector<std::string_view> parts = split(text, '.');
  const std::optional<std::uint64_t> major = parse_number(parts.front());
  const std::optional<std::uint64_t> minor =
      parts.size() == 2 ? parse_number(parts.back()) : std::nullopt;
  if (!major || !minor) {
    refuse(wanted.place,
           concat("expected a version of the kernel such as 4.8, not ", in_quotes(text)));
  }
  utsname names{};
  uname(&names);
  const std::string release = names.release;
  const std::vector<std::string_view> running = split(release, '.');
  const auto running_part = [&running](std::size_t index) -> std::uint64_t {
    if (index >= running.size()) return 0;
    const std::string_view part = running[index];
    return parse_number(part.substr(0, part.find_first_not_of("0123456789"))).value_or(0);
  };
  return std::pair(running_part(0), running_part(1)) >= std::pair(*major, *minor);
}

// What a rule is limited to or excepted from.
struct Conditions {
  bool capabilities = false;    ///< there are some
  std::optional<bool> machine;  ///< this machine is among those named
  std::optional<bool> kernel;   ///< this kernel is new enough
};

Conditions conditions_of(const std::optional<Node>& node) {
  Conditions conditions;
  if (!node) return conditions;
  static constexpr std::array<std::string_view, 3> kKeys{"caps", "arches", "minKernel"};
  accept_keys(*node, kKeys);
  conditions.capabilities = !texts(member(*node, "caps")).empty();
  if (const auto machines = texts(member(*node, "arches")); !machines.empty()) {
    conditions.machine =
        std::find(machines.begin(), machines.end(), kThisMachine) != machines.end();
  }
  if (const std::optional<Node> kernel = member(*node, "minKernel");
      kernel && !text_of(*kernel).empty()) {
    conditions.kernel = kernel_is_at_least(*kernel);
  }
  return conditions;
}

// Tasks hold no capabilities: what needs one never holds, what one excludes always does.
bool applies(const Node& rule) {
  const Conditions includes = conditions_of(member(rule, "includes"));
  const Conditions excludes = conditions_of(member(rule, "excludes"));
  return !includes.capabilities && includes.machine.value_or(true) &&
         includes.kernel.value_or(true) && !excludes.machine.value_or(false) &&
         !excludes.kernel.value_or(false);
}

std::vector<std::string> names_of(const Node& rule) {
  std::vector<std::string> names = texts(member(rule, "names"));
  if (const std::optional<Node> name = member(rule, "name"); name && !text_of(*name).empty()) {
    if (!names.empty()) refuse(rule.place, "expected \"names\" or \"name\", not both");
    names.push_back(text_of(*name));
  }
  if (names.empty()) refuse(rule.place, "expected \"names\" of system calls");
  return names;
}

SyscallArgument argument_of(const Node& node) {
  static constexpr std::array<std::string_view, 4> kKeys{"index", "value", "valueTwo", "op"};
  accept_keys(node, kKeys);
  SyscallArgument argument;
  constexpr std::uint64_t kLastArgument = 5;
  argument.index = static_cast<unsigned>(number_of(required(node, "index"), kLastArgument));
  argument.value = number_of(required(node, "value"), UINT64_MAX);
  if (const std::optional<Node> second = member(node, "valueTwo")) {
    argument.value2 = number_of(*second, UINT64_MAX);
  }
  argument.op = word_of(required(node, "op"), kOperators);
  return argument;
}

bool compares_one_twice(const std::vector<SyscallArgument>& arguments) {
  for (std::size_t i = 1; i < arguments.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      if (arguments[i].index == arguments[j].index) return true;
    }
  }
  return false;
}

// Every member is read, so that a mistake is found wherever the profile is tried.
void add_rule(const Node& node, SyscallPolicy& policy) {
  static constexpr std::array<std::string_view, 9> kKeys{
      "names", "name", "action", "errnoRet", "errno", "args", "comment", "includes", "excludes"};
  accept_keys(node, kKeys);
  SyscallRule rule;
  rule.names = names_of(node);
  rule.action = word_of(required(node, "action"), kActions);
  rule.error_number = error_of(node, "errnoRet", "errno");
  if (rule.action != SyscallAction::kErrno) rule.error_number.reset();
  if (const std::optional<Node> arguments = member(node, "args")) {
    for (const Node& argument : elements(*arguments)) {
      rule.arguments.push_back(argument_of(argument));
    }
  }
  if (!applies(node)) return;
  if (!compares_one_twice(rule.arguments)) {
    policy.rules.push_back(std::move(rule));
    return;
  }
  // As runc and crun read it: with two comparisons of one argument, each comparison of the rule is
  // a rule of its own.
  for (const SyscallArgument& argument : rule.arguments) {
    SyscallRule alone = rule;
    alone.arguments = {argument};
    policy.rules.push_back(std::move(alone));
  }
}

void check_architectures(const Node& profile) {
  texts(member(profile, "architectures"));
  const std::optional<Node> map = member(profile, "archMap");
  if (!map) return;
  static constexpr std::array<std::string_view, 2> kKeys{"architecture", "subArchitectures"};
  for (const Node& entry : elements(*map)) {
    accept_keys(entry, kKeys);
    text_of(required(entry, "architecture"));
    texts(member(entry, "subArchitectures"));
  }
}

json::value parse(std::string_view text) {
  json::stream_parser parser;
  json::error_code error;
  const std::size_t read = parser.write_some(text.data(), text.size(), error);
  if (!error && read == text.size()) parser.finish(error);
  if (!error && read == text.size()) return parser.release();
  const std::string_view before = text.substr(0, read);
  const std::size_t line =
      1 + static_cast<std::size_t>(std::count(before.begin(), before.end(), '\n'));
  const std::size_t column = before.size() - (before.rfind('\n') + 1) + 1;
  throw Error(ErrorCode::kInvalidArgument,
              concat("line ", line, ", column ", column,
                     ": not JSON: ", error ? error.message() : "something follows the profile"));
}

}  // namespace

SyscallPolicy parse_seccomp_profile(std::string_view text) {
  const json::value value = parse(text);
  const Node profile{&value, ""};
  static constexpr std::array<std::string_view, 8> kKeys{
      "defaultAction", "defaultErrnoRet", "defaultErrno", "architectures",
      "archMap",       "flags",           "syscalls",     "comment"};
  accept_keys(profile, kKeys);
  check_architectures(profile);
  if (const std::optional<Node> flags = member(profile, "flags")) {
    for (const Node& flag : elements(*flags)) word_of(flag, kFlags);
  }
  SyscallPolicy policy;
  policy.fallback = word_of(required(profile, "defaultAction"), kActions);
  policy.fallback_errno = error_of(profile, "defaultErrnoRet", "defaultErrno");
  if (policy.fallback != SyscallAction::kErrno) policy.fallback_errno.reset();
  if (const std::optional<Node> rules = member(profile, "syscalls")) {
    for (const Node& rule : elements(*rules)) add_rule(rule, policy);
  }
  return policy;
}

}  // namespace muster
