#pragma once
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace nezu::pfe {

struct IdHash {
  uint64_t operator()(uint32_t id) const { return id * 0x9e3779b97f4a7c15u >> 20; }
};

/// Open-addressing hash table with linear probing, for look-ups on the packet path: one cache line
/// a look-up most times, no allocation except when it grows. `Hash` maps a key to 64 bits.
/// Erasing moves later entries back, so there are no tombstones; pointers do not survive changes.
template <typename Key, typename Value, typename Hash>
class FlatMap {
 public:
  Value* find(const Key& key) {
    if (size_ == 0) return nullptr;
    const size_t at = locate(key);
    return slots_[at].used ? &slots_[at].value : nullptr;
  }
  const Value* find(const Key& key) const { return const_cast<FlatMap*>(this)->find(key); }

  /// Inserts a default value if there is none.
  Value& operator[](const Key& key) {
    if (2 * (size_ + 1) > slots_.size()) grow();
    Slot& slot = slots_[locate(key)];
    if (!slot.used) {
      slot.used = true;
      slot.key = key;
      ++size_;
    }
    return slot.value;
  }

  bool erase(const Key& key) {
    if (size_ == 0) return false;
    size_t hole = locate(key);
    if (!slots_[hole].used) return false;
    for (size_t next = step(hole); slots_[next].used; next = step(next)) {
      const size_t home = Hash{}(slots_[next].key) & mask();
      if (((next - home) & mask()) < ((next - hole) & mask())) continue;
      slots_[hole] = std::move(slots_[next]);
      hole = next;
    }
    slots_[hole] = Slot{};
    --size_;
    return true;
  }

  template <typename Visit>
  void each(Visit visit) {
    for (Slot& slot : slots_)
      if (slot.used) visit(slot.key, slot.value);
  }

  size_t size() const { return size_; }

 private:
  struct Slot {
    Key key{};
    Value value{};
    bool used = false;
  };

  size_t mask() const { return slots_.size() - 1; }
  size_t step(size_t at) const { return (at + 1) & mask(); }

  size_t locate(const Key& key) const {
    size_t at = Hash{}(key)&mask();
    while (slots_[at].used && !(slots_[at].key == key)) at = step(at);
    return at;
  }

  void grow() {
    std::vector<Slot> old = std::move(slots_);
    slots_ = std::vector<Slot>(old.empty() ? 16 : old.size() * 2);
    for (Slot& slot : old)
      if (slot.used) slots_[locate(slot.key)] = std::move(slot);
  }

  std::vector<Slot> slots_;
  size_t size_ = 0;
};

}  // namespace nezu::pfe
