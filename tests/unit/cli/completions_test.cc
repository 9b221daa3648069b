// SPDX-License-Identifier: Apache-2.0
#include "cli/completions.h"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "base/error.h"
#include "base/text.h"
#include "cli/reference.h"

using namespace muster;
using namespace muster::cli;

namespace {

using Words = std::vector<std::string>;

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

/// A file with a script, removed at the end.
class ScriptFile {
 public:
  explicit ScriptFile(const std::string& text) {
    const int descriptor = mkstemp(path_.data());
    REQUIRE(descriptor >= 0);
    close(descriptor);
    std::ofstream(path_) << text;
  }
  ScriptFile(const ScriptFile&) = delete;
  ScriptFile& operator=(const ScriptFile&) = delete;
  ~ScriptFile() { unlink(path_.c_str()); }

  /// What bash prints when it reads the file.
  Words lines_from_bash() const {
    FILE* pipe = popen(concat("bash --norc ", path_, " 2>&1").c_str(), "r");
    REQUIRE(pipe != nullptr);
    std::string output;
    for (int c = fgetc(pipe); c != EOF; c = fgetc(pipe)) output += static_cast<char>(c);
    REQUIRE(pclose(pipe) == 0);
    Words lines;
    for (const std::string_view line : split(trim(output), '\n')) lines.emplace_back(line);
    return lines;
  }

 private:
  std::string path_ = "/tmp/muster-completions-XXXXXX";
};

/// What bash offers for a line of these words, the last of which is under the cursor. bash itself
/// splits words at = and : before it asks.
Words bash_offers(const Words& words, const std::string& line) {
  std::string script = render_completions("bash");
  script += "muster() { printf '* local\\n  prod\\n  staging\\n'; }\n";
  // Stands for bash-completion's, which completes another command's line.
  script += "_command_offset() { COMPREPLY=(\"other ${COMP_WORDS[*]:$1}\"); }\n";
  script += concat("COMP_WORDS=(", shell_quote(words), ")\n");
  script += concat("COMP_CWORD=", words.size() - 1, "\nCOMP_LINE=", shell_quote(line), '\n');
  script += "_muster\nprintf '%s\\n' \"${COMPREPLY[@]}\"\n";
  return ScriptFile(script).lines_from_bash();
}

Words bash_offers(const Words& words) { return bash_offers(words, join(words, " ")); }

}  // namespace

TEST_CASE("there are completions for bash, zsh and fish only") {
  CHECK_THROWS_AS(render_completions("tcsh"), Error);
  CHECK_THROWS_AS(render_completions(""), Error);
}

TEST_CASE("the completions of every shell know every command and flag") {
  for (const std::string shell : {"bash", "zsh", "fish"}) {
    const std::string script = render_completions(shell);
    for (const Command& command : all_commands()) {
      INFO(shell << ": " << command.name);
      CHECK(contains(script, own_name(command)));
      for (const FlagGroup& group : flag_groups(&command)) {
        for (const Setting* flag : group.flags) {
          INFO(flag->name);
          CHECK(contains(script, concat(shell == "fish" ? "--long-option " : "--", flag->name)));
          for (const std::string_view choice : flag->choices) CHECK(contains(script, choice));
        }
      }
    }
    CHECK(render_completions(shell) == script);
  }
}

TEST_CASE("no mark of a template is left in a script") {
  for (const std::string_view shell : {"bash", "zsh", "fish"}) {
    const std::string script = render_completions(shell);
    for (const std::string_view mark : {"@MEMBERS@", "@FLAGS@", "@LETTERS@", "@VALUES@"}) {
      CHECK_FALSE(contains(script, mark));
    }
  }
}

TEST_CASE("bash completes commands, the members of groups and flags") {
  CHECK(bash_offers({"muster", "r"}) == Words{"run"});
  CHECK(bash_offers({"muster", "config", "s"}) == Words{"show"});
  CHECK(bash_offers({"muster", "run", "--tim"}) == Words{"--timings", "--timeout", "--timestamps"});
  CHECK(bash_offers({"muster", "config", "show", "--o"}) == Words{"--origin"});
  CHECK(bash_offers({"muster", "config", "check", "--o"}) == Words{""});
}

TEST_CASE("bash completes values: choices, profiles and arguments") {
  const Words profiles = {"local", "prod", "staging"};
  CHECK(bash_offers({"muster", "--profile", ""}) == profiles);
  CHECK(bash_offers({"muster", "config", "use", ""}) == profiles);
  CHECK(bash_offers({"muster", "run", "--color", "a"}) == Words{"auto", "always"});
  CHECK(bash_offers({"muster", "completions", ""}) == Words{"bash", "zsh", "fish"});
  CHECK(bash_offers({"muster", "run", "-tC", "/et"}) == Words{"/etc"});
  CHECK(bash_offers({"muster", "run", "--record", "/etc/hostn"}) == Words{"/etc/hostname"});
}

TEST_CASE("flags before and behind a command do not confuse bash") {
  CHECK(bash_offers({"muster", "--profile", "run", "config", "s"}) == Words{"show"});
  CHECK(bash_offers({"muster", "config", "--color", "auto", "s"}) == Words{"show"});
  CHECK(bash_offers({"muster", "run", "-t", "--timeout", "5s", "--attem"}) == Words{"--attempts"});
  CHECK(bash_offers({"muster", "run", "-nx", "--attem"}) == Words{"--attempts"});
}

TEST_CASE("words that bash splits at = and : are taken as they were typed") {
  CHECK(bash_offers({"muster", "--color", "=", "al"}, "muster --color=al") == Words{"always"});
  CHECK(bash_offers({"muster", "--color", "="}, "muster --color=") ==
        Words{"auto", "always", "never"});
  CHECK(bash_offers({"muster", "--profile", "=", "prod", "config", "s"},
                    "muster --profile=prod config s") == Words{"show"});
  CHECK(bash_offers({"muster", "run", "--backoff", "fixed", ":", "1s", "--attem"},
                    "muster run --backoff fixed:1s --attem") == Words{"--attempts"});
}

TEST_CASE("from the first word that is no flag on bash completes another command's line") {
  CHECK(bash_offers({"muster", "run", "l"}) == Words{"other l"});
  CHECK(bash_offers({"muster", "run", "--", "--"}) == Words{"other --"});
  CHECK(bash_offers({"muster", "run", "-t", "ls", "--ti"}) == Words{"other ls --ti"});
  CHECK(bash_offers({"muster", "run", "--timeout", "5", "--", "ls", "-"}) == Words{"other ls -"});
  CHECK(bash_offers({"muster", "run", "-e", "A", "=", "b", "ls", "-"}, "muster run -e A=b ls -") ==
        Words{"other ls -"});
}
