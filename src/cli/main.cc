// SPDX-License-Identifier: Apache-2.0
#include "cli/main.h"

#include <exception>
#include <string>

#include "base/error.h"
#include "base/text.h"
#include "cli/completions.h"
#include "cli/exit_code.h"
#include "cli/help.h"
#include "cli/load_config.h"
#include "cli/man.h"

namespace muster::cli {

namespace {

// The page of a command: "run" and "muster-run.1" both name it.
std::string page_file(const std::string& asked) {
  for (const std::string& page : man_page_names()) {
    if (page == asked || page == concat("muster-", asked, ".1") ||
        page == concat("muster-", asked)) {
      return page;
    }
  }
  throw Error(ErrorCode::kUsage, concat("there is no manual page ", in_quotes(asked)),
              "muster man --list");
}

int man_command(const Context& context) {
  if (context.config.flag("list")) {
    context.streams.print(concat(join(man_page_names(), "\n"), '\n'));
    return 0;
  }
  const auto& arguments = context.line.arguments;
  context.streams.print(render_man(page_file(arguments.empty() ? "muster.1" : arguments.front())));
  return 0;
}

int show_help(const Command* command, HelpAsked asked, const Streams& streams) {
  streams.print(render_help(command, asked, streams.out().columns, streams.out_painter()));
  return 0;
}

int help_command(const CommandLine& line, const Streams& streams) {
  std::vector<std::string> words = line.arguments;
  words.emplace_back("--help");
  return show_help(parse_command_line(words).command, HelpAsked::kFull, streams);
}

int dispatch(const Context& context) {
  const Command* command = context.line.command;
  if (command == nullptr) return home_command(context);
  if (command->name == "run") return run_command(context);
  if (command->name.starts_with("config")) return config_command(context);
  if (command->name == "doctor") return doctor_command(context);
  if (command->name == "man") return man_command(context);
  if (command->name == "completions") {
    context.streams.print(render_completions(context.line.arguments.front()));
    return 0;
  }
  return version_command(context);
}

// Commands that must work however broken the config is.
bool needs_config(const Command* command) {
  return command == nullptr || (command->name != "config check" && command->name != "config path" &&
                                command->name != "completions" && command->name != "doctor" &&
                                command->name != "man" && command->name != "version");
}

Config config_for(const CommandLine& line, const Services& services) {
  if (needs_config(line.command)) return load_config(line, services);
  FlagValues flags = line.flags;
  flags.erase("profile");
  return Config::load({}, [](const char*) -> const char* { return nullptr; }, flags);
}

int run_line(const CommandLine& line, const Services& services) {
  const Getenv getenv = getenv_of(services);
  const bool is_help = line.command != nullptr && line.command->name == "help";
  if (line.help != HelpAsked::kNo || is_help) {
    const auto color = line.flags.find("color");
    const Streams streams(
        color == line.flags.end() ? ColorChoice::kAuto : parse_color_choice(color->second.back()),
        getenv);
    return is_help ? help_command(line, streams) : show_help(line.command, line.help, streams);
  }
  const Config config = config_for(line, services);
  const Streams streams(parse_color_choice(config.text("color")), getenv);
  if (!config.flag("quiet")) {
    for (const std::string& warning : config.warnings()) streams.say(concat("warning: ", warning));
  }
  return dispatch({line, config, streams, services});
}

}  // namespace

int run_program(const std::vector<std::string>& words, const Services& services) noexcept {
  bool runs_command = false;
  const Streams plain(ColorChoice::kAuto, getenv_of(services));
  try {
    const CommandLine line = parse_command_line(words);
    runs_command = line.command != nullptr && line.command->runs_command;
    return run_line(line, services);
  } catch (const Error& error) {
    plain.complain(error);
    return exit_code(error, runs_command);
  } catch (const std::exception& error) {
    plain.say(concat("internal error: ", error.what()));
    return runs_command ? kExitMuster : kExitFailed;
  }
}

}  // namespace muster::cli
