// SPDX-License-Identifier: Apache-2.0
#include "net/probe.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <optional>
#include <span>
#include <utility>

#include "base/error.h"
#include "base/text.h"
#include "net/handshake.h"
#include "net/resolve.h"

namespace muster {
namespace {

using Clock = std::chrono::steady_clock;

[[noreturn]] void refuse(std::string_view text, std::string_view why) {
  throw Error(ErrorCode::kInvalidArgument, concat("server ", in_quotes(text), ": ", why),
              "give it as https://HOST:PORT or HOST:PORT");
}

bool may_stand_in_host(char letter) {
  return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
         (letter >= '0' && letter <= '9') ||
         std::string_view("-._:%").find(letter) != std::string_view::npos;
}

/// Cuts `rest` into host and the text of the port; no text when no port is given.
std::optional<std::string_view> cut_port(std::string_view text, std::string_view& rest) {
  if (rest.starts_with('[')) {
    const std::size_t end = rest.find(']');
    if (end == std::string_view::npos) refuse(text, "the bracket is not closed");
    const std::string_view behind = rest.substr(end + 1);
    rest = rest.substr(1, end - 1);
    if (behind.empty()) return std::nullopt;
    if (!behind.starts_with(':')) refuse(text, "only a port may follow the bracket");
    return behind.substr(1);
  }
  const std::size_t colon = rest.find(':');
  // More than one colon without brackets is an IPv6 address.
  if (colon == std::string_view::npos || colon != rest.rfind(':')) return std::nullopt;
  const std::string_view port = rest.substr(colon + 1);
  rest = rest.substr(0, colon);
  return port;
}

/// Runs one step and takes its time. `action` returns whether it went well and the detail.
template <typename Action>
ProbeStep timed(std::string name, Action action) {
  const auto start = Clock::now();
  auto [ok, detail] = action();
  return {std::move(name), ok, std::move(detail), Clock::now() - start};
}

struct StepResult {
  bool ok = false;
  std::string detail;
};

StepResult resolve_step(const ProbeTarget& target, std::vector<Address>& addresses) {
  try {
    addresses = resolve(target.host, target.port);
  } catch (const Error& error) {
    return {false, concat(error.message(), "; ", error.next())};
  }
  std::vector<std::string> texts;
  texts.reserve(addresses.size());
  for (const Address& address : addresses) texts.push_back(address.text());
  return {true, join(texts, ", ")};
}

/// Tries the addresses in turn. Each may use an equal share of the time that is left, so that one
/// that never answers leaves time for the next.
StepResult connect_step(std::span<const Address> addresses, Deadline deadline, UniqueFd& socket) {
  std::vector<std::string> failures;
  for (std::size_t i = 0; i < addresses.size(); ++i) {
    const auto now = Clock::now();
    const auto share = (deadline - now) / static_cast<long>(addresses.size() - i);
    Connection connection = connect_to(addresses[i], now + share);
    if (connection.error_number == 0) {
      socket = std::move(connection.socket);
      return {true, addresses[i].text()};
    }
    failures.push_back(concat(addresses[i].text(), ": ", errno_words(connection.error_number)));
  }
  return {false, join(failures, ", ")};
}

StepResult tls_step(const ProbeTarget& target, const TrustRoots* roots, Deadline deadline,
                    int socket) {
  if (roots == nullptr) return {false, "there are no TLS roots to trust; give them with --ca FILE"};
  Handshake handshake = tls_handshake(socket, target.host, *roots, deadline);
  return {handshake.ok, std::move(handshake.detail)};
}

}  // namespace

ProbeTarget parse_target(std::string_view text) {
  ProbeTarget target;
  std::string_view rest = text;
  if (const std::size_t scheme_end = rest.find("://"); scheme_end != std::string_view::npos) {
    const std::string_view scheme = rest.substr(0, scheme_end);
    if (scheme != "https" && scheme != "http") refuse(text, "the scheme must be https or http");
    target.tls = scheme == "https";
    target.port = target.tls ? 443 : 80;
    rest.remove_prefix(scheme_end + 3);
    rest = rest.substr(0, rest.find_first_of("/?#"));
  }
  if (const std::size_t at = rest.rfind('@'); at != std::string_view::npos) {
    refuse(rest.substr(at + 1), "a user or password does not belong in the address");
  }
  if (const auto port_text = cut_port(text, rest)) {
    const auto port = parse_number(*port_text);
    if (!port || *port == 0 || *port > 65535) refuse(text, "the port must be from 1 to 65535");
    target.port = static_cast<std::uint16_t>(*port);
  }
  if (rest.empty()) refuse(text, "the host is missing");
  if (!std::ranges::all_of(rest, may_stand_in_host)) {
    refuse(text, "the host holds a character that no host name has");
  }
  target.host = rest;
  return target;
}

std::vector<ProbeStep> probe(const ProbeTarget& target, const TrustRoots* roots,
                             Deadline deadline) {
  std::vector<ProbeStep> steps;
  std::vector<Address> addresses;
  steps.push_back(timed("resolve", [&] { return resolve_step(target, addresses); }));
  if (!steps.back().ok) return steps;
  UniqueFd socket;
  steps.push_back(timed("connect", [&] { return connect_step(addresses, deadline, socket); }));
  if (!steps.back().ok || !target.tls) return steps;
  steps.push_back(timed("tls", [&] { return tls_step(target, roots, deadline, socket.get()); }));
  return steps;
}

}  // namespace muster
