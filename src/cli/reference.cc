// SPDX-License-Identifier: Apache-2.0
#include "cli/reference.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace muster::cli {

namespace {

constexpr std::array<ExitStatus, 7> kRunStatuses = {{
    {"N", "the command's own exit code, when it ended by itself"},
    {"2", "the command line of muster is wrong"},
    {"124", "the command ran out of time"},
    {"125", "a failure of muster itself: its config is bad, or it could not start the command"},
    {"126", "the command was found but cannot be executed, or a policy denied it"},
    {"127", "the command was not found"},
    {"128+N", "the command was killed by signal N; 137 when it ran out of memory"},
}};

constexpr std::array<ExitStatus, 3> kStatuses = {{
    {"0", "success"},
    {"1", "it failed, or what it checked is not in order"},
    {"2", "the command line is wrong"},
}};

constexpr std::array<ConfigFilePlace, 3> kConfigFilePlaces = {{
    {"/etc/muster/config.toml", "settings for everyone on this machine"},
    {"~/.config/muster/config.toml", "your own settings; below $XDG_CONFIG_HOME where that is set"},
    {".muster.toml",
     "defaults of a project for its tasks: the nearest one from the working directory up"},
}};

bool takes(const Command& command, const Setting& setting) {
  return std::ranges::find(command.settings, setting.name) != command.settings.end();
}

void add_flag(std::vector<FlagGroup>& groups, const Setting& flag) {
  auto group = std::ranges::find(groups, flag.category, &FlagGroup::title);
  if (group == groups.end()) group = groups.insert(groups.end(), {flag.category, {}});
  group->flags.push_back(&flag);
}

}  // namespace

std::vector<FlagGroup> flag_groups(const Command* command) {
  std::vector<FlagGroup> groups;
  if (command != nullptr) {
    for (const std::string_view name : command->settings) add_flag(groups, setting(name));
  }
  for (const std::string_view name : common_settings()) add_flag(groups, setting(name));
  return groups;
}

std::vector<const Command*> members_of(std::string_view group) {
  const std::string prefix = group.empty() ? "" : concat(group, ' ');
  std::vector<const Command*> members;
  for (const Command& command : all_commands()) {
    if (!command.name.starts_with(prefix)) continue;
    if (command.name.find(' ', prefix.size()) != std::string_view::npos) continue;
    members.push_back(&command);
  }
  return members;
}

bool is_group(const Command& command) { return !members_of(command.name).empty(); }

std::string_view own_name(const Command& command) {
  return command.name.substr(command.name.rfind(' ') + 1);
}

std::string full_name(const Command* command) {
  return command == nullptr ? "muster" : concat("muster ", command->name);
}

std::vector<Example> examples_of(const Command* command) {
  if (command != nullptr) return {command->examples.begin(), command->examples.end()};
  std::vector<Example> examples;
  for (const Command* member : members_of("")) {
    if (!member->examples.empty()) examples.push_back(member->examples.front());
  }
  return examples;
}

std::vector<const Command*> commands_with(const Setting& setting) {
  const auto common = common_settings();
  if (std::ranges::find(common, setting.name) != common.end()) return {nullptr};
  std::vector<const Command*> commands;
  for (const Command& command : all_commands()) {
    if (takes(command, setting)) commands.push_back(&command);
  }
  return commands;
}

std::span<const ExitStatus> exit_statuses(const Command* command) {
  if (command != nullptr && command->runs_command) return kRunStatuses;
  return kStatuses;
}

std::span<const ConfigFilePlace> config_file_places() { return kConfigFilePlaces; }

std::string_view about_muster() {
  return "muster runs any command under limits and reports truly how it ended: exit code, reason, "
         "output and resource use.";
}

std::string_view muster_synopsis() { return "[FLAGS] COMMAND [ARG...]"; }

std::string config_place(const Setting& setting) {
  switch (setting.section) {
    case ConfigSection::kNowhere:
      return {};
    case ConfigSection::kTop:
      return config_key(setting);
    case ConfigSection::kProfile:
      return concat("profile.NAME.", config_key(setting));
    case ConfigSection::kTask:
      return concat("task.", config_key(setting));
  }
  return {};
}

std::string sentence(std::string_view brief) {
  std::string text(brief);
  if (text.empty()) return text;
  if (text.front() >= 'a' && text.front() <= 'z') {
    text.front() = static_cast<char>(text.front() - 'a' + 'A');
  }
  return text.ends_with('.') ? text : text + '.';
}

std::string listed(std::span<const std::string_view> parts) {
  return join(std::vector<std::string>(parts.begin(), parts.end()), ", ");
}

}  // namespace muster::cli
