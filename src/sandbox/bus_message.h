// SPDX-License-Identifier: Apache-2.0
#pragma once

// The little of D-Bus that it takes to ask a service manager for something ("D-Bus Specification",
// Message Protocol): one method call is written, replies and signals are read. Little-endian.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace muster::sandbox {

/// Values in the order in which they are added, each aligned as its type wants it.
class BusWriter {
 public:
  void align(std::size_t to) { bytes_.resize((bytes_.size() + to - 1) / to * to); }
  void byte(std::uint8_t value) { bytes_ += static_cast<char>(value); }
  void number(std::uint32_t value);
  void text(std::string_view value);       ///< a string or an object path
  void signature(std::string_view value);  ///< at most 255 characters
  /// The key of an element of a(sv), and the signature of the value that is to follow.
  void property(std::string_view key, std::string_view type);
  /// Leaves room for the length of an array whose elements align to `to`, and returns its place for
  /// close_array(). Arrays may be nested.
  std::size_t open_array(std::size_t to);
  void close_array(std::size_t place, std::size_t to);

  const std::string& bytes() const { return bytes_; }

 private:
  std::string bytes_;
};

/// What a message is about, as far as it is of interest here.
struct BusMessage {
  /// As the specification numbers them.
  enum class Kind : std::uint8_t { kCall = 1, kReturn = 2, kError = 3, kSignal = 4 };
  Kind kind = Kind::kCall;
  std::uint32_t reply_to = 0;  ///< the serial number of the call; kReturn, kError
  std::string member;          ///< of a signal
  std::string signature;
  std::string body;
};

/// The serial number of every call: there is one on a connection.
inline constexpr std::uint32_t kBusSerial = 1;

/// A call of `member` with the arguments `body` of the type `signature`.
std::string bus_call(std::string_view path, std::string_view interface, std::string_view member,
                     std::string_view signature, std::string_view body);

/// How long the message is that `received` begins with; nothing while less than its first 16 bytes
/// are there. SIZE_MAX: that is no message.
std::optional<std::size_t> bus_message_size(std::string_view received);

/// The message that fills `bytes`; nothing where it is malformed.
std::optional<BusMessage> parse_bus_message(std::string_view bytes);

/// Reads values off the front of a body; every one is empty from the first that is not there.
class BusReader {
 public:
  explicit BusReader(std::string_view bytes) : bytes_(bytes) {}
  void align(std::size_t to) { at_ = (at_ + to - 1) / to * to; }
  std::optional<std::uint8_t> byte();
  std::optional<std::uint32_t> number();
  std::optional<std::string> text();
  std::optional<std::string> signature();
  std::size_t at() const { return at_; }

 private:
  std::optional<std::string> characters(std::size_t count);

  std::string_view bytes_;
  std::size_t at_ = 0;
};

}  // namespace muster::sandbox
