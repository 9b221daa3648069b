// SPDX-License-Identifier: Apache-2.0
#include "test_server.h"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <chrono>
#include <stdexcept>
#include <utility>

namespace muster::test {

Listener listen_on_loopback(int backlog) {
  Listener listener{UniqueFd(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)), 0};
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  if (bind(listener.socket.get(), generic, length) != 0 ||
      listen(listener.socket.get(), backlog) != 0 ||
      getsockname(listener.socket.get(), generic, &length) != 0) {
    throw std::runtime_error("listening on 127.0.0.1");
  }
  listener.port = ntohs(address.sin_port);
  return listener;
}

SilentListener::SilentListener() : listener_(listen_on_loopback(0)) {
  constexpr int kMoreThanFit = 8;
  for (int i = 0; i < kMoreThanFit; ++i) {
    fill_.push_back(
        connect_to(address(), std::chrono::steady_clock::now() + std::chrono::milliseconds(100)));
    if (fill_.back().error_number != 0) return;
  }
  throw std::runtime_error("the backlog does not fill up");
}

TestServer::TestServer(std::function<void(int)> serve)
    : listener_(listen_on_loopback()), serve_(std::move(serve)), thread_([this] { run(); }) {}

TestServer::~TestServer() {
  shutdown(listener_.socket.get(), SHUT_RDWR);  // wakes accept(2)
  thread_.join();
}

void TestServer::run() {
  // OpenSSL writes to the socket itself, and the client may be gone.
  sigset_t broken_pipe;
  sigemptyset(&broken_pipe);
  sigaddset(&broken_pipe, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &broken_pipe, nullptr);
  while (true) {
    const UniqueFd connection(accept4(listener_.socket.get(), nullptr, nullptr, SOCK_CLOEXEC));
    if (!connection) return;
    const timeval longest{10, 0};
    setsockopt(connection.get(), SOL_SOCKET, SO_RCVTIMEO, &longest, sizeof longest);
    serve_(connection.get());
  }
}

std::function<void(int)> tls_as(const Identity& identity, int newest) {
  return [&identity, newest](int socket) {
    SSL_CTX* context = SSL_CTX_new(TLS_server_method());
    SSL_CTX_set_security_level(context, 0);  // lets it offer the versions that are to be refused
    SSL_CTX_set_max_proto_version(context, newest);
    SSL_CTX_use_certificate(context, identity.certificate.get());
    SSL_CTX_use_PrivateKey(context, identity.key.get());
    SSL* session = SSL_new(context);
    SSL_set_fd(session, socket);
    if (SSL_accept(session) == 1) {
      char byte = 0;
      SSL_read(session, &byte, 1);  // until the client leaves
    }
    ERR_clear_error();
    SSL_free(session);
    SSL_CTX_free(context);
  };
}

}  // namespace muster::test
