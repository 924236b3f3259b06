#pragma once
#include <atomic>
#include <cstddef>
#include <memory>

namespace nezu::pfe {

/// Bounded queue between exactly one producer and one consumer thread; never blocks.
/// Capacity must be a power of two.
template <typename T>
class Ring {
 public:
  explicit Ring(size_t capacity) : mask_(capacity - 1), slots_(new T[capacity]) {}

  /// Producer only. False: full, nothing was stored.
  bool push(const T& value) {
    const size_t tail = tail_.load(std::memory_order_relaxed);
    if (tail - head_.load(std::memory_order_acquire) > mask_) return false;
    slots_[tail & mask_] = value;
    tail_.store(tail + 1, std::memory_order_release);
    return true;
  }

  /// Consumer only. False: empty.
  bool pop(T& value) {
    const size_t head = head_.load(std::memory_order_relaxed);
    if (head == tail_.load(std::memory_order_acquire)) return false;
    value = slots_[head & mask_];
    head_.store(head + 1, std::memory_order_release);
    return true;
  }

  bool empty() const {
    return head_.load(std::memory_order_acquire) == tail_.load(std::memory_order_acquire);
  }

 private:
  const size_t mask_;
  std::unique_ptr<T[]> slots_;
  alignas(64) std::atomic<size_t> head_{0};
  alignas(64) std::atomic<size_t> tail_{0};
};

}  // namespace nezu::pfe
