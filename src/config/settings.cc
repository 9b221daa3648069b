// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "config/settings_tables.h"

namespace muster {
namespace {

constexpr std::array<std::string_view, 3> kColors{"auto", "always", "never"};

// The settings of a profile have no variable on purpose: a profile is one unit, and a server named
// from elsewhere must never be given the token of another one.
constexpr Setting kOtherSettings[] = {
    {.name = "json",
     .category = "Output",
     .brief = "print as JSON for programs",
     .detail = "One documented shape per command, named in its `schema` member; members are only "
               "ever added. `run` leaves stdout to the command and writes its record as one line "
               "to stderr when the last attempt has ended; every other command prints to stdout."},
    {.name = "origin",
     .category = "Output",
     .brief = "show where each value came from",
     .detail = "The file with line and column, the environment variable or the flag that set it, "
               "or `default`."},
    {.name = "list", .category = "Output", .brief = "list the pages there are"},

    {.name = "check-host",
     .type = SettingType::kText,
     .value_name = "TARGET",
     .category = "Checks",
     .brief = "also try to reach TARGET over the network",
     .detail = "TARGET is HOST, HOST:PORT or an http:// or https:// URL. The name is resolved, a "
               "connection is made and, for https, the certificate is verified; each step is "
               "reported. Nothing is sent to TARGET beyond that.",
     .example = "https://muster.example.com"},
    {.name = "apparmor-profile",
     .category = "Checks",
     .brief = "print an AppArmor profile for this binary and do nothing else",
     .detail = "Where AppArmor keeps user namespaces from programs without a profile, as on Ubuntu "
               "from 23.10 on, this one lets muster make them and restricts nothing else. Written "
               "to /etc/apparmor.d/muster and loaded with apparmor_parser, as in the example. It "
               "names the path of this binary: print it anew when that changes."},
    {.name = "ca",
     .type = SettingType::kPath,
     .completes = Completes::kFiles,
     .value_name = "FILE",
     .env = "MUSTER_CA",
     .category = "Checks",
     .brief = "trust the TLS roots in FILE as well",
     .detail = "A PEM file with one or more certificates, added to the roots of the system. The "
               "system's are looked for in SSL_CERT_FILE and then in the usual places.",
     .example = "/etc/ssl/company.pem"},

    {.name = "store",
     .type = SettingType::kText,
     .section = ConfigSection::kProfile,
     .fallback = "sqlite",
     .value_name = "STORE",
     .category = "Profile",
     .brief = "where tasks are kept",
     .detail = "`sqlite` is an embedded database that needs nothing installed, at "
               "$XDG_STATE_HOME/muster/queue.db; `sqlite:PATH` puts it elsewhere. A profile names "
               "a store or a server, not both; where it has a server, the store is not used.",
     .example = "sqlite:/srv/muster/queue.db"},
    {.name = "server",
     .type = SettingType::kText,
     .section = ConfigSection::kProfile,
     .value_name = "URL",
     .category = "Profile",
     .brief = "the muster server that this profile talks to",
     .detail = "An http:// or https:// URL. It may not hold a user name or password: give the "
               "token with `token_file`, `token_env` or `token_command`.",
     .example = "https://muster.example.com"},
    {.name = "token-file",
     .type = SettingType::kPath,
     .section = ConfigSection::kProfile,
     .completes = Completes::kFiles,
     .value_name = "FILE",
     .category = "Profile",
     .brief = "read the server's token from FILE",
     .detail = "White space at the end is not part of the token. A relative FILE is below the "
               "folder of the config file, and a leading ~/ is the home directory. A profile has "
               "one of `token_file`, `token_env` and `token_command`.",
     .example = "~/.config/muster/prod.token"},
    {.name = "token-env",
     .type = SettingType::kText,
     .section = ConfigSection::kProfile,
     .value_name = "NAME",
     .category = "Profile",
     .brief = "read the server's token from the environment variable NAME",
     .detail = "The name of the variable, not the token itself.",
     .example = "CI_MUSTER_TOKEN"},
    {.name = "token-command",
     .secret = true,
     .type = SettingType::kText,
     .section = ConfigSection::kProfile,
     .value_name = "STRING",
     .category = "Profile",
     .brief = "run STRING with /bin/sh -c and take its output as the server's token",
     .detail = "For password stores and cloud logins. White space at the end of the output is not "
               "part of the token. The command is masked wherever settings are shown, because it "
               "may itself hold a password.",
     .example = "pass show muster/prod"},

    {.name = "profile",
     .type = SettingType::kText,
     .section = ConfigSection::kTop,
     .completes = Completes::kProfiles,
     .value_name = "NAME",
     .env = "MUSTER_PROFILE",
     .category = "Common",
     .brief = "use the profile NAME of the config",
     .detail = "A profile says where tasks are kept or which server to talk to, and the defaults "
               "for them. Letters, digits and - _ . make a name. Without it the profile that the "
               "config names with `profile = \"NAME\"` is used, or else `local`, which always "
               "exists. `muster config profiles` lists them.",
     .example = "prod"},
    {.name = "color",
     .type = SettingType::kChoice,
     .section = ConfigSection::kTop,
     .fallback = "auto",
     .value_name = "WHEN",
     .env = "MUSTER_COLOR",
     .category = "Common",
     .brief = "when to use colours",
     .detail = "`auto` uses them on a terminal, unless NO_COLOR is set or TERM is dumb, and "
               "wherever CLICOLOR_FORCE is set. `always` and `never` are stronger than all of "
               "these.",
     .example = "never",
     .choices = kColors},
    {.name = "help",
     .letter = 'h',
     .category = "Common",
     .brief = "show help; -h is the short form",
     .detail = "-h gives the examples and one line per flag, --help everything there is to know."},
};

}  // namespace

std::span<const Setting> other_settings() { return kOtherSettings; }

std::span<const Setting> all_settings() {
  static const std::vector<Setting> all = [] {
    std::vector<Setting> parts;
    for (const auto part :
         {task_settings(), sandbox_settings(), limit_settings(), other_settings()}) {
      parts.insert(parts.end(), part.begin(), part.end());
    }
    return parts;
  }();
  return all;
}

// Looked up hundreds of times while a command line is read.
const Setting* find_setting(std::string_view name) {
  static const std::vector<const Setting*> sorted = [] {
    std::vector<const Setting*> pointers;
    for (const Setting& each : all_settings()) pointers.push_back(&each);
    std::ranges::sort(pointers, {}, &Setting::name);
    return pointers;
  }();
  const auto found = std::ranges::lower_bound(sorted, name, {}, &Setting::name);
  return found == sorted.end() || (*found)->name != name ? nullptr : *found;
}

const Setting& setting(std::string_view name) {
  if (const Setting* found = find_setting(name)) return *found;
  std::fprintf(stderr, "muster: %s:%d: no setting is called '%.*s'\n", __FILE__, __LINE__,
               static_cast<int>(name.size()), name.data());
  std::abort();
}

std::string config_key(const Setting& setting) {
  std::string key(setting.name);
  std::ranges::replace(key, '-', '_');
  return key;
}

}  // namespace muster
