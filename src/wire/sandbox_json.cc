// SPDX-License-Identifier: Apache-2.0
#include "wire/sandbox_json.h"

#include <string_view>

#include <boost/json/value.hpp>

#include "base/utf8.h"

namespace muster {

namespace json = boost::json;

namespace {

json::value text_or_null(std::string_view text) {
  return text.empty() ? json::value() : json::value(valid_utf8(text));
}

std::string_view word_for(WorkspaceMode mode) {
  switch (mode) {
    case WorkspaceMode::kReadWrite:
      return "rw";
    case WorkspaceMode::kReadOnly:
      return "ro";
    case WorkspaceMode::kOverlay:
      return "overlay";
    case WorkspaceMode::kNone:
      return "none";
  }
  __builtin_unreachable();
}

json::object workspace_to_json(const Workspace& workspace) {
  return {{"mode", word_for(workspace.mode)},
          {"directory", text_or_null(workspace.directory)},
          {"diff", workspace.show_diff},
          {"apply", workspace.apply}};
}

json::array binds_to_json(const std::vector<Bind>& binds) {
  json::array array;
  for (const Bind& bind : binds) {
    array.push_back(json::object{{"source", valid_utf8(bind.source)},
                                 {"target", valid_utf8(bind.target)},
                                 {"writable", bind.writable}});
  }
  return array;
}

json::array tmpfs_to_json(const std::vector<Tmpfs>& folders) {
  json::array array;
  for (const Tmpfs& folder : folders) {
    array.push_back(
        json::object{{"target", valid_utf8(folder.target)},
                     {"size", folder.size ? json::value(folder.size->count) : json::value()}});
  }
  return array;
}

}  // namespace

json::array texts_to_json(const std::vector<std::string>& texts) {
  json::array array;
  for (const std::string& text : texts) array.emplace_back(valid_utf8(text));
  return array;
}

json::object sandbox_to_json(const SandboxSpec& sandbox) {
  json::object object{{"isolation", name_of(sandbox.isolation)}};
  if (sandbox.isolation == Isolation::kNone) return object;
  object["workspace"] = workspace_to_json(sandbox.workspace);
  object["net"] = sandbox.network == Network::kHost ? "host" : "none";
  object["binds"] = binds_to_json(sandbox.binds);
  object["tmpfs"] = tmpfs_to_json(sandbox.tmpfs);
  object["rootfs"] = text_or_null(sandbox.rootfs);
  object["home"] = text_or_null(sandbox.home);
  object["devices"] = texts_to_json(sandbox.devices);
  object["allow"] = texts_to_json(sandbox.allow);
  object["seccomp"] = text_or_null(sandbox.policy_path);
  object["landlock"] = sandbox.landlock;
  object["map_root"] = sandbox.map_root;
  object["hostname"] = valid_utf8(sandbox.hostname);
  return object;
}

json::object enforced_to_json(const Enforced& enforced) {
  return {{"isolation", name_of(enforced.isolation)},
          {"namespaces", texts_to_json(enforced.namespaces)},
          {"identity", text_or_null(enforced.identity)},
          {"seccomp", enforced.seccomp},
          {"landlock_abi", enforced.landlock_abi},
          {"memory", text_or_null(name_of(enforced.memory))},
          {"cpus", text_or_null(name_of(enforced.cpus))},
          {"pids", text_or_null(name_of(enforced.pids))},
          {"cpu_time", text_or_null(name_of(enforced.cpu_time))},
          {"missing", texts_to_json(enforced.missing)}};
}

json::object changes_to_json(const WorkspaceChanges& changes) {
  json::array paths;
  for (const ChangedPath& changed : changes.paths) {
    paths.push_back(
        json::object{{"change", name_of(changed.kind)}, {"path", valid_utf8(changed.path)}});
  }
  return {{"applied", changes.applied},
          {"error", changes.error.empty() ? json::value() : json::value(valid_utf8(changes.error))},
          {"paths", std::move(paths)}};
}

json::array timings_to_json(const std::vector<StepTiming>& timings) {
  json::array array;
  for (const StepTiming& timing : timings) {
    array.push_back(
        json::object{{"step", valid_utf8(timing.step)}, {"seconds", to_seconds(timing.elapsed)}});
  }
  return array;
}

}  // namespace muster
