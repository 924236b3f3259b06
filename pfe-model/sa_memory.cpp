#include "pfe-model/sa_memory.h"

#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <vector>

namespace nezu::pfe {

/// First page of the memory.
struct SaMemory::Header {
  uint64_t magic;  ///< written last
  uint32_t record_size;
  uint32_t used;  ///< slots that were ever in use: the first ones
  uint64_t retirements;
};

namespace {

constexpr uint64_t kMagic = 0x31415345505a454e;  // "NEZPESA1"
constexpr size_t kHeaderSize = 4096;
constexpr size_t kSize = kHeaderSize + SaMemory::kSlots * sizeof(SaRecord);

/// What was written before a flag is in memory before the flag, whenever we are killed.
void store_last(auto& where, auto value) {
  std::atomic_ref(where).store(value, std::memory_order_release);
}

std::string text_of_errno(const char* what) {
  return std::string(what) + ": " + std::strerror(errno);
}

bool grow(int memory, std::string& error) {
  struct stat status {};
  if (::fstat(memory, &status) != 0) return error = text_of_errno("fstat of SA memory"), false;
  if (status.st_size >= static_cast<off_t>(kSize)) return true;
  if (::ftruncate(memory, kSize) == 0) return true;
  return error = text_of_errno("growing the SA memory"), false;
}

}  // namespace

bool SaMemory::open(int memory, std::string& error) {
  if (memory >= 0 && !grow(memory, error)) return false;
  const int flags = memory >= 0 ? MAP_SHARED : MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
  void* mapped = ::mmap(nullptr, kSize, PROT_READ | PROT_WRITE, flags, memory, 0);
  if (mapped == MAP_FAILED) return error = text_of_errno("mapping the SA memory"), false;
  memory_ = static_cast<uint8_t*>(mapped);
  header_ = reinterpret_cast<Header*>(memory_);
  records_ = reinterpret_cast<SaRecord*>(memory_ + kHeaderSize);
  if (header_->magic == 0) {
    header_->record_size = sizeof(SaRecord);
    store_last(header_->magic, kMagic);
  }
  if (header_->magic != kMagic || header_->record_size != sizeof(SaRecord) ||
      header_->used > kSlots)
    return error = "the SA memory holds records of another layout", false;
  index_records();
  return true;
}

SaMemory::~SaMemory() {
  if (memory_ != nullptr) ::munmap(memory_, kSize);
}

void SaMemory::index_records() {
  for (uint32_t i = 0; i < header_->used; ++i) {
    SaRecord& record = records_[i];
    if (record.state == SaRecord::kFree) free_.push_back(&record);
    if (record.state == SaRecord::kFree) continue;
    index_[key_of(record)] = &record;
    if (record.state == SaRecord::kRetired) retired_[record.retired_at] = &record;
  }
}

SaMemory::Key SaMemory::key_of(const SaRecord& record) {
  return {record.generation, static_cast<SaDirection>(record.direction), record.spi};
}

SaRecord* SaMemory::attach(uint64_t generation, SaDirection direction, uint32_t spi) {
  const Key key{generation, direction, spi};
  if (const auto found = index_.find(key); found != index_.end()) {
    SaRecord* record = found->second;
    if (record->state == SaRecord::kRetired) retired_.erase(record->retired_at);
    store_last(record->state, uint32_t{SaRecord::kLive});
    attached_[record] = true;
    return record;
  }
  SaRecord* record = slot();
  if (record == nullptr) return nullptr;
  record->generation = generation;
  record->direction = static_cast<uint32_t>(direction);
  record->spi = spi;
  store_last(record->state, uint32_t{SaRecord::kLive});
  index_[key] = record;
  attached_[record] = true;
  return record;
}

bool SaMemory::attached(uint64_t generation, SaDirection direction, uint32_t spi) const {
  const auto found = index_.find({generation, direction, spi});
  return found != index_.end() && attached_.contains(found->second);
}

/// A zeroed free record.
SaRecord* SaMemory::slot() {
  if (!free_.empty()) {
    SaRecord* left = free_.back();
    free_.pop_back();
    std::memset(static_cast<void*>(left), 0, sizeof *left);
    return left;
  }
  if (header_->used < kSlots && retired_.size() < kKeepRetired) {
    SaRecord* fresh = &records_[header_->used];
    std::memset(static_cast<void*>(fresh), 0, sizeof *fresh);
    store_last(header_->used, header_->used + 1);
    return fresh;
  }
  if (retired_.empty()) return nullptr;
  SaRecord* oldest = retired_.begin()->second;
  retired_.erase(retired_.begin());
  index_.erase(key_of(*oldest));
  store_last(oldest->state, uint32_t{SaRecord::kFree});
  std::memset(static_cast<void*>(oldest), 0, sizeof *oldest);
  return oldest;
}

void SaMemory::retire(SaRecord* record) {
  attached_.erase(record);
  record->retired_at = header_->retirements++;
  store_last(record->state, uint32_t{SaRecord::kRetired});
  retired_[record->retired_at] = record;
}

void SaMemory::retire_unattached() {
  std::vector<SaRecord*> gone;
  for (const auto& [key, record] : index_)
    if (record->state == SaRecord::kLive && !attached_.contains(record)) gone.push_back(record);
  for (SaRecord* record : gone) retire(record);
}

}  // namespace nezu::pfe
