// SPDX-License-Identifier: Apache-2.0
#include "net/handshake.h"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstddef>
#include <ctime>
#include <memory>
#include <new>
#include <string_view>

#include "base/error.h"
#include "base/text.h"

namespace muster {
namespace {

template <auto Free>
struct FreeWith {
  template <typename Object>
  void operator()(Object* object) const {
    Free(object);
  }
};

using Context = std::unique_ptr<SSL_CTX, FreeWith<SSL_CTX_free>>;
using Session = std::unique_ptr<SSL, FreeWith<SSL_free>>;
using Certificate = std::unique_ptr<X509, FreeWith<X509_free>>;
using Buffer = std::unique_ptr<BIO, FreeWith<BIO_free_all>>;

template <typename Owner>
Owner checked(Owner owner) {
  if (!owner) throw std::bad_alloc();
  return owner;
}

/// What verification saw, kept because OpenSSL forgets a certificate that it refused.
struct Verified {
  Certificate leaf;
  Certificate faulty;  // the one of the chain that verification stopped at
};

Certificate shared(X509* certificate) {
  if (certificate != nullptr) X509_up_ref(certificate);
  return Certificate(certificate);
}

int verify(X509_STORE_CTX* context, void* argument) noexcept {
  auto* verified = static_cast<Verified*>(argument);
  const int result = X509_verify_cert(context);
  verified->leaf = shared(X509_STORE_CTX_get0_cert(context));
  verified->faulty = shared(X509_STORE_CTX_get_current_cert(context));
  return result;
}

std::string contents(BIO* buffer) {
  char* data = nullptr;
  const long length = BIO_get_mem_data(buffer, &data);
  return std::string(data, static_cast<std::size_t>(length));
}

std::string text_of(const ASN1_TIME* time) {
  tm moment{};
  char text[32] = "an unreadable date";
  if (ASN1_TIME_to_tm(time, &moment) == 1) {
    std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &moment);
  }
  return text;
}

std::string text_of(const X509_NAME* name) {
  const auto buffer = checked(Buffer(BIO_new(BIO_s_mem())));
  X509_NAME_print_ex(buffer.get(), name, 0, XN_FLAG_RFC2253);
  return contents(buffer.get());
}

/// `DNS:a.example, IP Address:127.0.0.1`; without alternative names the subject, which nothing is
/// matched against once a certificate has any.
std::string names_of(X509* certificate) {
  const int at = X509_get_ext_by_NID(certificate, NID_subject_alt_name, -1);
  if (at < 0) return text_of(X509_get_subject_name(certificate));
  const auto buffer = checked(Buffer(BIO_new(BIO_s_mem())));
  X509V3_EXT_print(buffer.get(), X509_get_ext(certificate, at), 0, 0);
  return contents(buffer.get());
}

std::string fingerprint_of(X509* certificate) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned length = 0;
  if (X509_digest(certificate, EVP_sha256(), digest, &length) != 1) return "unknown";
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string text;
  for (unsigned i = 0; i < length; ++i) {
    if (i > 0) text += ':';
    text += kDigits[digest[i] >> 4];
    text += kDigits[digest[i] & 15];
  }
  return text;
}

std::string why_refused(long result, const Verified& verified, const std::string& host,
                        const TrustRoots& roots) {
  X509* faulty = verified.faulty ? verified.faulty.get() : verified.leaf.get();
  switch (result) {
    case X509_V_ERR_CERT_HAS_EXPIRED:
      return concat("the certificate of ", text_of(X509_get_subject_name(faulty)), " expired on ",
                    text_of(X509_get0_notAfter(faulty)));
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return concat("the certificate of ", text_of(X509_get_subject_name(faulty)),
                    " is not valid before ", text_of(X509_get0_notBefore(faulty)),
                    "; is the clock right?");
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
      return concat("the certificate is self-signed and not among the roots in ", roots.path);
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
      return concat("the certificate's issuer is unknown: ", text_of(X509_get_issuer_name(faulty)),
                    " is not among the roots in ", roots.path);
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
      return concat("wrong host name: the certificate is not for ", host, " but for ",
                    names_of(verified.leaf.get()));
    default:
      return concat("the certificate was refused: ", X509_verify_cert_error_string(result));
  }
}

bool is_numeric(const std::string& host) {
  unsigned char address[sizeof(in6_addr)];
  return inet_pton(AF_INET, host.c_str(), address) == 1 ||
         inet_pton(AF_INET6, host.c_str(), address) == 1;
}

/// Makes the session ask for `host` and accept a certificate for it alone.
void expect_host(SSL* session, std::string host) {
  host = host.substr(0, host.find('%'));  // the zone of fe80::1%eth0 is of this machine only
  if (is_numeric(host)) {
    if (X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(session), host.c_str()) != 1) {
      throw std::bad_alloc();
    }
    return;  // RFC 6066, section 3: no address in the server name indication
  }
  if (host.ends_with('.')) host.pop_back();
  SSL_set_hostflags(session, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  if (SSL_set1_host(session, host.c_str()) != 1) throw std::bad_alloc();
  // A name that SNI cannot carry (too long) is left out; the check above stands.
  SSL_set_tlsext_host_name(session, host.c_str());
}

/// Carries the handshake's bytes between memory and the socket. OpenSSL does not touch the socket
/// itself: it would write without MSG_NOSIGNAL.
class Transport {
 public:
  Transport(SSL* session, int socket, Deadline deadline)
      : in_(BIO_new(BIO_s_mem())),
        out_(BIO_new(BIO_s_mem())),
        socket_(socket),
        deadline_(deadline) {
    SSL_set0_rbio(session, in_);
    SSL_set0_wbio(session, out_);
    if (in_ == nullptr || out_ == nullptr) throw std::bad_alloc();
  }

  /// Sends all that the session has written. Empty when that worked, else why not.
  std::string flush() {
    char bytes[4096];
    int length = 0;
    while ((length = BIO_read(out_, bytes, sizeof bytes)) > 0) {
      std::string_view rest(bytes, static_cast<std::size_t>(length));
      while (!rest.empty()) {
        const ssize_t sent = send(socket_, rest.data(), rest.size(), MSG_NOSIGNAL);
        if (sent >= 0) {
          rest.remove_prefix(static_cast<std::size_t>(sent));
        } else if (std::string why = wait_after_failure(POLLOUT); !why.empty()) {
          return why;
        }
      }
    }
    return {};
  }

  /// Receives something for the session to read. Empty when that worked, else why not.
  std::string fill() {
    char bytes[4096];
    while (true) {
      const ssize_t received = recv(socket_, bytes, sizeof bytes, 0);
      if (received == 0) return "the server closed the connection during the handshake";
      if (received > 0) {
        if (BIO_write(in_, bytes, static_cast<int>(received)) != received) throw std::bad_alloc();
        return {};
      }
      if (std::string why = wait_after_failure(POLLIN); !why.empty()) return why;
    }
  }

 private:
  std::string wait_after_failure(short events) {
    if (errno == EINTR) return {};
    if (errno != EAGAIN) return concat("the connection broke: ", errno_words(errno));
    if (wait_until_ready(socket_, events, deadline_)) return {};
    return "the server did not answer in time";
  }

  BIO* in_;   // owned by the session
  BIO* out_;  // owned by the session
  int socket_;
  Deadline deadline_;
};

/// Runs the handshake to its end. Empty when it succeeded or OpenSSL refused to go on, else what
/// the connection failed of; `succeeded` tells the first two apart.
std::string shake_hands(SSL* session, Transport& transport, bool& succeeded) {
  while (true) {
    ERR_clear_error();
    const int result = SSL_connect(session);
    const int kind = SSL_get_error(session, result);
    std::string why = transport.flush();
    succeeded = result == 1;
    // An alert that cannot be sent any more changes nothing about what went wrong before.
    if (!succeeded && kind != SSL_ERROR_WANT_READ) return {};
    if (succeeded || !why.empty()) return why;
    why = transport.fill();
    if (!why.empty()) return why;
  }
}

std::string openssl_reason() {
  const unsigned long code = ERR_peek_error();
  const bool is_protocol = ERR_GET_LIB(code) == ERR_LIB_SSL;
  if (is_protocol && ERR_GET_REASON(code) == SSL_R_WRONG_VERSION_NUMBER) {
    return "the server does not speak TLS on this port; is it http:// instead of https://?";
  }
  const char* reason = ERR_reason_error_string(code);
  return concat("the TLS handshake failed: ", reason == nullptr ? "unknown reason" : reason);
}

Context client_context(const TrustRoots& roots, Verified& verified) {
  auto context = checked(Context(SSL_CTX_new(TLS_client_method())));
  if (SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION) != 1) throw std::bad_alloc();
  SSL_CTX_set1_cert_store(context.get(), roots.store.get());
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  SSL_CTX_set_cert_verify_callback(context.get(), verify, &verified);
  return context;
}

}  // namespace

Handshake tls_handshake(int socket, const std::string& host, const TrustRoots& roots,
                        Deadline deadline) {
  Verified verified;
  const Context context = client_context(roots, verified);
  const auto session = checked(Session(SSL_new(context.get())));
  expect_host(session.get(), host);
  Transport transport(session.get(), socket, deadline);

  bool succeeded = false;
  const std::string broken = shake_hands(session.get(), transport, succeeded);
  const std::string reason = openssl_reason();
  ERR_clear_error();
  if (!broken.empty()) return {false, broken};
  const long result = SSL_get_verify_result(session.get());
  if (result != X509_V_OK && verified.leaf) {
    return {false, concat(why_refused(result, verified, host, roots),
                          "; the SHA-256 fingerprint of the server's certificate is ",
                          fingerprint_of(verified.leaf.get()))};
  }
  if (!succeeded) return {false, reason};
  return {true,
          concat(SSL_get_version(session.get()), ", ", SSL_get_cipher_name(session.get()),
                 ", certificate valid until ", text_of(X509_get0_notAfter(verified.leaf.get())))};
}

}  // namespace muster
