// SPDX-License-Identifier: Apache-2.0
#include "domain/enforced.h"

namespace muster {

std::string_view name_of(Enforcer enforcer) {
  switch (enforcer) {
    case Enforcer::kNobody:
      return "";
    case Enforcer::kCgroupV1:
      return "cgroup-v1";
    case Enforcer::kCgroupV2:
      return "cgroup-v2";
    case Enforcer::kPerProcess:
      return "per-process";
  }
  __builtin_unreachable();
}

std::string_view name_of(Isolation isolation) {
  switch (isolation) {
    case Isolation::kSandbox:
      return "sandbox";
    case Isolation::kBestEffort:
      return "best-effort";
    case Isolation::kNone:
      return "none";
  }
  __builtin_unreachable();
}

std::string_view name_of(ChangeKind kind) {
  switch (kind) {
    case ChangeKind::kAdded:
      return "added";
    case ChangeKind::kModified:
      return "modified";
    case ChangeKind::kDeleted:
      return "deleted";
  }
  __builtin_unreachable();
}

std::string_view name_of(Capability::State state) {
  switch (state) {
    case Capability::State::kYes:
      return "yes";
    case Capability::State::kPartly:
      return "partly";
    case Capability::State::kNo:
      return "no";
  }
  __builtin_unreachable();
}

}  // namespace muster
