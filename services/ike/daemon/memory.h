// The memory that outlives the process: records in a memfd that nezu-init holds.
//
// A record is written beside its predecessor and then committed with one store, so a process that
// dies at any instruction leaves the old or the new one. Writing costs what the record is long,
// however many there are.
//
// Layout, in host byte order (the file never leaves the machine): a header of kAlign octets, then
// extents one after the other up to Header.end. An extent is an ExtentHead and room for
// kFirstRoom << size_class octets; it keeps its size for ever and is used again by records that
// fit. Where two committed extents name the same record, the one with the higher sequence counts.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "services/ike/bytes.h"

namespace nezu::ike {

enum class RecordKind : std::uint32_t {
  kIkeSa = 1,      // key: IkeSa.index
  kTunnelIds = 2,  // key 0
  kEvents = 3,     // key: Tunnel.id
  kSilent = 4,     // key: Tunnel.id, one octet: VPN monitoring has found nobody at its far end
  kChain = 5,      // key: IkeSa.index, the certificates that proved its peer (chain_record.h)
};

class Memory {
 public:
  using Key = std::pair<RecordKind, std::uint64_t>;
  static constexpr std::size_t kMaxRecord = 16u << 20;
  static constexpr std::size_t kMaxFile = 512u << 20;

  /// Opens what a predecessor left in the memfd `descriptor` (not closed by us), or makes it ready
  /// if it is empty or of another version. If it is no memfd at all, the records live in one of our
  /// own and end with us: shared() says so.
  explicit Memory(int descriptor);
  ~Memory();
  Memory(const Memory&) = delete;
  Memory& operator=(const Memory&) = delete;

  bool shared() const { return shared_; }

  /// Puts `record` in the place of what is there under the key; an empty one removes it. False if
  /// there is no room: the old one stays.
  bool write(Key key, ByteView record);
  std::optional<Bytes> read(Key key) const;
  /// Every record of a kind, by key.
  std::map<std::uint64_t, Bytes> all(RecordKind kind) const;

  std::size_t records() const { return where_.size(); }
  std::size_t file_size() const { return mapped_; }

 private:
  struct Header;
  struct ExtentHead;

  bool map(std::size_t size);
  bool adopt();
  void begin_anew();
  Header& header() const;
  ExtentHead& extent(std::size_t offset) const;
  std::uint8_t* room(std::size_t offset) const;
  std::optional<std::size_t> take(std::size_t size);
  std::optional<std::size_t> append_extent(std::uint32_t size_class);
  void release(std::size_t offset);
  void remember(std::size_t offset);

  int descriptor_ = -1;
  bool shared_ = false;
  std::uint8_t* base_ = nullptr;
  std::size_t mapped_ = 0;
  std::uint64_t sequence_ = 1;
  std::map<Key, std::size_t> where_;                        // offsets of the extents in use
  std::map<std::uint32_t, std::vector<std::size_t>> free_;  // by size class
};

}  // namespace nezu::ike
