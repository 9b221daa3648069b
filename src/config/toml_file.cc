// SPDX-License-Identifier: Apache-2.0

// Config files are TOML 1.0 with one liberty: `profile = "NAME"` may stand at the top although
// [profile.NAME] makes `profile` a table, which TOML itself forbids. So that one statement is cut
// out of the text and parsed by itself.

// Two faults of toml++ 3.3.0 must be kept from what a file may hold. It asserts that a table header
// begins like a key before it checks that, so `[!]` would abort, or with NDEBUG be optimized on a
// false claim; its checks stand by themselves. And it calls unreachable what its test for white
// space does reach with most characters beyond ASCII; there the answer is no.
// clang-format off: the order of these lines is what they are about.
#undef NDEBUG
#define TOML_ASSERT(claim) static_assert(true)
#define TOML_EXCEPTIONS 0
#define TOML_ENABLE_FORMATTERS 0
#include <toml++/impl/forward_declarations.h>
#undef TOML_UNREACHABLE
#define TOML_UNREACHABLE return false
#include <toml++/impl/unicode.h>
#undef TOML_UNREACHABLE
#define TOML_UNREACHABLE __builtin_unreachable()
#include <toml++/toml.h>
// clang-format on

#include <algorithm>
#include <array>
#include <charconv>

#include "base/error.h"
#include "base/text.h"
#include "config/config.h"
#include "config/expected.h"
#include "config/file_text.h"
#include "config/presets.h"
#include "config/secrets.h"
#include "config/tightening.h"
#include "config/toml_scan.h"

namespace muster {
namespace {

// The parser builds one nested table per part of a key and takes them down by recursion.
constexpr int kDeepestKey = 64;

constexpr std::string_view kKeysAreListed = "muster man config.5 lists every key";

// Keys and the parser's words come from the file, which may be a stranger's: nothing in them may
// reach a terminal as a control character.
std::string printable(std::string_view text) {
  constexpr std::size_t kMost = 200;
  std::string out(text.substr(0, kMost));
  std::ranges::replace_if(out, [](char c) { return (c >= 0 && c < ' ') || c == '\x7f'; }, '?');
  return out;
}

std::string place_in(const std::string& path, const toml::source_position& position) {
  return concat(path, ":", position.line, ":", position.column);
}

Error syntax_error(const toml::parse_error& fault, const std::string& path) {
  constexpr std::string_view kPrefix = "Error while parsing ";
  std::string_view words = fault.description();
  const bool known = words.starts_with(kPrefix);
  if (known) words.remove_prefix(kPrefix.size());
  return {ErrorCode::kInvalidArgument,
          concat(place_in(path, fault.source().begin), known ? ": syntax error in " : ": ",
                 printable(words)),
          words.starts_with("decimal integer")
              ? "durations and sizes stand in quotes, as in timeout = \"5m\""
              : ""};
}

toml::table parse_toml(std::string_view text, const std::string& path) {
  auto parsed = toml::parse(text);
  if (!parsed) throw syntax_error(parsed.error(), path);
  return std::move(parsed).table();
}

// A key and what it holds.
struct Member {
  const toml::key* key;
  const toml::node* node;
};

// The members in the order of the file, so that the first error is the one that is reported.
std::vector<Member> in_file_order(const toml::table& table) {
  std::vector<Member> members;
  for (auto&& [key, node] : table) members.push_back({&key, &node});
  std::ranges::sort(members, [](const Member& a, const Member& b) {
    return a.key->source().begin < b.key->source().begin;
  });
  return members;
}

std::string_view kind_of(const toml::node& node) {
  switch (node.type()) {
    case toml::node_type::table:
      return "a table";
    case toml::node_type::array:
      return "an array";
    case toml::node_type::string:
      return "a string";
    case toml::node_type::integer:
      return "an integer";
    case toml::node_type::floating_point:
      return "a number with a fraction";
    case toml::node_type::boolean:
      return "a boolean";
    default:
      return "a date or time";
  }
}

// The shortest digits that are read back as the number; check_value refuses what has none.
std::string decimal_text(double number) {
  std::array<char, 400> digits{};  // 1.8e308 in full has 309
  const auto end =
      std::to_chars(digits.data(), digits.data() + digits.size(), number, std::chars_format::fixed);
  return {digits.data(), end.ptr};
}

// The one text of a value that is not an array; nothing when its type is wrong.
std::optional<std::string> text_of(const Setting& setting, const toml::node& node) {
  constexpr std::array kAmounts{SettingType::kDuration, SettingType::kSize, SettingType::kShare,
                                SettingType::kDecimal};
  const bool amount = std::ranges::find(kAmounts, setting.type) != kAmounts.end();
  if (setting.type == SettingType::kFlag) {
    if (const auto* truth = node.as_boolean()) return truth->get() ? "true" : "false";
    return std::nullopt;
  }
  if (setting.type == SettingType::kInteger || amount) {
    if (const auto* number = node.as_integer()) return std::to_string(number->get());
    if (!amount) return std::nullopt;
  }
  if (setting.type == SettingType::kDecimal) {
    if (const auto* number = node.as_floating_point()) return decimal_text(number->get());
  }
  if (const auto* text = node.as_string()) return text->get();
  return std::nullopt;
}

const Setting* find_by_key(std::string_view key) {
  const auto all = all_settings();
  const auto found =
      std::ranges::find_if(all, [&](const Setting& each) { return config_key(each) == key; });
  return found == all.end() ? nullptr : &*found;
}

// A section of the file: what may stand in it and how its header reads.
struct Section {
  ConfigSection kind = ConfigSection::kTop;
  std::string profile;
  std::string preset;

  bool takes(const Setting& setting) const {
    return preset.empty() ? setting.section == kind : setting.preset;
  }

  std::string header() const {
    if (!preset.empty()) return concat("[sandbox.", preset, "]");
    if (kind == ConfigSection::kTask) {
      return profile.empty() ? "[task]" : concat("[profile.", profile, ".task]");
    }
    return kind == ConfigSection::kProfile ? concat("[profile.", profile, "]") : "";
  }
};

// "in [task]" and the like, for a key that should be there.
std::string_view home_of(const Setting& setting) {
  switch (setting.section) {
    case ConfigSection::kTop:
      return "belongs at the top of the file, before the first section";
    case ConfigSection::kProfile:
      return "belongs in [profile.NAME]";
    case ConfigSection::kTask:
      return setting.preset ? "belongs in [task], [profile.NAME.task] or [sandbox.NAME]"
                            : "belongs in [task] or [profile.NAME.task]";
    default:
      return "is a flag of the command line and cannot be set in a config file";
  }
}

// Turns the parsed tables of one file into its entries.
class Reader {
 public:
  Reader(const std::string& path, Layer layer) {
    file_.path = path;
    file_.layer = layer;
  }

  // The table that holds the statement `profile = ...` alone.
  void read_profile_statement(const toml::table& table) {
    has_profile_statement_ = true;
    for (const Member& member : in_file_order(table)) read_setting({}, member);
  }

  void read_file(const toml::table& table) {
    for (const Member& member : in_file_order(table)) {
      const std::string_view key = member.key->str();
      if (key == "task") {
        read_task("", member);
      } else if (key == "sandbox" && member.node->is_table()) {
        read_presets(*member.node->as_table());
      } else if (key == "profile" && member.node->is_table()) {
        read_profiles(*member.node->as_table());
      } else if (key == "profile" && has_profile_statement_) {
        fail(member.key->source().begin, "'profile' is set twice");
      } else {
        read_setting({}, member);
      }
    }
  }

  ConfigFile take() { return std::move(file_); }

 private:
  [[noreturn]] void fail(const toml::source_position& position, const std::string& message,
                         std::string_view next = {}) const {
    throw Error(ErrorCode::kInvalidArgument, concat(place_in(file_.path, position), ": ", message),
                std::string(next));
  }

  [[noreturn]] void fail_type(const Member& member, std::string_view expected) const {
    fail(member.node->source().begin, concat("'", printable(member.key->str()), "' wants ",
                                             expected, ", not ", kind_of(*member.node)));
  }

  bool is_project() const { return file_.layer == Layer::kProjectFile; }

  [[noreturn]] void refuse_in_project(const Member& member, std::string_view what) const {
    fail(member.key->source().begin,
         concat(what,
                " may not stand in a project file: it holds defaults in [task] only, so that "
                "entering a directory never chooses servers, tokens or colours"),
         "put it into your own config; muster config path says where that is");
  }

  void read_task(const std::string& profile, const Member& member) {
    const auto* table = member.node->as_table();
    const Section section{ConfigSection::kTask, profile, ""};
    if (!table) fail_type(member, concat("a section ", section.header()));
    for (const Member& each : in_file_order(*table)) read_setting(section, each);
  }

  void read_profiles(const toml::table& table) {
    for (const Member& member : in_file_order(table)) {
      if (is_project()) refuse_in_project(member, "a profile");
      read_profile(member);
    }
  }

  void read_profile(const Member& member) {
    const std::string name(member.key->str());
    const auto& position = member.key->source().begin;
    const auto* table = member.node->as_table();
    if (!table) {
      const Setting* known = find_by_key(name);
      if (known) fail(position, concat("'", name, "' ", home_of(*known)));
      fail_type(member, "a section [profile.NAME]");
    }
    try {
      check_value(setting("profile"), name);
    } catch (const Error& error) {
      throw error.within(place_in(file_.path, position));
    }
    file_.profiles.push_back(name);
    const Section section{ConfigSection::kProfile, name, ""};
    for (const Member& each : in_file_order(*table)) {
      if (each.key->str() == "task") {
        read_task(name, each);
      } else {
        read_setting(section, each);
      }
    }
    check_rivals(name);
  }

  void read_presets(const toml::table& table) {
    for (const Member& member : in_file_order(table)) {
      if (is_project()) refuse_in_project(member, "a preset");
      read_preset(member);
    }
  }

  void read_preset(const Member& member) {
    const std::string name(member.key->str());
    const auto& position = member.key->source().begin;
    const auto* table = member.node->as_table();
    if (!table) fail_type(member, "a section [sandbox.NAME]");
    if (std::ranges::find(builtin_presets(), name) != builtin_presets().end()) {
      fail(position, concat("the preset '", name, "' is built in and cannot be changed"),
           concat("give yours another name and use both: sandbox = \"", name, ",NAME\""));
    }
    const bool is_one = name.find(',') == std::string::npos;
    try {
      check_value(setting("sandbox"), is_one ? name : "");
    } catch (const Error& error) {
      throw error.within(place_in(file_.path, position));
    }
    file_.presets.push_back(name);
    const Section section{ConfigSection::kTask, "", name};
    for (const Member& each : in_file_order(*table)) read_setting(section, each);
  }

  // Of these a profile has one; two would leave open which of them is meant.
  void check_rivals(const std::string& profile) const {
    const FileEntry* place = nullptr;
    const FileEntry* token = nullptr;
    for (const FileEntry& entry : file_.entries) {
      if (entry.profile != profile || entry.setting->section != ConfigSection::kProfile) continue;
      const FileEntry*& rival = entry.setting->name.starts_with("token-") ? token : place;
      if (rival) {
        fail(position_of(entry),
             concat("'", config_key(*entry.setting), "' and '", config_key(*rival->setting),
                    "' cannot both stand in [profile.", profile, "]"));
      }
      rival = &entry;
    }
  }

  static toml::source_position position_of(const FileEntry& entry) {
    return {static_cast<toml::source_index>(entry.line),
            static_cast<toml::source_index>(entry.column)};
  }

  void read_setting(const Section& section, const Member& member) {
    const auto& position = member.key->source().begin;
    const Setting* known = find_by_key(member.key->str());
    if (!known) fail_unknown(section, member);
    const std::string key = config_key(*known);
    if (is_project() && known->section != ConfigSection::kTask) {
      refuse_in_project(member, concat("'", key, "'"));
    }
    if (!section.takes(*known)) fail(position, concat("'", key, "' ", home_of(*known)));
    auto texts = texts_of(*known, member);
    if (is_project()) refuse_to_loosen(*known, texts, member);
    file_.entries.push_back({.profile = section.profile,
                             .preset = section.preset,
                             .setting = known,
                             .texts = std::move(texts),
                             .line = static_cast<int>(position.line),
                             .column = static_cast<int>(position.column)});
  }

  void refuse_to_loosen(const Setting& known, const std::vector<std::string>& texts,
                        const Member& member) const {
    const std::string key = config_key(known);
    const std::string next = concat("put it into your own config, or give --", known.name);
    if (known.in_project == InProject::kRefused) {
      fail(member.key->source().begin,
           concat("'", key,
                  "' may not stand in a project file: entering a directory must never "
                  "loosen the sandbox"),
           next);
    }
    const std::string why = texts.empty() ? "" : why_it_loosens(known, texts.back());
    if (why.empty()) return;
    fail(member.key->source().begin,
         concat("'", key, " = ", printable(texts.back()),
                "' may not stand in a project file, which can only tighten the sandbox: ", why),
         next);
  }

  std::vector<std::string> texts_of(const Setting& known, const Member& member) const {
    if (!known.repeatable) return {checked_text(known, member)};
    const auto* array = member.node->as_array();
    if (!array) fail_type(member, expected_in_file(known));
    std::vector<std::string> texts;
    for (const toml::node& each : *array) {
      texts.push_back(checked_text(known, {member.key, &each}));
    }
    return texts;
  }

  std::string checked_text(const Setting& known, const Member& member) const {
    auto text = text_of(known, *member.node);
    if (!text) fail_type(member, expected_in_file(known));
    try {
      check_value(known, *text);
    } catch (const Error& error) {
      throw error.within(
          concat(place_in(file_.path, member.node->source().begin), ": ", config_key(known)));
    }
    return std::move(*text);
  }

  [[noreturn]] void fail_unknown(const Section& section, const Member& member) const {
    const auto& position = member.key->source().begin;
    const std::string key = printable(member.key->str());
    if (key == "token") {
      fail(position, "there is no key 'token': secrets are not written in the config",
           "use token_file, token_env or token_command in [profile.NAME]");
    }
    const bool headed = section.kind == ConfigSection::kTop && member.node->is_table();
    const auto in_form = [&](std::string_view name) {
      return headed ? concat("[", name, "]") : concat("'", name, "'");
    };
    const auto close = nearest(key, known_keys(section));
    const std::string header = section.header();
    fail(position,
         concat(headed ? "unknown section " : "unknown key ", in_form(key),
                header.empty() ? "" : concat(" in ", header),
                close ? concat("; did you mean ", in_form(*close), "?") : ""),
         kKeysAreListed);
  }

  std::vector<std::string> known_keys(const Section& section) const {
    std::vector<std::string> keys;
    const bool at_top = section.kind == ConfigSection::kTop;
    if (at_top || section.kind == ConfigSection::kProfile) keys.emplace_back("task");
    if (at_top && is_project()) return keys;
    if (at_top) keys.emplace_back("sandbox");
    for (const Setting& each : all_settings()) {
      if (section.takes(each)) keys.push_back(config_key(each));
    }
    return keys;
  }

  ConfigFile file_;
  bool has_profile_statement_ = false;
};

// The lines before the statement, empty, and then the statement: so its positions stay true.
std::string statement_alone(std::string_view text, const ProfileStatement& statement) {
  const auto begins = static_cast<std::size_t>(line_of(text, statement.begin)) - 1;
  const auto last_line = text.substr(0, statement.begin).rfind('\n');
  const auto column = statement.begin - (last_line == std::string_view::npos ? 0 : last_line + 1);
  return concat(std::string(begins, '\n'), std::string(column, ' '),
                text.substr(statement.begin, statement.end - statement.begin));
}

// Blanks keep every other position as it was.
std::string text_without(std::string_view text, const ProfileStatement& statement) {
  std::string rest(text);
  const auto first = rest.begin() + static_cast<std::ptrdiff_t>(statement.begin);
  const auto last = rest.begin() + static_cast<std::ptrdiff_t>(statement.end);
  std::replace_if(first, last, [](char c) { return c != '\n' && c != '\r'; }, ' ');
  return rest;
}

// Which entry holds a secret, without the secret; empty when none does.
std::string secret_in(const ConfigFile& file) {
  for (const FileEntry& entry : file.entries) {
    for (const std::string& text : entry.texts) {
      if (!holds_secret(*entry.setting, text)) continue;
      const std::string key = config_key(*entry.setting);
      return entry.setting->secret ? key : concat(key, " ", text.substr(0, text.find('=')));
    }
  }
  return {};
}

}  // namespace

ConfigFile parse_config(std::string_view text, const std::string& path, Layer layer) {
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  if (const auto line = find_deep_key(text, kDeepestKey)) {
    throw Error(ErrorCode::kInvalidArgument,
                concat(path, ":", *line, ":1: a key has more than ", kDeepestKey, " parts"));
  }
  Reader reader(path, layer);
  if (const auto statement = find_profile_statement(text)) {
    reader.read_profile_statement(parse_toml(statement_alone(text, *statement), path));
    reader.read_file(parse_toml(text_without(text, *statement), path));
  } else {
    reader.read_file(parse_toml(text, path));
  }
  return reader.take();
}

ConfigFile read_config_file(const std::string& path, Layer layer) {
  const FileText read = read_regular_file(path);
  ConfigFile file = parse_config(read.text, path, layer);
  constexpr mode_t kReadableByOthers = 044;
  const std::string secret = secret_in(file);
  if (!secret.empty() && (read.mode & kReadableByOthers) != 0) {
    file.warnings.push_back(concat(path, " holds a secret (", printable(secret),
                                   ") and others can read it; run: chmod 600 ", shell_quote(path)));
  }
  return file;
}

}  // namespace muster
