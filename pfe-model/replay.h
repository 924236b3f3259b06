#pragma once
#include <cstdint>

namespace nezu::pfe {

/// Largest anti-replay window.
constexpr uint32_t kMaxReplayWindow = 4096;

/// The sequence numbers seen of an inbound SA (RFC 4303 3.4.3, in the manner of RFC 6479: a ring of
/// words larger than the window, so that moving it clears whole words). All zero is a window that
/// has seen nothing. Plain data: it lies in memory that outlives the process.
struct ReplayWindow {
  static constexpr uint64_t kWords = 128;  ///< a power of two, at least (window + 64) / 64

  uint64_t top = 0;  ///< highest number accepted
  uint64_t seen[kWords] = {};
};

/// The full number of a packet that carries only the low half (RFC 4303 appendix A2.2). 0: it would
/// lie before the first one.
inline uint64_t extend_sequence(const ReplayWindow& replay, uint32_t window, uint32_t low) {
  if (window == 0) window = 1024;
  const uint64_t high = replay.top >> 32;
  const auto top_low = static_cast<uint32_t>(replay.top);
  const uint32_t bottom = top_low - window + 1;
  if (top_low >= window - 1) return (low >= bottom ? high : high + 1) << 32 | low;
  if (low < bottom) return high << 32 | low;
  return high == 0 ? 0 : (high - 1) << 32 | low;
}

/// Whether a packet may be new. Asked before it is authenticated; changes nothing.
inline bool is_new(const ReplayWindow& replay, uint32_t window, uint64_t sequence) {
  if (window == 0) return true;
  if (sequence == 0) return false;
  if (sequence > replay.top) return true;
  if (replay.top - sequence >= window) return false;
  return !(replay.seen[sequence / 64 % ReplayWindow::kWords] >> (sequence % 64) & 1);
}

/// Marks an authenticated packet as seen. Killed half way through, the window may refuse a late
/// packet it has not seen, but never takes one twice: the top moves before words are cleared.
inline void mark_seen(ReplayWindow& replay, uint64_t sequence) {
  const uint64_t old_word = replay.top / 64, new_word = sequence / 64;
  if (sequence > replay.top) {
    *static_cast<volatile uint64_t*>(&replay.top) = sequence;
    const uint64_t clear =
        new_word - old_word < ReplayWindow::kWords ? new_word - old_word : ReplayWindow::kWords;
    for (uint64_t i = 0; i < clear; ++i)
      *static_cast<volatile uint64_t*>(&replay.seen[(new_word - i) % ReplayWindow::kWords]) = 0;
  }
  replay.seen[new_word % ReplayWindow::kWords] |= uint64_t{1} << (sequence % 64);
}

}  // namespace nezu::pfe
