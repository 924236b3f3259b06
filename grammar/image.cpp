#include "grammar/image.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstring>
#include <stdexcept>

namespace nezu::grammar {
namespace {

constexpr char kMagic[] = "NEZUYANG";
// The build makes the first part from the headers that say what a frozen schema looks like.
constexpr uint32_t kVersion = NEZU_SCHEMA_FORM ^ (sizeof(Statement) << 12) ^ sizeof(TypeData);
constexpr size_t kCovered = offsetof(ImageHead, version);  // by the checksum, from there on
constexpr size_t kLargest = size_t{64} << 20;

// Any single word that differs makes it differ.
uint64_t checksum(std::string_view bytes, uint64_t sum) {
  for (size_t at = 0; at + 8 <= bytes.size(); at += 8) {
    uint64_t word;
    std::memcpy(&word, bytes.data() + at, 8);
    sum = (sum ^ word) * 0x9e3779b97f4a7c15u;
    sum ^= sum >> 32;
  }
  return sum;
}

[[noreturn]] void refuse(const std::string& file, const std::string& why) {
  throw std::runtime_error("the schema " + file + " cannot be used: " + why);
}

class File {
 public:
  explicit File(const std::string& name)
      : descriptor_(::open(name.c_str(), O_RDONLY | O_CLOEXEC)) {}
  ~File() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  int get() const { return descriptor_; }

 private:
  int descriptor_;
};

// Read and not mapped, so that looking at all of it does not make all of it this process's.
uint64_t checksum_of(int file) {
  std::string part(size_t{1} << 16, 0);
  uint64_t sum = 0;
  off_t at = kCovered;
  for (ssize_t got; (got = pread(file, part.data(), part.size(), at)) > 0; at += got)
    sum = checksum(std::string_view(part).substr(0, static_cast<size_t>(got)), sum);
  return sum;
}

// Says what is wrong with it; "" if nothing.
std::string fault_of(int file, ImageHead& head) {
  struct stat info;
  if (fstat(file, &info) != 0) return std::strerror(errno);
  const auto size = static_cast<size_t>(info.st_size);
  if (pread(file, &head, sizeof(head), 0) != static_cast<ssize_t>(sizeof(head)) ||
      std::memcmp(head.magic, kMagic, sizeof(head.magic)) != 0)
    return "it is not a frozen schema";
  if (head.version != kVersion) return "it is of another version of this program";
  if (head.size != size || size > kLargest)
    return "it has " + std::to_string(size) + " bytes, not " + std::to_string(head.size);
  return checksum_of(file) == head.checksum ? "" : "it is damaged";
}

}  // namespace

TypeSlot::~TypeSlot() {
  if (data_) delete made_.load();
}

const Type* TypeSlot::get() const {
  if (const Type* made = made_) return made;
  auto fresh = make_type(*data_);
  const Type* none = nullptr;
  if (made_.compare_exchange_strong(none, fresh.get())) fresh.release();
  return made_;
}

const Type* TypeLink::get() const {
  return slot_ ? slot_->get() : nullptr;
}

void SchemaArena::put(TypeLink& into, const Type& type) {
  TypeSlot& slot = make<TypeSlot>();
  slot.made_ = &type;
  put(into.slot_, &slot);
}

std::shared_ptr<const Image> Image::map(const std::string& name) {
  const File file(name);
  if (file.get() < 0) refuse(name, std::strerror(errno));
  ImageHead head;
  if (const auto fault = fault_of(file.get(), head); !fault.empty()) refuse(name, fault);
  auto image = std::make_shared<Image>();
  void* memory = mmap(nullptr, head.size, PROT_READ, MAP_PRIVATE, file.get(), 0);
  if (memory == MAP_FAILED) refuse(name, std::strerror(errno));
  image->begin_ = static_cast<char*>(memory);
  image->size_ = head.size;
  if (mprotect(image->begin_ + head.writable, head.size - head.writable, PROT_READ | PROT_WRITE))
    refuse(name, std::strerror(errno));
  return image;
}

std::shared_ptr<const Image> Image::keep(std::unique_ptr<SchemaArena> arena, uint32_t writable) {
  auto image = std::make_shared<Image>();
  arena->align(sizeof(uint64_t));
  const std::string_view bytes = arena->bytes();
  image->begin_ = const_cast<char*>(bytes.data());
  image->size_ = bytes.size();
  auto& head = *reinterpret_cast<ImageHead*>(image->begin_);
  std::memcpy(head.magic, kMagic, sizeof(head.magic));
  head.version = kVersion;
  head.writable = writable;
  head.size = bytes.size();
  image->arena_ = std::move(arena);
  return image;
}

Image::~Image() {
  if (!begin_) return;
  for (const TypeSlot& slot : head().types) slot.~TypeSlot();
  for (const Must& must : head().musts) must.~Must();
  if (!arena_) munmap(begin_, size_);
}

// What was made of it is this process's own.
std::string Image::bytes() const {
  std::string copy(begin_, size_);
  const auto clear = [&](const auto& made) {
    const auto at = reinterpret_cast<const char*>(&made) - begin_;
    std::memset(copy.data() + at, 0, sizeof(made));
  };
  for (const TypeSlot& slot : head().types) clear(slot.made_);
  for (const Must& must : head().musts) clear(must.made_);
  const uint64_t sum = checksum(std::string_view(copy).substr(kCovered), 0);
  std::memcpy(copy.data() + offsetof(ImageHead, checksum), &sum, sizeof(sum));
  return copy;
}

}  // namespace nezu::grammar
