// Tunnels that should have a pair and have none.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "services/ike/bytes.h"

namespace nezu::ike {

struct Want {
  Time retry_at = 0;
  unsigned attempts = 0;
  bool once = false;      // traffic asked for it: one attempt, the next packet asks again
  bool gave_way = false;  // to an IKE SA that the peer, or a stranger, has begun
};

/// By tunnel and by time: neither a look at what is due nor one at the next moment costs more for
/// many tunnels.
class Wants {
 public:
  /// The earlier moment counts when it is there already.
  void add(std::uint32_t tunnel, Time at, bool once);
  void erase(std::uint32_t tunnel);
  void retry(std::uint32_t tunnel, Time at);
  /// nullptr: not wanted. Its time is changed by retry().
  Want* find(std::uint32_t tunnel);

  /// `most` of those that are due, the longest waiting first, or the last.
  std::vector<std::uint32_t> ready(Time now, std::size_t most, bool last_first) const;
  std::optional<Time> next() const;
  template <typename Fits>
  void erase_if(Fits fits) {
    for (auto at = by_tunnel_.begin(); at != by_tunnel_.end();) {
      const std::uint32_t tunnel = (at++)->first;
      if (fits(tunnel)) erase(tunnel);
    }
  }

 private:
  std::map<std::uint32_t, Want> by_tunnel_;
  std::set<std::pair<Time, std::uint32_t>> by_time_;
};

}  // namespace nezu::ike
