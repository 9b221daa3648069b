// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <charconv>
#include <system_error>
#include <vector>

#include "base/bytes.h"
#include "base/decimal.h"
#include "base/duration.h"
#include "base/error.h"
#include "base/text.h"
#include "config/path_values.h"
#include "config/setting.h"
#include "domain/retry.h"
#include "domain/sandbox.h"

namespace muster {
namespace {

Error wrong(std::string message, std::string next = {}) {
  return {ErrorCode::kInvalidArgument, std::move(message), std::move(next)};
}

bool is_alphanumeric(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

void check_integer(const Setting& setting, std::string_view text) {
  long number = 0;
  const char* end = text.data() + text.size();
  const auto [stop, fault] = std::from_chars(text.data(), end, number);
  const bool whole = fault == std::errc{} && stop == end;
  if (!whole || number < setting.minimum || number > setting.maximum) {
    throw wrong(concat(in_quotes(text), " is not a whole number from ", setting.minimum, " to ",
                       setting.maximum));
  }
}

void check_decimal(const Setting& setting, std::string_view text) {
  std::string_view rest = text;
  const auto number = take_decimal(rest);
  const auto hundredths = number ? times(*number, 100) : std::nullopt;
  const auto most = static_cast<std::uint64_t>(setting.maximum) * 100;
  if (!rest.empty() || !hundredths || *hundredths < 1 || *hundredths > most) {
    throw wrong(concat(in_quotes(text), " is not a number from 0.01 to ", setting.maximum));
  }
}

void check_size(const Setting& setting, std::string_view text) {
  const Bytes least{static_cast<std::uint64_t>(setting.minimum)};
  if (parse_bytes(text) < least) {
    throw wrong(concat(in_quotes(text), " is too small; the least is ", format_bytes(least)));
  }
}

void check_share(const Setting& setting, std::string_view text) {
  if (!text.ends_with('%')) return check_size(setting, text);
  const auto percent = parse_number(text.substr(0, text.size() - 1));
  if (!percent || *percent < 1 || *percent > 100) {
    throw wrong(concat(in_quotes(text), " is not a percentage from 1% to 100%"));
  }
}

void check_choice(const Setting& setting, std::string_view text) {
  if (std::ranges::find(setting.choices, text) != setting.choices.end()) return;
  const std::vector<std::string> choices(setting.choices.begin(), setting.choices.end());
  if (choices.size() == 1) {
    throw wrong(concat(in_quotes(text), " is not possible; the only choice is ", choices.front()));
  }
  const auto close = nearest(text, choices);
  throw wrong(concat(in_quotes(text), " is not one of ", join(choices, ", "),
                     close ? concat("; did you mean ", *close, "?") : ""));
}

void check_octal(std::string_view text) {
  const bool octal = !text.empty() && text.find_first_not_of("01234567") == std::string_view::npos;
  const auto digits = text.substr(std::min(text.find_first_not_of('0'), text.size()));
  if (!octal || digits.size() > 3) {
    throw wrong(concat(in_quotes(text),
                       " is not an octal mode from 0 to 0777; expected something "
                       "like 022"));
  }
}

// Never repeats the text: what stands behind the '=' may be a secret.
void check_env(std::string_view text) {
  if (text.empty() || text.front() == '=') {
    throw wrong("a variable has no name; expected NAME=VALUE, or NAME to pass the caller's value");
  }
}

bool is_section_name(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return is_alphanumeric(c) || c == '-' || c == '_' || c == '.';
  });
}

void check_presets(std::string_view text) {
  for (const std::string_view name : split(text, ',')) {
    if (is_section_name(name)) continue;
    throw wrong(concat(in_quotes(name),
                       " is not the name of a preset; expected letters, digits and - _ ., with "
                       "commas between several"));
  }
}

void check_groups(std::string_view text) {
  std::vector<std::string> known;
  for (const SyscallGroup& group : syscall_groups()) known.emplace_back(group.name);
  for (const std::string_view name : split(text, ',')) {
    if (std::ranges::find(known, name) != known.end()) continue;
    const auto close = nearest(name, known);
    throw wrong(concat(
        in_quotes(name), " is not a group of system calls",
        close ? concat("; did you mean ", *close, "?") : concat("; known: ", join(known, ", "))));
  }
}

// It becomes a path below /dev: no part of it may lead out of there.
void check_device(std::string_view text) {
  const bool letters = std::ranges::all_of(text, [](char c) {
    return is_alphanumeric(c) || c == '-' || c == '_' || c == '.' || c == '/';
  });
  const auto parts = split(text, '/');
  const bool inside = std::ranges::none_of(
      parts, [](std::string_view part) { return part.empty() || part == "." || part == ".."; });
  if (letters && inside) return;
  throw wrong(concat(in_quotes(text), " is not the name of a device; expected the path below /dev"),
              text.starts_with("/dev/") ? concat("write it without /dev/: ", text.substr(5)) : "");
}

void check_hostname(std::string_view text) {
  constexpr std::size_t kLongest = 64;  // HOST_NAME_MAX of sethostname(2)
  const bool letters =
      std::ranges::all_of(text, [](char c) { return is_alphanumeric(c) || c == '-' || c == '.'; });
  if (letters && !text.empty() && text.size() <= kLongest) return;
  throw wrong(concat(in_quotes(text),
                     " is not a host name; expected up to 64 letters, digits, dots and hyphens"));
}

// Never repeats a text with a '=': what stands behind it may be a secret.
void check_passed_name(std::string_view text) {
  if (text.find('=') != std::string_view::npos) {
    throw wrong("expected the name of a variable or a pattern, without a value",
                "to set a variable: --env NAME=VALUE");
  }
  const bool letters = std::ranges::all_of(text, [](char c) {
    return is_alphanumeric(c) || c == '_' || c == '*' || c == '.' || c == '-';
  });
  if (letters && !text.empty()) return;
  throw wrong(concat(in_quotes(text), " is not a variable's name or a pattern such as CARGO_*"));
}

void check_bind(const Setting& setting, std::string_view text) {
  const Getenv home = [](const char*) { return "/"; };
  const std::string whole = with_absolute_paths(setting, text, "/", home);
  parse_bind(take_optional_mark(whole).first);
}

void check_tmpfs(const Setting& setting, std::string_view text) {
  const Getenv home = [](const char*) { return "/"; };
  const std::string whole = with_absolute_paths(setting, text, "/", home);
  const Tmpfs tmpfs = parse_tmpfs(take_optional_mark(whole).first);
  // To the kernel, tmpfs(5), a size of 0 is no limit at all.
  if (tmpfs.size && *tmpfs.size == Bytes{0}) throw wrong("a tmpfs cannot have a size of 0");
}

void check_profile_name(std::string_view text) {
  if (is_section_name(text)) return;
  throw wrong(
      concat(in_quotes(text), " is not a profile name; expected letters, digits and - _ ."));
}

// Never repeats the text: it may be the token itself, put here by mistake.
void check_variable_name(std::string_view text) {
  const bool right =
      !text.empty() && !(text.front() >= '0' && text.front() <= '9') &&
      std::ranges::all_of(text, [](char c) { return is_alphanumeric(c) || c == '_'; });
  if (!right) {
    throw wrong(
        "expected the name of an environment variable such as CI_MUSTER_TOKEN, not the "
        "token itself");
  }
}

// The part of a URL between "//" and the path (RFC 3986, section 3.2); empty when there is none.
std::string_view authority(std::string_view url) {
  const auto slashes = url.find("//");
  if (slashes == std::string_view::npos) return {};
  const auto rest = url.substr(slashes + 2);
  return rest.substr(0, rest.find_first_of("/?#\\"));
}

// Never repeats the text, which may hold a password.
void check_no_password(std::string_view url) {
  if (authority(url).find('@') == std::string_view::npos) return;
  throw wrong("the URL holds a user name or password, which do not belong in the config",
              "write the URL without them and name a file with the token: token_file = \"PATH\"");
}

void check_server(std::string_view text) {
  check_no_password(text);
  const bool http = text.starts_with("http://") || text.starts_with("https://");
  const bool blank = std::ranges::any_of(
      text, [](char c) { return static_cast<unsigned char>(c) <= ' ' || c == '\x7f'; });
  const auto host = authority(text);
  if (!http || blank || host.empty() || host.front() == ':') {
    throw wrong(concat(in_quotes(text),
                       " is not a server; expected a URL such as "
                       "https://muster.example.com"));
  }
}

void check_text(const Setting& setting, std::string_view text) {
  if (setting.name == "env") return check_env(text);
  if (setting.name == "profile") return check_profile_name(text);
  if (setting.name == "token-env") return check_variable_name(text);
  if (setting.name == "server") return check_server(text);
  if (setting.name == "store") check_no_password(text);
  if (setting.name == "sandbox") return check_presets(text);
  if (setting.name == "allow") return check_groups(text);
  if (setting.name == "dev") return check_device(text);
  if (setting.name == "hostname") return check_hostname(text);
  if (setting.name == "env-pass") return check_passed_name(text);
  // An empty script is a script, as for sh(1).
  if (text.empty() && setting.name != "command") throw wrong("expected some text, got none");
}

void check_path(const Setting& setting, std::string_view text) {
  if (text.empty()) throw wrong("expected a path, got an empty text");
  if (setting.name == "record" && text == "-") {
    throw wrong("'-' cannot be the record: stdout belongs to the command",
                "use --json to get the record on stderr");
  }
}

}  // namespace

void check_value(const Setting& setting, std::string_view text) {
  // Neither an argument, a variable nor a path can hold it: execve(2) would cut the value there.
  if (text.find('\0') != std::string_view::npos) throw wrong("the value holds a NUL character");
  switch (setting.type) {
    case SettingType::kFlag:
      if (text != "true" && text != "false" && text != "1" && text != "0") {
        throw wrong(concat(in_quotes(text), " is neither true nor false"));
      }
      return;
    case SettingType::kText:
      return check_text(setting, text);
    case SettingType::kInteger:
      return check_integer(setting, text);
    case SettingType::kDuration:
      parse_duration(text);
      return;
    case SettingType::kDecimal:
      return check_decimal(setting, text);
    case SettingType::kSize:
      return check_size(setting, text);
    case SettingType::kShare:
      return check_share(setting, text);
    case SettingType::kChoice:
      return check_choice(setting, text);
    case SettingType::kPath:
      return check_path(setting, text);
    case SettingType::kWorkspace:
      parse_workspace(text);
      return;
    case SettingType::kBind:
      return check_bind(setting, text);
    case SettingType::kTmpfs:
      return check_tmpfs(setting, text);
    case SettingType::kBackoff:
      parse_backoff(text);
      return;
    case SettingType::kRetryOn:
      parse_retry_on(text);
      return;
    case SettingType::kOctal:
      return check_octal(text);
  }
}

}  // namespace muster
