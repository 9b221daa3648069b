// SPDX-License-Identifier: Apache-2.0
#include "config/presets.h"

#include <algorithm>
#include <array>
#include <filesystem>

namespace muster {
namespace {

// None of them sets `isolation`: whether there is a sandbox is one question, what it is like
// another.
constexpr std::array<std::string_view, 4> kNames{"build", "code", "dev", "strict"};

struct Line {
  std::string_view preset;
  std::string_view setting;
  std::string_view text;
};

constexpr Line kLines[] = {
    {"strict", "net", "none"},
    {"strict", "landlock", "yes"},
    {"strict", "map-root", "false"},

    {"build", "net", "none"},
    {"build", "workspace", "rw"},
    {"build", "memory", "80%"},
    {"build", "disk", "8G"},
    {"build", "inodes", "1048576"},
    {"build", "env-pass", "CC"},
    {"build", "env-pass", "CXX"},
    {"build", "env-pass", "CPPFLAGS"},
    {"build", "env-pass", "CFLAGS"},
    {"build", "env-pass", "CXXFLAGS"},
    {"build", "env-pass", "LDFLAGS"},
    {"build", "env-pass", "MAKEFLAGS"},

    {"code", "net", "none"},
    {"code", "workspace", "none"},
    {"code", "memory", "256M"},
    {"code", "pids", "64"},
    {"code", "disk", "64M"},
    {"code", "inodes", "16384"},
    {"code", "cpu-time", "10s"},
    {"code", "timeout", "30s"},
    {"code", "open-files", "256"},
    {"code", "file-size", "64M"},
    {"code", "output-limit", "1M"},

    {"dev", "net", "none"},
    {"dev", "workspace", "rw"},
    {"dev", "bind", "ro:~"},
    // What tools put there is fetched or made again when it is lost, and started by nobody.
    {"dev", "bind", "?rw:~/.cache"},
    {"dev", "bind", "?rw:~/.ccache"},
    {"dev", "bind", "?rw:~/.cargo/git"},
    {"dev", "bind", "?rw:~/.cargo/registry"},
    {"dev", "bind", "?rw:~/.gradle/caches"},
    {"dev", "bind", "?rw:~/.m2/repository"},
    {"dev", "bind", "?rw:~/.npm"},
    {"dev", "bind", "?rw:~/go/pkg"},
    // Folders of keys, logins, mail and browsers.
    {"dev", "tmpfs", "?~/.aws"},
    {"dev", "tmpfs", "?~/.azure"},
    {"dev", "tmpfs", "?~/.config/BraveSoftware"},
    {"dev", "tmpfs", "?~/.config/chromium"},
    {"dev", "tmpfs", "?~/.config/doctl"},
    {"dev", "tmpfs", "?~/.config/gcloud"},
    {"dev", "tmpfs", "?~/.config/gh"},
    {"dev", "tmpfs", "?~/.config/glab-cli"},
    {"dev", "tmpfs", "?~/.config/google-chrome"},
    {"dev", "tmpfs", "?~/.config/hub"},
    {"dev", "tmpfs", "?~/.config/microsoft-edge"},
    {"dev", "tmpfs", "?~/.config/muster"},
    {"dev", "tmpfs", "?~/.config/op"},
    {"dev", "tmpfs", "?~/.config/rclone"},
    {"dev", "tmpfs", "?~/.config/sops"},
    {"dev", "tmpfs", "?~/.docker"},
    {"dev", "tmpfs", "?~/.gnupg"},
    {"dev", "tmpfs", "?~/.kube"},
    {"dev", "tmpfs", "?~/.local/share/keyrings"},
    {"dev", "tmpfs", "?~/.local/share/kwalletd"},
    {"dev", "tmpfs", "?~/.local/state/muster"},
    {"dev", "tmpfs", "?~/.mozilla"},
    {"dev", "tmpfs", "?~/.oci"},
    {"dev", "tmpfs", "?~/.password-store"},
    {"dev", "tmpfs", "?~/.pki"},
    {"dev", "tmpfs", "?~/.ssh"},
    {"dev", "tmpfs", "?~/.terraform.d"},
    {"dev", "tmpfs", "?~/.thunderbird"},
    {"dev", "tmpfs", "?~/.vault"},
    // Files of the same kind: /dev/null stands in their place.
    {"dev", "bind", "?ro:/dev/null:~/.Xauthority"},
    {"dev", "bind", "?ro:/dev/null:~/.ICEauthority"},
    {"dev", "bind", "?ro:/dev/null:~/.bash_history"},
    {"dev", "bind", "?ro:/dev/null:~/.boto"},
    {"dev", "bind", "?ro:/dev/null:~/.cargo/credentials"},
    {"dev", "bind", "?ro:/dev/null:~/.cargo/credentials.toml"},
    {"dev", "bind", "?ro:/dev/null:~/.config/git/credentials"},
    {"dev", "bind", "?ro:/dev/null:~/.gem/credentials"},
    {"dev", "bind", "?ro:/dev/null:~/.git-credentials"},
    {"dev", "bind", "?ro:/dev/null:~/.gradle/gradle.properties"},
    {"dev", "bind", "?ro:/dev/null:~/.m2/settings.xml"},
    {"dev", "bind", "?ro:/dev/null:~/.my.cnf"},
    {"dev", "bind", "?ro:/dev/null:~/.netrc"},
    {"dev", "bind", "?ro:/dev/null:~/.npmrc"},
    {"dev", "bind", "?ro:/dev/null:~/.pgpass"},
    {"dev", "bind", "?ro:/dev/null:~/.pypirc"},
    {"dev", "bind", "?ro:/dev/null:~/.python_history"},
    {"dev", "bind", "?ro:/dev/null:~/.s3cfg"},
    {"dev", "bind", "?ro:/dev/null:~/.vault-token"},
    {"dev", "bind", "?ro:/dev/null:~/.zsh_history"},
    {"dev", "env-pass", "CC"},
    {"dev", "env-pass", "CXX"},
    {"dev", "env-pass", "CPPFLAGS"},
    {"dev", "env-pass", "CFLAGS"},
    {"dev", "env-pass", "CXXFLAGS"},
    {"dev", "env-pass", "LDFLAGS"},
    {"dev", "env-pass", "MAKEFLAGS"},
    {"dev", "env-pass", "RUSTFLAGS"},
    {"dev", "env-pass", "RUST_BACKTRACE"},
    {"dev", "env-pass", "CARGO_HOME"},
    {"dev", "env-pass", "RUSTUP_HOME"},
    {"dev", "env-pass", "GOPATH"},
    {"dev", "env-pass", "GOFLAGS"},
    {"dev", "env-pass", "NODE_ENV"},
    {"dev", "env-pass", "NODE_OPTIONS"},
    {"dev", "env-pass", "NVM_DIR"},
    {"dev", "env-pass", "PYTHONPATH"},
    {"dev", "env-pass", "VIRTUAL_ENV"},
    {"dev", "env-pass", "JAVA_HOME"},
    {"dev", "env-pass", "EDITOR"},
    {"dev", "env-pass", "VISUAL"},
    {"dev", "env-pass", "PAGER"},
    {"dev", "env-pass", "LESS"},
};

PresetValue& value_of(std::vector<PresetValue>& preset, const Setting& setting) {
  const auto known = std::ranges::find(preset, &setting, &PresetValue::setting);
  return known != preset.end() ? *known : preset.emplace_back(PresetValue{&setting, {}, "/", ""});
}

}  // namespace

std::span<const std::string_view> builtin_presets() { return kNames; }

Presets collect_presets(std::span<const ConfigFile> files) {
  Presets presets;
  for (const Line& line : kLines) {
    auto& preset = presets[std::string(line.preset)];
    value_of(preset, setting(line.setting)).texts.emplace_back(line.text);
  }
  for (const ConfigFile& file : files) {
    const std::string folder = std::filesystem::path(file.path).parent_path().string();
    for (const std::string& name : file.presets) presets[name];
    for (const FileEntry& entry : file.entries) {
      if (entry.preset.empty()) continue;
      value_of(presets[entry.preset], *entry.setting) = {entry.setting, entry.texts, folder,
                                                         place_of(file, entry)};
    }
  }
  return presets;
}

}  // namespace muster
