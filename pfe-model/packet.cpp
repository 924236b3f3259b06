#include "pfe-model/packet.h"

#include <sys/mman.h>

#include <new>

namespace nezu::pfe {

namespace {
// A little more than a whole number of pages: the headers of all packets would otherwise fall into
// the same sets of the first-level cache.
constexpr size_t kStride = (kHeadroom + kMaxPacket + kTailroom + 4095) / 4096 * 4096 + 192;
}  // namespace

Pool::Pool(uint16_t home, size_t packets)
    : packets_(packets), free_(new Packet*[packets]), bytes_(packets * kStride) {
  void* memory = ::mmap(nullptr, bytes_, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) throw std::bad_alloc();
  memory_ = static_cast<uint8_t*>(memory);
  for (size_t i = packets; i-- > 0;) {
    packets_[i].home = home;
    packets_[i].storage = memory_ + i * kStride;
    give(&packets_[i]);
  }
}

Pool::~Pool() {
  ::munmap(memory_, bytes_);
}

Packet* Pool::take() {
  if (available_ == 0) return nullptr;
  Packet* packet = free_[--available_];
  const uint16_t home = packet->home;
  uint8_t* storage = packet->storage;
  *packet = Packet{};
  packet->home = home;
  packet->storage = storage;
  packet->data = storage + kHeadroom;
  return packet;
}

}  // namespace nezu::pfe
