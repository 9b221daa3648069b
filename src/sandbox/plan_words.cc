// SPDX-License-Identifier: Apache-2.0
// How the steps of a plan read for people.
#include <array>
#include <cstdio>
#include <utility>

#include "base/text.h"
#include "sandbox/identity.h"
#include "sandbox/plan.h"

namespace muster::sandbox {

namespace {

struct ActionWords {
  Action action;
  std::string_view name;
  std::string_view words;
};

constexpr std::array<ActionWords, 27> kWords{{
    {Action::kJoinCgroups, "cgroups", "join the cgroups of this attempt"},
    {Action::kCgroupNamespace, "cgroup-namespace", "a cgroup namespace"},
    {Action::kIdentity, "identity", "become"},
    {Action::kHostname, "hostname", "call the host"},
    {Action::kLoopback, "loopback", "bring up loopback in an empty network namespace"},
    {Action::kPrivate, "private", "cut mounts off from those of the host"},
    {Action::kScratch, "scratch", "a writable file system in memory"},
    {Action::kRoot, "root", "an empty root"},
    {Action::kFolder, "folder", "a folder"},
    {Action::kLink, "link", "a link"},
    {Action::kFile, "file", "a made-up file"},
    {Action::kBind, "bind", "the host's"},
    {Action::kFromScratch, "private-folder", "an empty folder"},
    {Action::kTmpfs, "tmpfs", "an empty file system in memory"},
    {Action::kOverlay, "overlay", "the host's under a layer that takes the writes"},
    {Action::kProc, "proc", "a fresh proc"},
    {Action::kDevice, "device", "the host's device"},
    {Action::kTerminals, "terminals", "terminals of its own"},
    {Action::kMask, "mask", "hide"},
    {Action::kProtect, "protect", "read-only from here on"},
    {Action::kPivot, "pivot", "make the new root the only one"},
    {Action::kCapabilities, "capabilities", "drop every capability, from the bounding set too"},
    {Action::kNoNewPrivileges, "no-new-privileges", "no new privileges by execve"},
    {Action::kUndumpable, "undumpable", "make the init undumpable"},
    {Action::kLandlock, "landlock", "a Landlock rule set"},
    {Action::kSeccomp, "seccomp", "the built-in system call filter"},
    {Action::kPolicy, "policy", "the user's system call filter"},
}};

const ActionWords& words_of(Action action) {
  for (const ActionWords& each : kWords) {
    if (each.action == action) return each;
  }
  __builtin_unreachable();
}

std::string octal(std::uint32_t mode) {
  std::array<char, 16> text{};
  const int size = std::snprintf(text.data(), text.size(), "%04o", mode);
  return {text.data(), static_cast<std::size_t>(size)};
}

std::string amount(const Step& step) {
  std::string text;
  if (step.size != 0) text += concat(", at most ", format_bytes(Bytes{step.size}));
  if (step.inodes != 0) text += concat(" and ", step.inodes, " files");
  return text;
}

std::string bind_words(const Step& step) {
  std::string text =
      step.source == step.target ? step.target : concat(step.target, " from ", step.source);
  text += step.writable ? ", writable" : ", read-only";
  if (step.by_owner) text += concat(", files of uid ", step.owner, " are the command's own");
  return text + (step.executable ? ", nosuid, nodev" : ", nosuid, nodev, noexec");
}

std::string detail_of(const Step& step, const Identity& identity) {
  switch (step.action) {
    case Action::kIdentity:
      return describe_identity(identity);
    case Action::kHostname:
      return step.text;
    case Action::kScratch:
      return amount(step).empty() ? "no limit" : amount(step).substr(2);
    case Action::kLink:
      return concat(step.target, " -> ", step.source);
    case Action::kBind:
    case Action::kOverlay:
      return bind_words(step);
    case Action::kFromScratch:
      return concat(step.target, ", mode ", octal(step.mode));
    case Action::kTmpfs:
      return concat(step.target, amount(step));
    case Action::kSeccomp:
      return step.text.empty() ? "" : concat("allowed: ", step.text);
    case Action::kPolicy:
      return step.source;
    default:
      return step.target;
  }
}

}  // namespace

std::string_view name_of(Action action) { return words_of(action).name; }

ExplainedStep explain_step(const Step& step, const Identity& identity) {
  const ActionWords& words = words_of(step.action);
  const std::string detail = detail_of(step, identity);
  return {std::string(words.name),
          detail.empty() ? std::string(words.words) : concat(words.words, ' ', detail),
          step.reason};
}

std::vector<ExplainedStep> explain_steps(const Plan& plan) {
  std::vector<ExplainedStep> steps;
  for (const Step& step : plan.steps) steps.push_back(explain_step(step, plan.identity));
  return steps;
}

}  // namespace muster::sandbox
