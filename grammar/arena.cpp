#include "grammar/arena.h"

#include <sys/mman.h>

#include <cstring>

namespace nezu::grammar {

Arena::Arena(size_t most) : most_(most) {
  void* memory = mmap(nullptr, most, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) throw std::bad_alloc();
  begin_ = static_cast<char*>(memory);
}

Arena::~Arena() {
  munmap(begin_, most_);
}

char* Arena::take(size_t size, size_t alignment) {
  const size_t at = (used_ + alignment - 1) / alignment * alignment;
  if (at + size > most_) throw std::bad_alloc();
  used_ = at + size;
  return begin_ + at;
}

void Arena::put(Text& into, std::string_view text) {
  auto found = texts_.find(text);
  if (found == texts_.end()) {
    char* place = take(text.size() + 1, 1);
    std::memcpy(place, text.data(), text.size());
    found = texts_.emplace(std::string_view(place, text.size()), place).first;
  }
  into.distance_ = distance(&into, found->second);
  into.size_ = static_cast<uint32_t>(text.size());
}

}  // namespace nezu::grammar
