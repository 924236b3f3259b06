#include "pfe-model/sa.h"

#include <atomic>

#include "pfe-model/outer.h"

namespace nezu::pfe {

size_t Sa::inner_limit(size_t outer) const {
  const bool v6 = remote.size == 16;
  const size_t headers =
      outer_header(remote) + (udp ? kUdpHeader : 0) + (ah != nullptr ? ah->size(v6) : 0);
  if (outer <= headers) return 0;
  return ah != nullptr ? outer - headers : esp->inner_limit(outer - headers);
}

uint64_t Sa::next_sequence() {
  const uint64_t last = extended_sequence ? UINT64_MAX : UINT32_MAX;
  if (record->sent >= last) return 0;
  const uint64_t sequence = record->sent + 1;
  // Release keeps the compiler from moving the store behind the encryption and the transmit: killed
  // anywhere after this, the number stays used.
  std::atomic_ref(record->sent).store(sequence, std::memory_order_release);
  return sequence;
}

void Sa::account(uint64_t octets) {
  ++record->packets;
  record->bytes += octets;
  uint32_t crossed = 0;
  if ((soft_packets != 0 && record->packets >= soft_packets) ||
      (soft_bytes != 0 && record->bytes >= soft_bytes))
    crossed |= kReportSoft;
  if ((hard_packets != 0 && record->packets >= hard_packets) ||
      (hard_bytes != 0 && record->bytes >= hard_bytes))
    crossed |= kReportHard;
  record->reported |= crossed;
}

Event Sa::event(uint32_t limit) const {
  Event event;
  event.what = Event::What::kSa;
  event.limit = limit;
  event.direction = key.direction;
  event.spi = key.spi;
  event.generation = generation;
  return event;
}

}  // namespace nezu::pfe
