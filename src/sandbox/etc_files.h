// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

namespace muster::sandbox {

/// The user that the made-up /etc knows beside root and nobody.
struct EtcUser {
  std::uint32_t id = 1000;  ///< uid and gid
  std::string home;
};

/// The name of the user `id`: "root" for 0, otherwise "user".
std::string user_name(std::uint32_t id);

/// passwd(5): root, the user and nobody.
std::string make_passwd(const EtcUser& user);
/// group(5) to go with it.
std::string make_group(const EtcUser& user);
/// hosts(5): localhost and `hostname`, both on loopback.
std::string make_hosts(const std::string& hostname);
/// nsswitch.conf(5): files for everything, DNS for hosts as well.
std::string make_nsswitch();

}  // namespace muster::sandbox
