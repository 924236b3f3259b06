#include "services/ike/daemon/memory.h"

#include <fcntl.h>
#include <openssl/crypto.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <cstring>

namespace nezu::ike {
namespace {

constexpr std::uint64_t kMagic = 0x4e455a55494b4531;  // "NEZUIKE1"
constexpr std::uint32_t kVersion = 1;
constexpr std::uint32_t kExtentMagic = 0x45585431;
constexpr std::size_t kAlign = 64;
constexpr std::size_t kFirstRoom = 1024;
constexpr std::uint32_t kClasses = 15;  // 1 KiB … 16 MiB
constexpr std::size_t kGrow = 1u << 20;

enum State : std::uint32_t { kFree = 0, kCommitted = 1 };

// FNV-1a: finds a record that is not what was written, not an attacker.
std::uint64_t checksum(ByteView bytes) {
  std::uint64_t sum = 0xcbf29ce484222325;
  for (const std::uint8_t byte : bytes) sum = (sum ^ byte) * 0x100000001b3;
  return sum;
}

bool is_memfd(int descriptor) {
  return fcntl(descriptor, F_GET_SEALS) >= 0;
}

}  // namespace

struct Memory::Header {
  std::uint64_t magic;
  std::uint32_t version;
  std::uint32_t reserved;
  std::atomic<std::uint64_t> end;  // of the last extent
};

struct Memory::ExtentHead {
  std::uint32_t magic;
  std::uint32_t size_class;
  std::atomic<std::uint32_t> state;
  std::uint32_t kind;
  std::uint64_t key;
  std::uint64_t sequence;
  std::uint64_t length;
  std::uint64_t sum;
};

namespace {
constexpr std::size_t kHead = kAlign;  // room an ExtentHead takes
std::size_t extent_size(std::uint32_t size_class) {
  return kHead + (kFirstRoom << size_class);
}
}  // namespace

Memory::Memory(int descriptor) {
  static_assert(sizeof(Header) <= kAlign && sizeof(ExtentHead) <= kHead);
  shared_ = is_memfd(descriptor);
  descriptor_ =
      shared_ ? fcntl(descriptor, F_DUPFD_CLOEXEC, 10) : memfd_create("nezu-iked", MFD_CLOEXEC);
  struct stat status {};
  if (descriptor_ < 0 || fstat(descriptor_, &status) != 0) std::abort();
  if (status.st_size >= off_t(kGrow) && map(std::size_t(status.st_size)) && adopt()) return;
  begin_anew();
}

Memory::~Memory() {
  if (base_) munmap(base_, mapped_);
  if (descriptor_ >= 0) close(descriptor_);
}

// The file grows before it is mapped: a mapping past its end would fault.
bool Memory::map(std::size_t size) {
  if (size > kMaxFile) return false;
  struct stat status {};
  if (fstat(descriptor_, &status) != 0) return false;
  if (std::size_t(status.st_size) < size && ftruncate(descriptor_, off_t(size)) != 0) return false;
  void* at = base_ ? mremap(base_, mapped_, size, MREMAP_MAYMOVE)
                   : mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor_, 0);
  if (at == MAP_FAILED) return false;
  base_ = static_cast<std::uint8_t*>(at);
  mapped_ = size;
  return true;
}

Memory::Header& Memory::header() const {
  return *reinterpret_cast<Header*>(base_);
}

Memory::ExtentHead& Memory::extent(std::size_t offset) const {
  return *reinterpret_cast<ExtentHead*>(base_ + offset);
}

std::uint8_t* Memory::room(std::size_t offset) const {
  return base_ + offset + kHead;
}

void Memory::begin_anew() {
  if (base_) munmap(base_, mapped_);
  base_ = nullptr;
  where_.clear();
  free_.clear();
  if (ftruncate(descriptor_, 0) != 0 || !map(kGrow)) std::abort();
  header().version = kVersion;
  header().end = kAlign;
  std::atomic_thread_fence(std::memory_order_release);
  header().magic = kMagic;
}

// False if the file is not ours to read: another version, or not made by us.
bool Memory::adopt() {
  if (header().magic != kMagic || header().version != kVersion) return false;
  const std::size_t end = header().end;
  if (end > mapped_ || end < kAlign) return false;
  for (std::size_t at = kAlign; at < end;) {
    const ExtentHead& head = extent(at);
    if (end - at < kHead || head.magic != kExtentMagic || head.size_class >= kClasses ||
        end - at < extent_size(head.size_class))
      return false;
    remember(at);
    at += extent_size(head.size_class);
  }
  return true;
}

// Sorts an extent found at the start into the records or the free ones.
void Memory::remember(std::size_t offset) {
  const ExtentHead& head = extent(offset);
  const std::size_t space = kFirstRoom << head.size_class;
  if (head.state != kCommitted || head.length > space ||
      checksum({room(offset), head.length}) != head.sum)
    return release(offset);
  sequence_ = std::max(sequence_, head.sequence + 1);
  auto [other, fresh] = where_.try_emplace({RecordKind(head.kind), head.key}, offset);
  if (fresh) return;
  const bool newer = head.sequence > extent(other->second).sequence;
  const std::size_t loser = newer ? std::exchange(other->second, offset) : offset;
  release(loser);
}

// What was in it were keys.
void Memory::release(std::size_t offset) {
  ExtentHead& head = extent(offset);
  head.state.store(kFree, std::memory_order_release);
  OPENSSL_cleanse(room(offset), std::min(head.length, kFirstRoom << head.size_class));
  free_[head.size_class].push_back(offset);
}

std::optional<std::size_t> Memory::append_extent(std::uint32_t size_class) {
  const std::size_t at = header().end, next = at + extent_size(size_class);
  if (next > mapped_ && !map((next + kGrow - 1) / kGrow * kGrow)) return {};
  ExtentHead& head = extent(at);
  head.magic = kExtentMagic;
  head.size_class = size_class;
  head.state = kFree;
  head.length = 0;
  // Only now may a reader walk over it.
  header().end.store(next, std::memory_order_release);
  return at;
}

std::optional<std::size_t> Memory::take(std::size_t size) {
  std::uint32_t size_class = 0;
  while ((kFirstRoom << size_class) < size) ++size_class;
  auto& spare = free_[size_class];
  if (spare.empty()) return append_extent(size_class);
  const std::size_t offset = spare.back();
  spare.pop_back();
  return offset;
}

bool Memory::write(Key key, ByteView record) {
  const auto old = where_.find(key);
  if (record.empty()) {
    if (old == where_.end()) return true;
    release(old->second);
    where_.erase(old);
    return true;
  }
  if (record.size() > kMaxRecord) return false;
  const auto offset = take(record.size());
  if (!offset) return false;
  ExtentHead& head = extent(*offset);
  head.length = record.size();  // first: what is wiped if we die now
  std::memcpy(room(*offset), record.data(), record.size());
  head.kind = std::uint32_t(key.first);
  head.key = key.second;
  head.sequence = sequence_++;
  head.sum = checksum(record);
  head.state.store(kCommitted, std::memory_order_release);  // from here on it counts
  if (old != where_.end())
    release(std::exchange(old->second, *offset));
  else
    where_[key] = *offset;
  return true;
}

std::optional<Bytes> Memory::read(Key key) const {
  const auto found = where_.find(key);
  if (found == where_.end()) return {};
  return bytes_of({room(found->second), extent(found->second).length});
}

std::map<std::uint64_t, Bytes> Memory::all(RecordKind kind) const {
  std::map<std::uint64_t, Bytes> found;
  for (auto it = where_.lower_bound({kind, 0}); it != where_.end() && it->first.first == kind; ++it)
    found[it->first.second] = bytes_of({room(it->second), extent(it->second).length});
  return found;
}

}  // namespace nezu::ike
