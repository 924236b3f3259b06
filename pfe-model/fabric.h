#pragma once
#include <array>
#include <memory>

#include "pfe-model/packet.h"
#include "pfe-model/ring.h"
#include "pfe-model/tables.h"

namespace nezu::pfe {

/// The links between PFEs: from each to each other one ring for packets and one that brings empty
/// buffers home. Links are made and taken away while no worker runs.
class Fabric {
 public:
  struct Link {
    Ring<Packet*> packets{kPackets};
    Ring<Packet*> empties{kPoolPackets};  ///< holds all of a pool, so it is never full
  };

  void add(uint32_t pfe);
  /// The PFE's links must be empty (Plane::settle).
  void remove(uint32_t pfe);

  /// nullptr: one of them does not exist.
  Link* link(uint32_t from, uint32_t to) const { return links_[from][to].get(); }
  uint32_t limit() const { return limit_; }  ///< above every PFE's number

 private:
  static constexpr size_t kPackets = 512;

  std::array<std::array<std::unique_ptr<Link>, kMaxPfe>, kMaxPfe> links_;
  std::array<bool, kMaxPfe> present_{};
  uint32_t limit_ = 0;
};

}  // namespace nezu::pfe
