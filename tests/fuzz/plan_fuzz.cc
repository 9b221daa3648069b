// SPDX-License-Identifier: Apache-2.0

// Plans of sandboxes nobody asked for on hosts nobody has. The input is read as a host, the paths
// found on it, and a spec whose binds and tmpfs went through their parsers. A plan that comes out
// keeps the promises of its order and of its targets; what is refused is an Error of one line.

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/text.h"
#include "sandbox/plan.h"

namespace muster::sandbox {

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

/// Takes the input apart from its front; an exhausted one gives zeros and empty texts.
class Input {
 public:
  Input(const std::uint8_t* data, std::size_t size)
      : rest_(reinterpret_cast<const char*>(data), size) {}

  std::uint8_t byte() {
    if (rest_.empty()) return 0;
    const char first = rest_.front();
    rest_.remove_prefix(1);
    return static_cast<std::uint8_t>(first);
  }
  bool flag() { return (byte() & 1U) != 0; }
  std::uint32_t number() {
    std::uint32_t value = 0;
    for (int i = 0; i < 4; ++i) value = value << 8U | byte();
    return value;
  }
  /// Small numbers and the borders of ids more often than chance would give them.
  std::uint32_t id() {
    constexpr std::array<std::uint32_t, 8> kSpecial{0,          1,          1000,       65534,
                                                    0x70000000, 0x7FFDFFFF, 0xFFFFFFFE, 0xFFFFFFFF};
    const std::uint8_t kind = byte();
    return kind < kSpecial.size() ? kSpecial.at(kind) : number();
  }
  /// Up to the next line's end.
  std::string text() {
    const std::size_t end = std::min(rest_.find('\n'), rest_.size());
    std::string out(rest_.substr(0, end));
    rest_.remove_prefix(std::min(end + 1, rest_.size()));
    return out;
  }
  /// As whoever makes a spec or finds a host would have it.
  std::string path() { return normal_absolute_path(concat('/', text())); }

 private:
  std::string_view rest_;
};

Availability read_availability(Input& input) {
  if (!input.flag()) return {};
  return {false, EPERM, "not here", input.flag() ? "a remedy" : ""};
}

std::vector<IdRange> read_ranges(Input& input) {
  std::vector<IdRange> ranges;
  for (int left = input.byte() % 4; left > 0; --left) {
    const std::uint32_t first = input.id();
    ranges.push_back({first, input.id()});
  }
  return ranges;
}

std::vector<SystemEntry> read_entries(Input& input) {
  std::vector<SystemEntry> entries;
  for (int left = input.byte() % 4; left > 0; --left) {
    std::string path = input.path();
    entries.push_back({std::move(path), input.flag() ? "usr/bin" : ""});
  }
  return entries;
}

HostFacts read_host(Input& input) {
  HostFacts host;
  host.uid = input.id();
  host.gid = input.id();
  host.privileged = input.flag();
  host.is_host_root = host.uid == 0 && input.flag();
  host.uids = read_ranges(input);
  host.gids = read_ranges(input);
  host.user_namespaces = read_availability(input);
  host.private_proc = read_availability(input);
  host.seccomp = read_availability(input);
  host.landlock_abi = input.byte() % 8;
  host.system = read_entries(input);
  host.etc = read_entries(input);
  return host;
}

SourceFacts read_source(Input& input, std::string path) {
  SourceFacts source;
  source.path = std::move(path);
  const std::uint8_t kind = input.byte();
  source.error_number = kind % 8 == 7 ? ENOENT : 0;
  source.is_folder = kind % 4 != 3;
  source.is_link = kind % 16 == 3;
  source.link_target = source.is_link ? "elsewhere" : "";
  source.device = 1;
  source.inode = 1 + input.byte();
  source.uid = input.id();
  source.gid = input.id();
  source.maps_ids = kind < 128;
  return source;
}

Spec read_spec(Input& input) {
  Spec spec;
  spec.argv = {"true"};
  spec.tty = input.flag();
  if (input.flag()) spec.limits.disk = Bytes{input.number()};
  if (input.flag()) spec.limits.inodes = input.number();
  SandboxSpec& sandbox = spec.sandbox;
  sandbox.isolation = input.flag() ? Isolation::kBestEffort : Isolation::kSandbox;
  sandbox.workspace.mode = static_cast<WorkspaceMode>(input.byte() % 4);
  if (sandbox.workspace.mode != WorkspaceMode::kNone) sandbox.workspace.directory = input.path();
  sandbox.network = input.flag() ? Network::kHost : Network::kNone;
  sandbox.home = input.path();
  if (input.flag()) sandbox.rootfs = input.path();
  sandbox.landlock = input.flag();
  sandbox.map_root = input.flag();
  for (int left = input.byte() % 4; left > 0; --left)
    sandbox.binds.push_back(parse_bind(input.text()));
  for (int left = input.byte() % 4; left > 0; --left)
    sandbox.tmpfs.push_back(parse_tmpfs(input.text()));
  if (input.flag()) sandbox.devices.emplace_back("kvm");
  for (const SyscallGroup& group : syscall_groups()) {
    if (input.flag()) sandbox.allow.emplace_back(group.name);
  }
  if (input.flag()) sandbox.policy.emplace();
  return spec;
}

// Each path that a spec names is found or is not, and nobody looked at some.
void find_sources(Input& input, const Spec& spec, Facts& facts) {
  std::vector<std::string> paths{spec.sandbox.workspace.directory, spec.sandbox.rootfs};
  for (const Bind& bind : spec.sandbox.binds) paths.push_back(bind.source);
  for (const std::string& name : spec.sandbox.devices) paths.push_back(concat("/dev/", name));
  for (std::string& path : paths) {
    if (path.empty() || facts.source(path) != nullptr || input.byte() == 255) continue;
    facts.sources.push_back(read_source(input, std::move(path)));
  }
  if (spec.sandbox.rootfs.empty()) return;
  for (int left = input.byte() % 4; left > 0; --left) {
    const std::string name = input.path();
    if (name == "/" || name.find('/', 1) != std::string::npos) continue;
    const std::string& rootfs = spec.sandbox.rootfs;
    facts.rootfs.push_back(read_source(input, rootfs == "/" ? name : concat(rootfs, name)));
  }
}

bool is_mount(Action action) { return action >= Action::kFolder && action <= Action::kProtect; }

bool lies_below(std::string_view path, std::string_view folder) {
  if (folder == "/") return path != "/";
  return path.size() > folder.size() && path.starts_with(folder) && path[folder.size()] == '/';
}

std::size_t place_of(const Plan& plan, Action action) {
  const auto found =
      std::ranges::find_if(plan.steps, [&](const Step& each) { return each.action == action; });
  return static_cast<std::size_t>(found - plan.steps.begin());
}

void check_identity(const Plan& plan, const Facts& facts) {
  const Identity& identity = plan.identity;
  if (facts.host.is_host_root && plan.namespaces) {
    require(identity.outside != 0 && identity.outside_gid != 0);
  }
  if (identity.outside == 0) require(!facts.host.is_host_root || !plan.namespaces);
}

// What is given up is given up once, behind all mounts, and nothing follows that would need it.
void check_order(const Plan& plan) {
  constexpr std::array kOrder{Action::kJoinCgroups, Action::kScratch,      Action::kRoot,
                              Action::kPivot,       Action::kCapabilities, Action::kNoNewPrivileges,
                              Action::kUndumpable,  Action::kLandlock,     Action::kSeccomp,
                              Action::kPolicy};
  std::size_t last = 0;
  for (const Action action : kOrder) {
    const std::size_t place = place_of(plan, action);
    if (place == plan.steps.size()) continue;
    require(place == 0 || place > last);
    require(std::ranges::count_if(plan.steps,
                                  [&](const Step& each) { return each.action == action; }) == 1);
    last = place;
  }
  require(place_of(plan, Action::kCapabilities) < plan.steps.size());
  require(place_of(plan, Action::kNoNewPrivileges) < plan.steps.size());
  if (!plan.namespaces) return;
  const std::size_t become = place_of(plan, Action::kIdentity);
  const std::size_t pivot = place_of(plan, Action::kPivot);
  require(become < place_of(plan, Action::kCapabilities) && pivot < plan.steps.size());
  require(plan.identity.user_namespace == (become < place_of(plan, Action::kScratch)));
  // The root is closed right before it is the only one.
  const Step& closing = plan.steps.at(pivot - 1);
  require(closing.action == Action::kProtect && closing.target == "/");
}

void check_targets(const Plan& plan) {
  std::vector<std::string_view> earlier;
  const std::size_t root = place_of(plan, Action::kRoot);
  const std::size_t pivot = place_of(plan, Action::kPivot);
  for (std::size_t i = 0; i < plan.steps.size(); ++i) {
    const Step& step = plan.steps[i];
    if (!is_mount(step.action)) continue;
    require(i > root && i < pivot);
    require(normal_absolute_path(step.target) == step.target);
    if (step.target == "/" && step.action == Action::kProtect) continue;
    // Nothing is mounted over what a step before it has put below.
    for (const std::string_view before : earlier) require(!lies_below(before, step.target));
    earlier.push_back(step.target);
  }
}

void check_explanation(const Plan& plan) {
  const std::vector<ExplainedStep> steps = explain_steps(plan);
  require(steps.size() == plan.steps.size());
  for (const ExplainedStep& step : steps) require(!step.name.empty());
}

void make_one(Input input) {
  try {
    Facts facts;
    facts.host = read_host(input);
    facts.lane = input.number();
    const Spec spec = read_spec(input);
    find_sources(input, spec, facts);
    const Plan plan = build_plan(spec, facts);
    check_identity(plan, facts);
    check_order(plan);
    check_targets(plan);
    check_explanation(plan);
  } catch (const Error& error) {
    require(!error.message().empty());
    require(error.message().find('\n') == std::string::npos);
  }
}

}  // namespace

}  // namespace muster::sandbox

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  muster::sandbox::make_one({data, size});
  return 0;
}
