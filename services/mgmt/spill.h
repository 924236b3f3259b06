#pragma once
#include <cstddef>
#include <string>
#include <string_view>

namespace nezu::mgmt {

/// A queue of bytes that keeps kMemory of them in memory and the rest in a file without a name.
/// So a reader that stands still (a pager) holds up nobody, and a million lines take disk, not
/// memory.
class Spill {
 public:
  static constexpr size_t kMemory = 1 << 20;
  static constexpr size_t kMax = size_t{4} << 30;

  Spill() = default;
  ~Spill();
  Spill(const Spill&) = delete;
  Spill& operator=(const Spill&) = delete;

  /// False if the disk is full or kMax is reached; the bytes are then lost.
  bool write(std::string_view bytes);
  /// At most `size` bytes from the front; empty if there are none.
  std::string read(size_t size);
  void clear();
  size_t size() const { return memory_.size() - memory_at_ + file_end_ - file_at_ + tail_.size(); }

 private:
  std::string from_file(size_t size);
  bool write_tail();

  // From the oldest byte to the newest: memory_, the file, tail_. While the file or tail_ holds
  // any, new ones go to tail_ and from there to the file in large pieces.
  std::string memory_;
  size_t memory_at_ = 0;
  int file_ = -1;
  size_t file_at_ = 0;
  size_t file_end_ = 0;
  std::string tail_;
};

}  // namespace nezu::mgmt
