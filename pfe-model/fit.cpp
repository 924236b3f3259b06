// What goes into a tunnel fits with what is put around it: pieces are made before, not after.
#include "pfe-model/icmp.h"
#include "pfe-model/pfe.h"
#include "pfe-model/segment.h"

namespace nezu::pfe {

namespace {

bool forbids_fragments(const uint8_t* ip) {
  return ip[0] >> 4 == 6 || (ip[6] & 0x40);
}

}  // namespace

/// kGone: it was cut into segments or fragments, which come again by `again`, or dropped.
Pfe::Fit Pfe::fit(Packet* packet, uint32_t limit, Queue& again) {
  const bool large = packet->offload.gso_type != 0;
  if (!large && !finish_checksum(*packet)) return drop(packet, Drop::kSegmentation), Fit::kGone;
  if (!large && packet->length <= limit) return Fit::kFits;
  if (forbids_fragments(packet->data) && (!large || wire_size(*packet) > limit))
    return Fit::kTooBig;
  pieces_.clear();
  const size_t made =
      large ? segment(*packet, pool_, pieces_) : fragment(*packet, limit, pool_, pieces_);
  if (made == 0) return drop(packet, large ? Drop::kSegmentation : Drop::kMtu), Fit::kGone;
  counters.add(large ? Count::kSegments : Count::kFragments, made);
  if (packet->trace != 0) [[unlikely]]
    note_limit(*packet, Step::What::kPieces, made, limit);
  for (Packet* piece : pieces_) queue(again, piece);
  release(packet);
  return Fit::kGone;
}

/// Tells the sender the size that fits, as the kernel would if it knew the tunnel. What the host
/// itself sent is answered through the tunnel's own interface.
void Pfe::answer_too_big(Interface* tunnel, Packet* packet, uint32_t limit) {
  counters.add(Count::kExceptionMtu);
  if (packet->trace != 0) [[unlikely]]
    note_limit(*packet, Step::What::kTooBig, 0, limit);
  Interface* from = tables_.interface(packet->input);
  Fib* fib = from == nullptr ? nullptr : tables_.find_fib(from->instance);
  if (fib == nullptr) return drop(packet, Drop::kMtu);
  if (!policers_[static_cast<size_t>(Punt::kRest)].pass(now_)) return drop(packet, Drop::kPoliced);
  Address like;
  like.size = packet->data[0] >> 4 == 6 ? 16 : 4;
  const bool of_host = packet->origin == Origin::kHost;
  if (!make_too_big(*packet, fib->source(from->index, like), limit))
    return drop(packet, Drop::kMtu);
  packet->parsed = false;
  if (of_host && tunnel != nullptr && tunnel->host) return write_host(*tunnel, packet);
  packet->origin = Origin::kHost;
  packet->instance = from->instance;
  queue(route_, packet);
}

}  // namespace nezu::pfe
