// Reading and writing numbers in network byte order without ever leaving the buffer.
#pragma once

#include <optional>

#include "services/ike/bytes.h"

namespace nezu::ike {

/// Reads front to back. Past the end it gives zeros and empty views, and failed() stays true.
class Reader {
 public:
  explicit Reader(ByteView data) : left_(data) {}

  std::uint8_t u8() { return static_cast<std::uint8_t>(number(1)); }
  std::uint16_t u16() { return static_cast<std::uint16_t>(number(2)); }
  std::uint32_t u32() { return static_cast<std::uint32_t>(number(4)); }
  std::uint64_t u64() { return number(8); }
  ByteView take(std::size_t size);
  ByteView rest() { return take(left_.size()); }
  std::size_t left() const { return left_.size(); }
  bool failed() const { return failed_; }
  bool finished() const { return !failed_ && left_.empty(); }

 private:
  std::uint64_t number(std::size_t size);

  ByteView left_;
  bool failed_ = false;
};

class Writer {
 public:
  Writer& u8(std::uint8_t value) { return number(value, 1); }
  Writer& u16(std::uint16_t value) { return number(value, 2); }
  Writer& u32(std::uint32_t value) { return number(value, 4); }
  Writer& u64(std::uint64_t value) { return number(value, 8); }
  Writer& bytes(ByteView more);
  Bytes done() { return std::move(out_); }

 private:
  Writer& number(std::uint64_t value, std::size_t size);

  Bytes out_;
};

}  // namespace nezu::ike
