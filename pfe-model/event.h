#pragma once
#include <cstdint>

#include "pfe-model/address.h"
#include "pfe-model/sa_memory.h"

namespace nezu::pfe {

/// What a PFE reports to the clients (api.proto Event).
struct Event {
  enum class What : uint8_t { kNeighbourWanted, kTunnelWanted, kSa, kPeerMoved };

  What what = What::kNeighbourWanted;
  uint32_t interface = 0;  ///< kNeighbourWanted
  Address address;         ///< kNeighbourWanted, kPeerMoved
  uint16_t port = 0;       ///< kPeerMoved
  uint32_t tunnel = 0;     ///< kTunnelWanted, kPeerMoved
  uint32_t limit = 0;      ///< kSa: one SaReport bit
  SaDirection direction = SaDirection::kInbound;
  uint32_t spi = 0;
  uint64_t generation = 0;
};

}  // namespace nezu::pfe
