#pragma once
#include <atomic>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace nezu::configdb {

/// How many pointers share what this is part of. A copy begins anew.
class Count {
 public:
  Count() = default;
  Count(const Count&) {}
  Count& operator=(const Count&) { return *this; }

  void up() { count_.fetch_add(1, std::memory_order_relaxed); }
  /// Whether that was the last one.
  bool down() { return count_.fetch_sub(1, std::memory_order_acq_rel) == 1; }

 private:
  std::atomic<uint32_t> count_{0};
};

/// A pointer that several hold, like std::shared_ptr, in half its size: the count is in what it
/// points to. `hold(const T*)` and `release(const T*)` count; T may be incomplete where a pointer
/// is copied.
template <class T>
class Shared {
 public:
  Shared() = default;
  Shared(std::nullptr_t) {}  // NOLINT(google-explicit-constructor): as std::shared_ptr
  /// Takes a share of its own.
  explicit Shared(const T* to) : to_(to) {
    if (to_) hold(to_);
  }
  Shared(const Shared& other) : Shared(other.to_) {}
  Shared(Shared&& other) noexcept : to_(std::exchange(other.to_, nullptr)) {}
  Shared& operator=(Shared other) noexcept {
    std::swap(to_, other.to_);
    return *this;
  }
  ~Shared() {
    if (to_) release(to_);
  }

  const T* get() const { return to_; }
  const T& operator*() const { return *to_; }
  const T* operator->() const { return to_; }
  explicit operator bool() const { return to_ != nullptr; }
  bool operator==(const Shared& other) const = default;
  auto operator<=>(const Shared& other) const = default;
  bool operator==(std::nullptr_t) const { return to_ == nullptr; }

 private:
  const T* to_ = nullptr;
};

}  // namespace nezu::configdb
