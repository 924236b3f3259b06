#include "services/mgmt/spill.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

namespace nezu::mgmt {
namespace {
constexpr size_t kPiece = 65536;

int open_nameless() {
  const char* directory = getenv("TMPDIR");
  if (!directory) directory = "/var/tmp";  // not /tmp: that is often memory
  return open(directory, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
}
}  // namespace

Spill::~Spill() {
  if (file_ >= 0) close(file_);
}

bool Spill::write(std::string_view bytes) {
  if (size() + bytes.size() > kMax) return false;
  const bool only_memory = file_end_ == file_at_ && tail_.empty();
  if (only_memory && memory_.size() - memory_at_ + bytes.size() <= kMemory) {
    memory_ += bytes;
    return true;
  }
  tail_ += bytes;
  return tail_.size() < kPiece || write_tail();
}

// False: the disk is full; what it did not take is gone.
bool Spill::write_tail() {
  const std::string bytes = std::exchange(tail_, {});
  std::string_view left = bytes;
  if (file_ < 0) file_ = open_nameless();
  while (!left.empty()) {
    const ssize_t done = pwrite(file_, left.data(), left.size(), static_cast<off_t>(file_end_));
    if (done <= 0) return false;
    file_end_ += static_cast<size_t>(done);
    left.remove_prefix(static_cast<size_t>(done));
  }
  return true;
}

std::string Spill::read(size_t size) {
  if (memory_at_ == memory_.size()) return from_file(size);
  std::string out = memory_.substr(memory_at_, size);
  memory_at_ += out.size();
  if (memory_at_ * 2 >= memory_.size()) {
    memory_.erase(0, memory_at_);
    memory_at_ = 0;
  }
  return out;
}

std::string Spill::from_file(size_t size) {
  if (file_at_ == file_end_) {  // all of it is read: go on in memory
    std::string rest = std::exchange(tail_, {});
    clear();
    memory_ = std::move(rest);
    return memory_.empty() ? std::string() : read(size);
  }
  std::string out(std::min(size, file_end_ - file_at_), '\0');
  const ssize_t got = pread(file_, out.data(), out.size(), static_cast<off_t>(file_at_));
  out.resize(got > 0 ? static_cast<size_t>(got) : 0);
  file_at_ += out.size();
  if (got <= 0) clear();
  return out;
}

void Spill::clear() {
  memory_.clear();
  tail_.clear();
  memory_at_ = file_at_ = file_end_ = 0;
  if (file_ >= 0) close(file_);
  file_ = -1;
}

}  // namespace nezu::mgmt
