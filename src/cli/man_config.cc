// SPDX-License-Identifier: Apache-2.0
#include "cli/man_config.h"

#include <vector>

#include "base/text.h"
#include "cli/man.h"
#include "cli/mdoc.h"
#include "cli/reference.h"

namespace muster::cli {

namespace {

constexpr std::string_view kExampleFile =
    R"(# The profile that is used when none is named.
profile = "local"

# Defaults for every task, whatever the profile.
[task]
timeout = "30m"
env = ["CI=1", "LANG=C.UTF-8"]

# A preset of the sandbox: muster run --sandbox dev,tools
[sandbox.tools]
bind = ["ro:/opt/tools", "?rw:~/.cache/tools"]
env_pass = ["TOOLS_*"]
memory = "4G"

# A profile without a server keeps its tasks on this machine.
[profile.local]
store = "sqlite"

[profile.prod]
server = "https://muster.example.com"
token_file = "~/.config/muster/prod.token"

# What holds for tasks of the profile prod only.
[profile.prod.task]
queue = "ci"
timeout = "2h"
attempts = 3
backoff = "exponential:1s..5m"
)";

constexpr std::string_view kAbout =
    "Config files of muster are TOML 1.0. "
    "They set what would otherwise be given as flags, and name the servers and stores there are. "
    "A key that muster does not know, a value of the wrong type and a key in the wrong section "
    "are errors; they name file, line and column, and the nearest key that is known.\n\n"
    "A file is at most 1 MiB. "
    "`muster config check` looks for mistakes, `muster config show --origin` tells what is in "
    "force and why.";

constexpr std::string_view kLayers =
    "A setting may be given in several places. "
    "From weakest to strongest these are:";

constexpr std::string_view kLayerRules =
    "The stronger place replaces the value. "
    "Only a flag that may be given several times adds to the array in the config. "
    "Within one file the section `[profile.NAME.task]` of the active profile wins over `[task]`; "
    "yet any setting in a stronger file wins over both. "
    "An environment variable that is set but empty counts as unset.";

constexpr std::string_view kSections =
    "Keys stand at the top of the file, before the first section, or in one of these sections. "
    "Each key belongs into one kind of section, as listed under KEYS.";

constexpr std::string_view kValues =
    "The keys are the long flags with `_` in the place of `-`. "
    "Durations are strings such as `\"90s\"`, `\"5m\"` or `\"1h30m\"`, or whole numbers of "
    "seconds. "
    "Sizes are strings such as `\"512M\"` or `\"2G\"`, in powers of 1024, or whole numbers of "
    "bytes. "
    "A relative path is below the folder of the file it stands in; a leading `~/` is the home "
    "directory.";

constexpr std::string_view kProfiles =
    "A profile is a named set of settings: where tasks are kept or which server to talk to, and "
    "defaults for its tasks. "
    "The profile `local` always exists and needs no section. "
    "The active profile is the one that `--profile` names, else the variable `MUSTER_PROFILE`, "
    "else the key `profile` of the strongest file that has it, else `local`. "
    "Naming a profile that no file has is an error. "
    "`muster config profiles` lists the profiles, `muster config use NAME` makes one the "
    "default.\n\n"
    "Although TOML itself forbids a key beside sections of the same name, `profile = \"NAME\"` may "
    "stand at the top of a file that has sections `[profile.NAME]`. "
    "The settings of `[profile.NAME]` have no environment variables on purpose: a profile is one "
    "unit, and a server that was named elsewhere must never be given the token of another one.";

constexpr std::string_view kPresets =
    "A preset is a named set of settings for the sandbox and of limits, for `--sandbox NAME`, the "
    "variable `MUSTER_SANDBOX` or the key `sandbox`; commas stand between several. "
    "The presets strict, build, code and dev are built in and cannot be changed: use one of your "
    "own beside them, as in `dev,tools`.\n\n"
    "A preset stands where it is named. "
    "Its values win over every place that is weaker and lose to what is set by itself in the same "
    "section, variable or flags and in stronger ones. "
    "Of several presets a later one wins over an earlier one. "
    "Their lists add up, and no other list takes the place of a preset's: what it hides stays "
    "hidden, unless something else is bound there by name.";

constexpr std::string_view kProject =
    "The file `.muster.toml` comes with a project, and so perhaps from a stranger: entering a "
    "directory must never choose servers, give tokens away or loosen the sandbox. "
    "A file that belongs neither to you nor to root is ignored with a warning. "
    "Still, its `env` and `workdir` reach every command that is run below it: do not run muster in "
    "a "
    "project that you would not build. "
    "It can make the sandbox tighter: a limit counts where it is lower than what weaker places "
    "say, and so does a workspace that shows less; `net = \"host\"`, `landlock = \"no\"`, a `core` "
    "above 0 and a workspace that names a directory are errors. Of presets it can add `strict` and "
    "`code` to those that you chose. A `seccomp` policy counts where you have none. "
    "It may hold the section `[task]` only, and in it all keys but these:";

constexpr std::string_view kSecrets =
    "Secrets are masked wherever settings are shown. "
    "A token does not stand in the file; the file says where it is found. "
    "Values of `env` whose name has TOKEN, SECRET, PASSW, KEY, CREDENTIAL, AUTH or the like in it "
    "count as secrets. "
    "A file that holds secrets and that others can read gets a warning.";

// What may stand behind the '='.
std::string type_of(const Setting& setting) {
  if (setting.repeatable) return "an array of strings";
  switch (setting.type) {
    case SettingType::kFlag:
      return "`true` or `false`";
    case SettingType::kInteger:
      return concat("a whole number from ", setting.minimum, " to ", setting.maximum);
    case SettingType::kDecimal:
      return concat("a number from 0.01 to ", setting.maximum);
    case SettingType::kDuration:
      return "a duration";
    case SettingType::kSize:
      return "a size";
    case SettingType::kShare:
      return "a size, or a percentage of this machine's memory";
    case SettingType::kChoice:
      return concat("one of `", listed(setting.choices), '`');
    case SettingType::kPath:
      return "a path";
    case SettingType::kOctal:
      return "an octal number in quotes";
    case SettingType::kText:
    case SettingType::kWorkspace:
    case SettingType::kBind:
    case SettingType::kTmpfs:
    case SettingType::kBackoff:
    case SettingType::kRetryOn:
      return "a string";
  }
  return {};
}

void add_key(MdocPage& page, const Setting& setting) {
  const std::string_view value = setting.value_name.empty() ? "BOOLEAN" : setting.value_name;
  page.item(concat("Cm ", macro_argument(config_key(setting)), " No = Ar ", macro_argument(value)));
  page.prose(concat(sentence(setting.brief), ' ', setting.detail));
  std::string facts = concat("Type: ", type_of(setting));
  const auto add = [&](std::string_view what, std::string_view fact) {
    if (!fact.empty()) facts += concat("; ", what, " `", fact, '`');
  };
  add("default:", setting.fallback);
  add("environment:", setting.env);
  if (!commands_with(setting).empty()) add("flag:", concat("--", setting.name));
  add("example:", example_line(setting));
  page.prose(facts + '.');
}

void add_keys(MdocPage& page, std::string_view title, ConfigSection section) {
  page.subsection(title);
  page.begin_list();
  for (const Setting& setting : all_settings()) {
    if (setting.section == section) add_key(page, setting);
  }
  page.end_list();
}

void add_layers(MdocPage& page) {
  page.section("PRECEDENCE");
  page.prose(kLayers);
  page.paragraph_break();
  page.macro(".Bl -enum -compact");
  page.item("");
  page.macro("The defaults listed below.");
  for (const ConfigFilePlace& place : config_file_places()) {
    page.item("");
    page.macro(concat(".Pa ", guarded(roff_literal(place.path))));
    page.prose(concat("(", place.meaning, ')'));
  }
  page.item("");
  page.macro("Environment variables.");
  page.item("");
  page.macro("Flags of the command line.");
  page.end_list();
  page.paragraph_break();
  page.prose(kLayerRules);
}

void add_sections(MdocPage& page) {
  page.section("SECTIONS");
  page.prose(kSections);
  page.paragraph_break();
  page.begin_compact_list("[profile.NAME.task]");
  page.item(roff_literal("[task]"));
  page.macro("Defaults for every task.");
  page.item(roff_literal("[sandbox.NAME]"));
  page.macro("A preset: settings of the sandbox and limits that --sandbox NAME chooses.");
  page.item(roff_literal("[profile.NAME]"));
  page.macro("A profile: where its tasks are.");
  page.item(roff_literal("[profile.NAME.task]"));
  page.macro("Defaults for the tasks of that profile.");
  page.end_list();
}

void add_all_keys(MdocPage& page) {
  page.section("KEYS");
  page.prose(kValues);
  add_keys(page, "Top of the file", ConfigSection::kTop);
  add_keys(page, "[profile.NAME] sections", ConfigSection::kProfile);
  add_keys(page, "[task] and [profile.NAME.task] sections", ConfigSection::kTask);
}

// The keys for which `holds`, as a list.
template <typename Predicate>
void list_keys(MdocPage& page, Predicate holds) {
  page.macro(".Bl -bullet -compact");
  for (const Setting& setting : all_settings()) {
    if (!holds(setting)) continue;
    page.item("");
    page.macro(concat(".Cm ", macro_argument(config_key(setting))));
  }
  page.end_list();
}

void add_presets(MdocPage& page) {
  page.section("PRESETS");
  page.paragraphs(kPresets);
  page.paragraph_break();
  page.prose("These keys may stand in a preset:");
  list_keys(page, [](const Setting& setting) { return setting.preset; });
}

void add_project_rules(MdocPage& page) {
  page.section("PROJECT FILES");
  page.prose(kProject);
  page.paragraph_break();
  list_keys(page, [](const Setting& setting) {
    return setting.section == ConfigSection::kTask && setting.in_project == InProject::kRefused;
  });
}

}  // namespace

std::string_view example_config_file() { return kExampleFile; }

std::string example_line(const Setting& setting) {
  const std::string key = config_key(setting);
  if (setting.type == SettingType::kFlag) return concat(key, " = true");
  if (setting.example.empty()) return {};
  if (setting.type == SettingType::kInteger) return concat(key, " = ", setting.example);
  std::string text = "\"";
  for (const char c : setting.example) {
    if (c == '"' || c == '\\') text += '\\';
    text += c;
  }
  text += '"';
  return setting.repeatable ? concat(key, " = [", text, ']') : concat(key, " = ", text);
}

std::string render_config_page() {
  MdocPage page(
      {.date = kManDate, .name = "muster-config", .section = 5, .about = "config files of muster"});
  page.section("DESCRIPTION");
  page.paragraphs(kAbout);
  add_layers(page);
  add_sections(page);
  add_all_keys(page);
  page.section("PROFILES");
  page.paragraphs(kProfiles);
  add_presets(page);
  add_project_rules(page);
  page.section("SECRETS");
  page.prose(kSecrets);
  page.section("FILES");
  page.begin_list();
  for (const ConfigFilePlace& place : config_file_places()) {
    page.item(concat("Pa ", guarded(roff_literal(place.path))));
    page.prose(sentence(place.meaning));
  }
  page.end_list();
  page.section("EXAMPLES");
  page.prose("A whole file:");
  page.literal_block(kExampleFile);
  page.section("SEE ALSO");
  page.macro(".Xr muster 1 ,\n.Xr muster-config 1");
  return page.take();
}

}  // namespace muster::cli
