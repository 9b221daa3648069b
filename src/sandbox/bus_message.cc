// SPDX-License-Identifier: Apache-2.0
#include "sandbox/bus_message.h"

#include <algorithm>

namespace muster::sandbox {

namespace {

constexpr std::uint8_t kLittleEndian = 'l';
constexpr std::uint8_t kVersion = 1;
constexpr std::size_t kFixed = 16;       ///< bytes before the header's fields
constexpr std::size_t kMost = 1U << 20;  ///< of a message that is of interest here

// The header's fields.
constexpr std::uint8_t kPath = 1;
constexpr std::uint8_t kInterface = 2;
constexpr std::uint8_t kMember = 3;
constexpr std::uint8_t kReplySerial = 5;
constexpr std::uint8_t kSignature = 8;

std::size_t aligned(std::size_t size, std::size_t to) { return (size + to - 1) / to * to; }

void put_number(std::string& bytes, std::size_t at, std::uint32_t value) {
  for (std::size_t i = 0; i < 4; ++i) bytes[at + i] = static_cast<char>(value >> (8 * i));
}

// One field of the header; false where it cannot be read.
bool take_field(BusReader& reader, BusMessage& message) {
  reader.align(8);
  const auto field = reader.byte();
  const auto type = reader.signature();
  if (!field || !type) return false;
  if (*type == "u") {
    const auto number = reader.number();
    if (*field == kReplySerial) message.reply_to = number.value_or(0);
    return number.has_value();
  }
  const auto text = *type == "g" ? reader.signature() : reader.text();
  if (!text || (*type != "g" && *type != "s" && *type != "o")) return false;
  if (*field == kMember) message.member = *text;
  if (*field == kSignature) message.signature = *text;
  return true;
}

}  // namespace

void BusWriter::number(std::uint32_t value) {
  align(4);
  bytes_.resize(bytes_.size() + 4);
  put_number(bytes_, bytes_.size() - 4, value);
}

void BusWriter::text(std::string_view value) {
  number(static_cast<std::uint32_t>(value.size()));
  bytes_ += value;
  bytes_ += '\0';
}

void BusWriter::signature(std::string_view value) {
  byte(static_cast<std::uint8_t>(value.size()));
  bytes_ += value;
  bytes_ += '\0';
}

void BusWriter::property(std::string_view key, std::string_view type) {
  align(8);
  text(key);
  signature(type);
}

std::size_t BusWriter::open_array(std::size_t to) {
  number(0);
  const std::size_t place = bytes_.size() - 4;
  align(to);
  return place;
}

void BusWriter::close_array(std::size_t place, std::size_t to) {
  // The padding before the first element is not counted.
  const std::size_t first = aligned(place + 4, to);
  put_number(bytes_, place, static_cast<std::uint32_t>(bytes_.size() - first));
}

std::optional<std::string> BusReader::characters(std::size_t count) {
  if (at_ > bytes_.size() || bytes_.size() - at_ <= count) return std::nullopt;
  std::string read(bytes_.substr(at_, count));
  at_ += count + 1;  // and the zero
  return read;
}

std::optional<std::uint8_t> BusReader::byte() {
  if (at_ >= bytes_.size()) return std::nullopt;
  return static_cast<std::uint8_t>(bytes_[at_++]);
}

std::optional<std::uint32_t> BusReader::number() {
  align(4);
  if (at_ > bytes_.size() || bytes_.size() - at_ < 4) return std::nullopt;
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    value |= std::uint32_t{static_cast<std::uint8_t>(bytes_[at_ + i])} << (8 * i);
  }
  at_ += 4;
  return value;
}

std::optional<std::string> BusReader::text() {
  const auto size = number();
  return size ? characters(*size) : std::nullopt;
}

std::optional<std::string> BusReader::signature() {
  const auto size = byte();
  return size ? characters(*size) : std::nullopt;
}

std::string bus_call(std::string_view path, std::string_view interface, std::string_view member,
                     std::string_view signature, std::string_view body) {
  BusWriter message;
  message.byte(kLittleEndian);
  message.byte(static_cast<std::uint8_t>(BusMessage::Kind::kCall));
  message.byte(0);
  message.byte(kVersion);
  message.number(static_cast<std::uint32_t>(body.size()));
  message.number(kBusSerial);
  const std::size_t fields = message.open_array(8);
  const auto field = [&](std::uint8_t which, std::string_view type, std::string_view value) {
    message.align(8);
    message.byte(which);
    message.signature(type);
    type == "g" ? message.signature(value) : message.text(value);
  };
  field(kPath, "o", path);
  field(kInterface, "s", interface);
  field(kMember, "s", member);
  field(kSignature, "g", signature);
  message.close_array(fields, 8);
  message.align(8);
  return message.bytes() + std::string(body);
}

std::optional<std::size_t> bus_message_size(std::string_view received) {
  if (received.size() < kFixed) return std::nullopt;
  if (received[0] != kLittleEndian || received[3] != kVersion) return SIZE_MAX;
  BusReader reader(received);
  for (int i = 0; i < 4; ++i) reader.byte();
  const std::size_t body = reader.number().value_or(0);
  reader.number();
  const std::size_t fields = reader.number().value_or(0);
  if (body > kMost || fields > kMost) return SIZE_MAX;
  return aligned(kFixed + fields, 8) + body;
}

std::optional<BusMessage> parse_bus_message(std::string_view bytes) {
  if (bus_message_size(bytes) != bytes.size()) return std::nullopt;
  BusReader reader(bytes);
  reader.byte();
  BusMessage message;
  const unsigned kind = reader.byte().value_or(0);
  // Others may come one day and are to be ignored, as the specification wants it.
  if (kind < 1 || kind > 4) return std::nullopt;
  message.kind = static_cast<BusMessage::Kind>(kind);
  reader.byte();
  reader.byte();
  const std::size_t body = reader.number().value_or(0);
  reader.number();
  const std::size_t end = kFixed + reader.number().value_or(0);
  while (reader.at() < end) {
    if (!take_field(reader, message)) return std::nullopt;
  }
  message.body = bytes.substr(bytes.size() - body);
  return message;
}

}  // namespace muster::sandbox
