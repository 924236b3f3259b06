#include "services/ike/daemon/monitor.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace nezu::ike {

void Monitor::configure(const std::map<std::uint32_t, Tunnel>& tunnels) {
  std::map<std::uint32_t, Watched> next;
  for (const auto& [id, tunnel] : tunnels) {
    if (!tunnel.monitor) continue;
    const auto known = watched_.find(id);
    Watched& watched = next[id];
    if (known != watched_.end() && known->second.settings == *tunnel.monitor)
      watched = known->second;
    else
      watched.settings = *tunnel.monitor;
  }
  watched_ = std::move(next);
}

void Monitor::was_down(std::uint32_t tunnel) {
  if (const auto found = watched_.find(tunnel); found != watched_.end())
    found->second.state = State::kDown;
}

bool Monitor::needs_traffic() const {
  return std::any_of(watched_.begin(), watched_.end(),
                     [](const auto& each) { return each.second.settings.optimized; });
}

std::uint64_t Monitor::fresh_nonce() const {
  std::uint8_t octets[8];
  std::uint64_t nonce = 0;
  do {
    random_(octets);
    std::memcpy(&nonce, octets, sizeof nonce);
  } while (nonce == 0);
  return nonce;
}

// Optimized: what comes in is answer enough, and who sends nothing need not know. Our own questions
// and their answers count in neither.
Monitor::Sign Monitor::sign_of(Watched& watched, const Look& look) {
  if (!watched.settings.optimized || !look.traffic) return Sign::kNone;
  const auto before = std::exchange(watched.seen, *look.traffic);
  if (!before) return Sign::kNone;
  if (look.traffic->in > before->in) return Sign::kHeard;
  return watched.nonce == 0 && look.traffic->out <= before->out ? Sign::kIdle : Sign::kNone;
}

Monitor::Round Monitor::round(const std::map<std::uint32_t, Look>& looks) {
  Round round;
  for (auto& [id, watched] : watched_) {
    const auto look = looks.find(id);
    if (look == looks.end() || !look->second.has_pair) {
      watched.misses = 0;
      watched.nonce = 0;
      continue;
    }
    const Sign sign = sign_of(watched, look->second);
    if (sign == Sign::kHeard) {
      watched.misses = 0;
      watched.nonce = 0;
      if (std::exchange(watched.state, State::kUp) != State::kUp) round.up.push_back(id);
    }
    // Whose far end is known to be away has no traffic that would show it back.
    if (sign == Sign::kHeard || (sign == Sign::kIdle && watched.state != State::kDown)) continue;
    if (watched.nonce != 0 && ++watched.misses >= watched.settings.threshold) {
      watched.state = State::kDown;
      watched.misses = 0;
      watched.nonce = 0;
      round.down.push_back(id);
      continue;
    }
    watched.nonce = fresh_nonce();
    if (watched.seen) ++watched.seen->out;
    round.probes.push_back({id, watched.nonce});
  }
  return round;
}

bool Monitor::answered(const Probe& probe) {
  const auto found = watched_.find(probe.tunnel);
  if (found == watched_.end() || probe.nonce == 0 || found->second.nonce != probe.nonce)
    return false;
  Watched& watched = found->second;
  watched.nonce = 0;
  watched.misses = 0;
  if (watched.seen) ++watched.seen->in;
  return std::exchange(watched.state, State::kUp) != State::kUp;
}

Monitor::State Monitor::state(std::uint32_t tunnel) const {
  const auto found = watched_.find(tunnel);
  return found == watched_.end() ? State::kNone : found->second.state;
}

}  // namespace nezu::ike
