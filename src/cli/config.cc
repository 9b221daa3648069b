// SPDX-License-Identifier: Apache-2.0
// `muster config ...`: the settings in force, and where they come from.
#include "config/config.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/text.h"
#include "cli/context.h"
#include "cli/exit_code.h"
#include "cli/load_config.h"
#include "config/edit.h"
#include "term/table.h"
#include "wire/reports.h"

namespace muster::cli {

namespace {

SettingsReport report_settings(const Config& config) {
  SettingsReport report{config.profile(), {}};
  for (const Setting& setting : all_settings()) {
    if (setting.section == ConfigSection::kNowhere) continue;
    const Value* value = config.find(setting.name);
    if (value == nullptr) continue;
    report.settings.push_back({config_key(setting), shown_texts(setting, *value),
                               setting.repeatable, describe(value->origin)});
  }
  return report;
}

int show(const Context& context) {
  const SettingsReport report = report_settings(context.config);
  if (context.config.flag("json")) {
    context.streams.print(concat(to_json(report), '\n'));
    return 0;
  }
  const bool with_origin = context.config.flag("origin");
  std::vector<Column> columns = {{.title = "KEY"}, {.title = "VALUE", .may_shrink = true}};
  if (with_origin) columns.push_back({.title = "ORIGIN", .style = Style::kDim, .may_shrink = true});
  Table table(std::move(columns));
  for (const SettingReport& setting : report.settings) {
    std::vector<Cell> cells = {{setting.key}, {join(setting.values, ", ")}};
    if (with_origin) cells.push_back({setting.origin});
    table.add_row(std::move(cells));
  }
  context.streams.print(table.render(context.streams.out().columns, context.streams.out_painter()));
  return 0;
}

std::vector<std::pair<Layer, std::string>> places(const ConfigPaths& paths) {
  std::vector<std::pair<Layer, std::string>> places = {{Layer::kSystemFile, paths.system}};
  if (!paths.user.empty()) places.emplace_back(Layer::kUserFile, paths.user);
  if (!paths.project.empty()) places.emplace_back(Layer::kProjectFile, paths.project);
  return places;
}

std::string_view name_of(Layer layer) {
  if (layer == Layer::kSystemFile) return "system";
  return layer == Layer::kUserFile ? "user" : "project";
}

int path(const Context& context) {
  std::vector<PathReport> rows;
  for (const auto& [layer, path] : places(config_paths(context.services))) {
    rows.push_back({std::string(name_of(layer)), path, access(path.c_str(), F_OK) == 0});
  }
  if (context.config.flag("json")) {
    context.streams.print(concat(to_json(rows), '\n'));
    return 0;
  }
  for (const PathReport& row : rows) {
    context.streams.print(concat(row.exists ? "* " : "  ", row.path, '\n'));
  }
  return 0;
}

int profiles(const Context& context) {
  std::vector<ProfileReport> rows;
  for (const std::string& name : context.config.profiles()) {
    rows.push_back({name, name == context.config.profile()});
  }
  if (context.config.flag("json")) {
    context.streams.print(concat(to_json(rows), '\n'));
    return 0;
  }
  for (const ProfileReport& row : rows) {
    context.streams.print(concat(row.active ? "* " : "  ", row.name, '\n'));
  }
  return 0;
}

// Checks one file and tells what is wrong with it; true when nothing is.
bool check_file(const Context& context, const std::string& path, Layer layer) {
  try {
    const ConfigFile file = read_config_file(path, layer);
    for (const std::string& warning : file.warnings)
      context.streams.say(concat("warning: ", warning));
    context.streams.print(concat("ok ", path, '\n'));
    return true;
  } catch (const Error& error) {
    context.streams.complain(error);
    return false;
  }
}

int check(const Context& context) {
  bool all_right = true;
  if (!context.line.arguments.empty()) {
    const std::string& path = context.line.arguments.front();
    const bool project = std::filesystem::path(path).filename() == ".muster.toml";
    all_right = check_file(context, path, project ? Layer::kProjectFile : Layer::kUserFile);
    return all_right ? 0 : kExitFailed;
  }
  bool any = false;
  for (const auto& [layer, path] : places(config_paths(context.services))) {
    if (access(path.c_str(), F_OK) != 0 && errno == ENOENT) continue;
    any = true;
    all_right = check_file(context, path, layer) && all_right;
  }
  if (!any) {
    context.streams.say(
        "there is no config file; the defaults are in force "
        "(`muster config path` tells where files are looked for)");
    return 0;
  }
  if (!all_right) return kExitFailed;
  // Right one by one; together the profile they name must exist too.
  static_cast<void>(load_config(context.line, context.services));
  return 0;
}

int use(const Context& context) {
  const ConfigPaths paths = config_paths(context.services);
  if (paths.user.empty()) {
    throw Error(ErrorCode::kNotFound, "there is no home folder for a config file: HOME is not set",
                "set HOME or XDG_CONFIG_HOME");
  }
  const std::string& name = context.line.arguments.front();
  // Loading with the profile asked for says so when no file defines it.
  CommandLine line = context.line;
  line.flags["profile"] = {name};
  const Config config = load_config(line, context.services);
  set_active_profile(paths.user, config.profile());
  context.streams.say(
      concat("profile ", in_quotes(name), " is the default now (", paths.user, ')'));
  return 0;
}

}  // namespace

int config_command(const Context& context) {
  const std::string_view name = context.line.command->name;
  if (name == "config show") return show(context);
  if (name == "config check") return check(context);
  if (name == "config path") return path(context);
  if (name == "config profiles") return profiles(context);
  return use(context);
}

}  // namespace muster::cli
