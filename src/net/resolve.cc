// SPDX-License-Identifier: Apache-2.0
#include "net/resolve.h"

#include <netdb.h>

#include <cerrno>
#include <cstring>
#include <memory>

#include "base/text.h"

namespace muster {
namespace {

struct AddressListDeleter {
  void operator()(addrinfo* list) const { freeaddrinfo(list); }
};

/// `Name.` as `name`: names compare without case and without the dot of the root.
std::string canonical(std::string name) {
  for (char& letter : name) {
    if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter - 'A' + 'a');
  }
  if (name.ends_with('.')) name.pop_back();
  return name;
}

bool is_below(const std::string& name, const std::string& domain) {
  return name == domain || name.ends_with('.' + domain);
}

/// Adds what getaddrinfo finds to `out`; returns its code.
int look_up(const std::string& host, std::uint16_t port, int flags, std::vector<Address>& out) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = flags | AI_NUMERICSERV;
  addrinfo* list = nullptr;
  const int code = getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &list);
  if (code != 0) return code;
  const std::unique_ptr<addrinfo, AddressListDeleter> owner(list);
  for (const addrinfo* entry = list; entry != nullptr; entry = entry->ai_next) {
    out.emplace_back(entry->ai_addr, entry->ai_addrlen);
  }
  return 0;
}

std::string words_for(int code, int error_number) {
  switch (code) {
    case EAI_NONAME:
    case EAI_NODATA:
    case EAI_ADDRFAMILY:
      return "there is no host of that name";
    case EAI_AGAIN:
      return "no name server answered";
    case EAI_FAIL:
      return "the name server failed to answer";
    case EAI_SYSTEM:
      return errno_words(error_number);
    default:
      return gai_strerror(code);
  }
}

std::string next_step_for(int code, const std::string& host) {
  switch (code) {
    case EAI_NONAME:
    case EAI_NODATA:
    case EAI_ADDRFAMILY:
      return concat("check the spelling, or ask the same resolver: getent hosts ",
                    shell_quote(host));
    default:
      return "check the network and the name servers in /etc/resolv.conf, or use a numeric address";
  }
}

}  // namespace

Address::Address(const sockaddr* address, socklen_t length) : length_(length) {
  if (length > sizeof storage_) throw Error(ErrorCode::kInvalidArgument, "an address is too long");
  std::memcpy(&storage_, address, length);
}

const sockaddr* Address::data() const { return reinterpret_cast<const sockaddr*>(&storage_); }

std::string Address::text() const {
  char host[NI_MAXHOST];
  char port[NI_MAXSERV];
  const int code = getnameinfo(data(), length_, host, sizeof host, port, sizeof port,
                               NI_NUMERICHOST | NI_NUMERICSERV);
  if (code != 0) return "an address of an unknown kind";
  return family() == AF_INET6 ? concat('[', host, "]:", port) : concat(host, ':', port);
}

std::vector<Address> resolve(const std::string& host, std::uint16_t port) {
  std::vector<Address> found;
  const std::string name = canonical(host);
  if (is_below(name, "localhost")) {
    look_up("127.0.0.1", port, AI_NUMERICHOST, found);
    look_up("::1", port, AI_NUMERICHOST, found);
    return found;
  }
  if (is_below(name, "invalid")) throw resolver_error(EAI_NONAME, 0, host);
  if (look_up(host, port, AI_NUMERICHOST, found) == 0) return found;
  const int code = look_up(host, port, 0, found);
  if (code != 0) throw resolver_error(code, errno, host);
  return found;
}

Error resolver_error(int code, int error_number, const std::string& host) {
  return Error(ErrorCode::kUnavailable,
               concat("resolving ", in_quotes(host), ": ", words_for(code, error_number)),
               next_step_for(code, host));
}

}  // namespace muster
