#include "services/ike/message/wire.h"

namespace nezu::ike {

ByteView Reader::take(std::size_t size) {
  if (size > left_.size()) {
    failed_ = true;
    left_ = {};
    return {};
  }
  const ByteView taken = left_.first(size);
  left_ = left_.subspan(size);
  return taken;
}

std::uint64_t Reader::number(std::size_t size) {
  std::uint64_t value = 0;
  for (std::uint8_t octet : take(size)) value = value << 8 | octet;
  return value;
}

Writer& Writer::bytes(ByteView more) {
  append(out_, more);
  return *this;
}

Writer& Writer::number(std::uint64_t value, std::size_t size) {
  while (size-- > 0) out_.push_back(static_cast<std::uint8_t>(value >> (8 * size)));
  return *this;
}

}  // namespace nezu::ike
