// SPDX-License-Identifier: Apache-2.0
#include "cli/parse.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <span>
#include <utility>

#include <CLI/CLI.hpp>

#include "base/error.h"
#include "base/text.h"
#include "cli/reference.h"

namespace muster::cli {

namespace {

std::vector<const Setting*> settings_of(const Command* command) {
  std::vector<const Setting*> settings;
  for (const std::string_view name : common_settings()) settings.push_back(&setting(name));
  if (command == nullptr) return settings;
  for (const std::string_view name : command->settings) settings.push_back(&setting(name));
  return settings;
}

const Setting* by_long(const Command* command, std::string_view name) {
  for (const Setting* setting : settings_of(command)) {
    if (setting->name == name) return setting;
  }
  return nullptr;
}

const Setting* by_letter(const Command* command, char letter) {
  for (const Setting* setting : settings_of(command)) {
    if (setting->letter == letter) return setting;
  }
  return nullptr;
}

Error usage_error(const Command* command, std::string message) {
  return {ErrorCode::kUsage, std::move(message), concat(full_name(command), " --help")};
}

// Flags as CLI11 is to see them: every value a word of its own, also an empty one.
class FlagWords {
 public:
  explicit FlagWords(const Command* command) : command_(command) {}
  void set_command(const Command* command) { command_ = command; }

  const std::vector<std::string>& words() const { return words_; }
  HelpAsked help() const { return help_; }

  // Takes the flag at `at` and, where it is a word of its own, the value; returns how many words.
  std::size_t take(std::span<const std::string> rest) {
    const std::string& word = rest.front();
    if (word == "-h" || word == "--help") {
      help_ = word == "-h" ? HelpAsked::kShort : HelpAsked::kFull;
      return 1;
    }
    const Setting* waiting = word.starts_with("--") ? take_long(word) : take_letters(word);
    if (waiting == nullptr) return 1;
    const bool any_text =
        waiting->type == SettingType::kText || waiting->type == SettingType::kPath;
    if (rest.size() < 2 || (rest[1] == "--" && !any_text)) {
      throw usage_error(command_,
                        concat("--", waiting->name, " wants a value: ", waiting->value_name));
    }
    words_.push_back(rest[1]);
    return 2;
  }

 private:
  // The setting whose value is the next word, or nullptr.
  const Setting* take_long(const std::string& word) {
    const std::size_t equals = word.find('=');
    words_.push_back(word.substr(0, equals));
    const Setting* found = by_long(command_, std::string_view(word).substr(2, equals - 2));
    const bool wants_value = found != nullptr && found->type != SettingType::kFlag;
    if (equals == std::string::npos) return wants_value ? found : nullptr;
    if (found != nullptr && !wants_value) {
      throw usage_error(command_, concat("--", found->name, " takes no value"));
    }
    words_.push_back(word.substr(equals + 1));
    return nullptr;
  }

  // -qt is -q -t; -n5 is -n 5.
  const Setting* take_letters(const std::string& word) {
    for (std::size_t i = 1; i < word.size(); ++i) {
      if (word[i] == 'h') {
        help_ = HelpAsked::kShort;
        continue;
      }
      words_.push_back(concat('-', word[i]));
      const Setting* found = by_letter(command_, word[i]);
      if (found == nullptr || found->type == SettingType::kFlag) continue;
      if (i + 1 == word.size()) return found;
      words_.push_back(word.substr(i + 1));
      return nullptr;
    }
    return nullptr;
  }

  const Command* command_;
  std::vector<std::string> words_;
  HelpAsked help_ = HelpAsked::kNo;
};

bool is_flag(const std::string& word) { return word.size() > 1 && word.front() == '-'; }

Error unknown_flag(const Command* command, const std::string& word) {
  std::vector<std::string> known;
  for (const Setting* setting : settings_of(command)) known.push_back(concat("--", setting->name));
  std::string message =
      concat("unknown flag ", in_quotes(word), " of ", in_quotes(full_name(command)));
  if (const auto near = nearest(word, known)) message += concat("; did you mean ", *near, "?");
  return usage_error(command, std::move(message));
}

std::string flag_spelling(const Setting& setting) {
  if (setting.letter == 0) return concat("--", setting.name);
  return concat('-', setting.letter, ",--", setting.name);
}

FlagValues read_flags(const Command* command, std::vector<std::string> words) {
  CLI::App app;
  app.set_help_flag();
  app.allow_extras();
  FlagValues values;
  std::map<const Setting*, std::vector<std::string>> texts;
  std::map<const Setting*, CLI::Option*> options;
  // To make all the options of a command takes longer than to read a line.
  const auto is_given = [&](const Setting* setting) {
    return std::any_of(words.begin(), words.end(), [&](const std::string& word) {
      return (word.starts_with("--") && std::string_view(word).substr(2) == setting->name) ||
             (word.size() == 2 && word[0] == '-' && word[1] == setting->letter);
    });
  };
  for (const Setting* setting : settings_of(command)) {
    if (!is_given(setting)) continue;
    CLI::Option* option = setting->type == SettingType::kFlag
                              ? app.add_flag(flag_spelling(*setting))
                              : app.add_option(flag_spelling(*setting), texts[setting]);
    if (setting->type != SettingType::kFlag) option->expected(1)->take_all();
    options[setting] = option;
  }
  std::reverse(words.begin(), words.end());  // CLI11 takes them from the back
  app.parse(std::move(words));               // every flag that wants a value has one by now
  const std::vector<std::string> extras = app.remaining();
  if (!extras.empty()) throw unknown_flag(command, extras.front());
  for (const auto& [setting, option] : options) {
    if (option->count() == 0) continue;
    std::vector<std::string>& given = texts[setting];
    if (setting->type == SettingType::kFlag) given = {"true"};
    if (!setting->repeatable) given.erase(given.begin(), given.end() - 1);  // the last one counts
    values.emplace(setting->name, std::move(given));
  }
  return values;
}

Error unknown_command(const std::string& word) {
  std::vector<std::string> known;
  for (const Command* command : members_of("")) known.emplace_back(command->name);
  std::string message = concat("unknown command ", in_quotes(word));
  if (const auto near = nearest(word, known)) {
    return {ErrorCode::kUsage, concat(message, "; did you mean ", in_quotes(*near), "?"),
            concat("muster ", *near, " --help")};
  }
  return {ErrorCode::kUsage, std::move(message),
          concat("muster --help lists the commands; to run a program: muster run -- ",
                 shell_quote(word))};
}

Error unknown_member(const Command& group, const std::string& word) {
  std::vector<std::string> known;
  for (const Command* command : members_of(group.name)) known.emplace_back(own_name(*command));
  std::string message = concat("unknown command ", in_quotes(concat(group.name, ' ', word)));
  if (const auto near = nearest(word, known)) {
    message += concat("; did you mean ", in_quotes(concat(group.name, ' ', *near)), "?");
  } else {
    message += concat("; there is ", join(known, ", "));
  }
  return usage_error(&group, std::move(message));
}

void check_arguments(const Command& command, const std::vector<std::string>& arguments,
                     const FlagValues& flags) {
  const Positional& wanted = command.positional;
  // `run -c STRING` brings its command along; `man --list` needs nothing further.
  if (wanted.required && arguments.empty() && !flags.contains("command")) {
    throw usage_error(&command, concat("missing ", wanted.name, ": ", wanted.brief));
  }
  const std::size_t most = wanted.name.empty() ? 0 : 1;
  if (!wanted.many && arguments.size() > most) {
    throw usage_error(&command, concat("unexpected argument ", in_quotes(arguments[most]), " for ",
                                       in_quotes(full_name(&command))));
  }
  if (wanted.choices.empty() || arguments.empty()) return;
  const std::vector<std::string> choices(wanted.choices.begin(), wanted.choices.end());
  if (std::find(choices.begin(), choices.end(), arguments.front()) != choices.end()) return;
  throw usage_error(&command, concat(wanted.name, " is one of ", join(choices, ", "), ", not ",
                                     in_quotes(arguments.front())));
}

// Walks over the words once: flags before and after the names of the command, then arguments.
class Walk {
 public:
  explicit Walk(std::span<const std::string> words) : rest_(words), flags_(nullptr) {}

  CommandLine finish() {
    while (!rest_.empty() && !arguments_only_) step();
    line_.arguments.insert(line_.arguments.end(), rest_.begin(), rest_.end());
    line_.help = flags_.help();
    if (line_.command != nullptr && is_group(*line_.command)) {
      if (!line_.arguments.empty()) throw unknown_member(*line_.command, line_.arguments.front());
      if (line_.help == HelpAsked::kNo) line_.help = HelpAsked::kShort;
    }
    if (line_.help != HelpAsked::kNo) return std::move(line_);
    line_.flags = read_flags(line_.command, flags_.words());
    if (line_.command != nullptr) check_arguments(*line_.command, line_.arguments, line_.flags);
    return std::move(line_);
  }

 private:
  void step() {
    const std::string& word = rest_.front();
    if (word == "--") {
      rest_ = rest_.subspan(1);
      arguments_only_ = true;
    } else if (line_.command == nullptr && (word == "--version" || word == "-V")) {
      line_.command = find_command("version");
      rest_ = rest_.subspan(1);
    } else if (is_flag(word)) {
      rest_ = rest_.subspan(flags_.take(rest_));
    } else if (!name_command(word)) {
      if (line_.command->runs_command) {
        arguments_only_ = true;
        return;
      }
      line_.arguments.push_back(word);
      rest_ = rest_.subspan(1);
    }
  }

  // Takes `word` as the command's name or the next part of it; false when it is an argument.
  bool name_command(const std::string& word) {
    if (line_.command != nullptr && !line_.arguments.empty()) return false;
    const std::string name =
        line_.command == nullptr ? word : concat(line_.command->name, ' ', word);
    const Command* found = find_command(name);
    if (found == nullptr && line_.command == nullptr) throw unknown_command(word);
    if (found == nullptr) return false;
    line_.command = found;
    flags_.set_command(found);
    rest_ = rest_.subspan(1);
    return true;
  }

  std::span<const std::string> rest_;
  FlagWords flags_;
  CommandLine line_;
  bool arguments_only_ = false;
};

}  // namespace

CommandLine parse_command_line(const std::vector<std::string>& words) {
  return Walk(words).finish();
}

}  // namespace muster::cli
