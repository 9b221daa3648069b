// SPDX-License-Identifier: Apache-2.0
#include "cli/parse.h"

#include <catch2/catch.hpp>

#include "base/error.h"

namespace muster::cli {

namespace {

using Words = std::vector<std::string>;

CommandLine parse(const Words& words) { return parse_command_line(words); }

// The one value of a flag; "unset" without it.
std::string value(const CommandLine& line, std::string_view flag) {
  const auto found = line.flags.find(flag);
  if (found == line.flags.end()) return "unset";
  return found->second.size() == 1 ? found->second.front() : "several";
}

Error refusal(const Words& words) {
  try {
    parse(words);
  } catch (const Error& error) {
    CHECK(error.code() == ErrorCode::kUsage);
    return error;
  }
  FAIL("the command line was taken");
  return {ErrorCode::kIo, ""};
}

}  // namespace

TEST_CASE("no word at all is no command") {
  const CommandLine line = parse({});
  CHECK(line.command == nullptr);
  CHECK(line.help == HelpAsked::kNo);
}

TEST_CASE("commands are found by one word or by two") {
  CHECK(parse({"version"}).command == find_command("version"));
  CHECK(parse({"config", "show"}).command == find_command("config show"));
}

TEST_CASE("--version and -V are the command version") {
  CHECK(parse({"--version"}).command == find_command("version"));
  CHECK(parse({"-V"}).command == find_command("version"));
}

TEST_CASE("behind -- every word belongs to the command") {
  const CommandLine line = parse({"run", "-q", "--", "-x", "--quiet", "--", "-h"});
  CHECK(line.arguments == Words{"-x", "--quiet", "--", "-h"});
  CHECK(value(line, "quiet") == "true");
}

TEST_CASE("from the first argument on every word belongs to the command") {
  const CommandLine line = parse({"run", "-q", "ls", "-l", "--json", "--", "-t"});
  CHECK(line.arguments == Words{"ls", "-l", "--json", "--", "-t"});
  CHECK_FALSE(line.flags.contains("json"));
}

TEST_CASE("the name of a muster command is an argument like any other behind run") {
  CHECK(parse({"run", "run", "config"}).arguments == Words{"run", "config"});
}

TEST_CASE("an empty word and a single dash are arguments") {
  CHECK(parse({"run", "", "x"}).arguments == Words{"", "x"});
  CHECK(parse({"run", "-", "x"}).arguments == Words{"-", "x"});
}

TEST_CASE("a value is the rest of the word or the next one") {
  for (const Words& spelling :
       {Words{"-n5"}, Words{"-n", "5"}, Words{"--name", "5"}, Words{"--name=5"}}) {
    Words words = {"run"};
    words.insert(words.end(), spelling.begin(), spelling.end());
    words.emplace_back("true");
    const CommandLine line = parse(words);
    CHECK(value(line, "name") == "5");
    CHECK(line.arguments == Words{"true"});
  }
}

TEST_CASE("letters without values may share a word, and the last may bring its value") {
  const CommandLine line = parse({"run", "-qt", "x"});
  CHECK(value(line, "quiet") == "true");
  CHECK(value(line, "tty") == "true");
  CHECK(value(parse({"run", "-qn5", "x"}), "name") == "5");
  CHECK(value(parse({"run", "-qtn", "5", "x"}), "name") == "5");
}

TEST_CASE("values may be empty or look like flags, equals signs and separators") {
  CHECK(value(parse({"run", "--name=", "x"}), "name").empty());
  CHECK(value(parse({"run", "--name", "", "x"}), "name").empty());
  CHECK(value(parse({"run", "--name=-q", "x"}), "name") == "-q");
  CHECK(value(parse({"run", "-n", "--quiet", "x"}), "name") == "--quiet");
  CHECK(value(parse({"run", "-n", "--", "x"}), "name") == "--");
  CHECK(value(parse({"run", "--name=a=b", "x"}), "name") == "a=b");
  CHECK(value(parse({"run", "-n=b", "x"}), "name") == "=b");
  CHECK(value(parse({"run", "--nice", "-5", "x"}), "nice") == "-5");
}

TEST_CASE("flags of every command may stand before its name") {
  const CommandLine line = parse({"--profile", "prod", "run", "x"});
  CHECK(value(line, "profile") == "prod");
  CHECK(line.arguments == Words{"x"});
}

TEST_CASE("flags may stand between and behind the words of a command that runs nothing") {
  CHECK(value(parse({"config", "--color=never", "show", "--json"}), "color") == "never");
  const CommandLine line = parse({"config", "use", "prod", "--color", "never"});
  CHECK(line.arguments == Words{"prod"});
  CHECK(value(line, "color") == "never");
}

TEST_CASE("a repeatable flag collects its values, any other keeps the last") {
  const CommandLine line = parse({"run", "-e", "A=1", "--env=B=2", "-n", "x", "-n", "y", "true"});
  CHECK(line.flags.at("env") == Words{"A=1", "B=2"});
  CHECK(value(line, "name") == "y");
}

TEST_CASE("a flag given twice is still true") {
  CHECK(value(parse({"run", "-q", "--quiet", "-qq", "x"}), "quiet") == "true");
}

TEST_CASE("-h asks for the short help and --help for the full one, wherever they stand") {
  CHECK(parse({"-h"}).help == HelpAsked::kShort);
  CHECK(parse({"--help"}).help == HelpAsked::kFull);
  const CommandLine line = parse({"run", "--help"});
  CHECK(line.command == find_command("run"));
  CHECK(line.help == HelpAsked::kFull);
  CHECK(parse({"run", "--no-such-flag", "-h"}).help == HelpAsked::kShort);
}

TEST_CASE("-h among other letters asks for help as well, and runs nothing") {
  CHECK(parse({"run", "-qh", "true"}).help == HelpAsked::kShort);
}

TEST_CASE("-h behind the command to run is the command's own") {
  const CommandLine line = parse({"run", "ls", "-h"});
  CHECK(line.help == HelpAsked::kNo);
  CHECK(line.arguments == Words{"ls", "-h"});
}

TEST_CASE("a group alone shows its help") {
  const CommandLine line = parse({"config"});
  CHECK(line.command == find_command("config"));
  CHECK(line.help == HelpAsked::kShort);
}

TEST_CASE("an unknown command names the nearest one or the way to run a program") {
  const Error near = refusal({"versoin"});
  CHECK(near.message() == "unknown command 'versoin'; did you mean 'version'?");
  CHECK(near.next() == "muster version --help");
  CHECK_THAT(refusal({"/bin/ls"}).next(), Catch::EndsWith("muster run -- /bin/ls"));
}

TEST_CASE("an unknown member of a group names the nearest one or all") {
  CHECK_THAT(refusal({"config", "shwo"}).message(), Catch::EndsWith("did you mean 'config show'?"));
  CHECK_THAT(refusal({"config", "xyzzy"}).message(), Catch::Contains("there is show, "));
}

TEST_CASE("an unknown flag names itself and the nearest one") {
  CHECK(refusal({"run", "--timeuot=5", "x"}).message() ==
        "unknown flag '--timeuot' of 'muster run'; did you mean --timeout?");
  CHECK_THAT(refusal({"run", "-Z", "x"}).message(), Catch::Contains("unknown flag '-Z'"));
  CHECK_THAT(refusal({"run", "-qZ", "x"}).message(), Catch::Contains("unknown flag '-Z'"));
}

TEST_CASE("a flag of another command is unknown") {
  CHECK_THAT(refusal({"version", "--timeout=5"}).message(), Catch::Contains("of 'muster version'"));
}

TEST_CASE("a long flag is not found by its beginning") {
  CHECK_THAT(refusal({"run", "--time", "5", "x"}).message(), Catch::Contains("unknown flag"));
}

TEST_CASE("a flag whose value is missing says what it wants") {
  CHECK(refusal({"run", "-q", "--timeout"}).message() == "--timeout wants a value: DURATION");
  CHECK(refusal({"run", "-qn"}).message() == "--name wants a value: NAME");
}

TEST_CASE("a flag that takes no value refuses one") {
  CHECK(refusal({"run", "--quiet=yes", "x"}).message() == "--quiet takes no value");
}

TEST_CASE("run needs a command unless a shell string brings one") {
  CHECK_THAT(refusal({"run", "-q"}).message(), Catch::StartsWith("missing COMMAND"));
  CHECK_THAT(refusal({"run", "--"}).message(), Catch::StartsWith("missing COMMAND"));
  CHECK(parse({"run", "-c", "echo"}).arguments.empty());
  CHECK(parse({"run", "-c", "echo", "--", "a"}).arguments == Words{"a"});
}

TEST_CASE("superfluous and missing arguments are refused") {
  CHECK_THAT(refusal({"version", "now"}).message(), Catch::Contains("unexpected argument 'now'"));
  CHECK_THAT(refusal({"config", "use"}).message(), Catch::StartsWith("missing NAME"));
  CHECK_THAT(refusal({"config", "use", "a", "b"}).message(),
             Catch::Contains("unexpected argument 'b'"));
}

TEST_CASE("an argument that is none of the choices is refused with all of them") {
  CHECK_THAT(refusal({"completions", "csh"}).message(), Catch::Contains("bash, zsh, fish"));
}

}  // namespace muster::cli
