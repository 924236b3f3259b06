#pragma once
#include <cstddef>
#include <cstdint>
#include <unordered_map>
#include <vector>

#include "pfe-model/address.h"

namespace nezu::pfe {

/// An address and how many of its bits count.
struct Prefix {
  Address address;  ///< bits past `length` are zero
  uint8_t length = 0;

  /// The prefix of that length which holds `address`.
  static Prefix of(const Address& address, uint8_t length);
  bool operator==(const Prefix&) const = default;
};

struct PrefixHash {
  size_t operator()(const Prefix& prefix) const { return hash(prefix.address, prefix.length); }
};

/// Longest prefix match over addresses of one size: a trie of one octet a step. A prefix that ends
/// inside a step is spread over the entries it covers, so a look-up is one array access an octet.
/// Values are from 1 to kMaxValue. A table of a million IPv4 prefixes takes about 120 MB.
class Lpm {
 public:
  static constexpr uint32_t kMaxValue = (1u << 31) - 1;

  explicit Lpm(uint8_t octets);

  /// `tag` is the caller's, kept with the prefix.
  void set(const Prefix& prefix, uint32_t value, uint32_t tag = 0);
  /// False: it was not there.
  bool erase(const Prefix& prefix);
  /// The value of exactly that prefix; 0: it is not there.
  uint32_t exact(const Prefix& prefix) const;
  uint32_t tag(const Prefix& prefix) const { return exact_.at(prefix).tag; }
  /// The prefixes that were set with another tag.
  std::vector<Prefix> tagged_otherwise(uint32_t tag) const;

  /// The value of the longest prefix that holds the address, 0 if there is none.
  uint32_t find(const uint8_t* address) const {
    uint32_t best = default_;
    const Node* node = &nodes_[0];
    for (uint8_t i = 0; i < octets_; ++i) {
      const uint32_t entry = node->entry[address[i]];
      if (!(entry & kChild)) return entry != 0 ? entry : best;
      node = &nodes_[entry & ~kChild];
      if (node->above != 0) best = node->above;
    }
    return best;
  }

  size_t size() const { return exact_.size(); }
  size_t nodes() const { return nodes_.size() - free_.size(); }

 private:
  static constexpr uint32_t kChild = 1u << 31;

  struct Node {
    uint32_t entry[256] = {};  ///< a value, or kChild and the number of a node; 0: neither
    uint32_t above = 0;        ///< the value of the entry that this node hangs on
    uint32_t used = 0;         ///< children and prefixes that end here
    uint8_t length[256] = {};  ///< bits of the step the value's prefix uses, 1..8; 0: no value
  };
  struct Kept {
    uint32_t value;
    uint32_t tag;
  };
  struct Place {
    uint32_t node;
    uint8_t octet;  ///< first entry covered
    uint8_t bits;   ///< 1..8
  };

  uint32_t descend(const Prefix& prefix, bool create);
  uint32_t new_node();
  void prune(const Prefix& prefix);
  static Place place(uint32_t node, const Prefix& prefix);
  uint32_t child_of(uint32_t node, uint8_t octet) const {
    const uint32_t entry = nodes_[node].entry[octet];
    return entry & kChild ? entry & ~kChild : 0;
  }
  void set_value(uint32_t node, size_t octet, uint32_t value);
  void spread(const Place& place, uint32_t value);
  void withdraw(const Place& place, const Prefix& prefix);

  const uint8_t octets_;
  uint32_t default_ = 0;
  std::vector<Node> nodes_;
  std::vector<uint32_t> free_;
  std::unordered_map<Prefix, Kept, PrefixHash> exact_;
};

}  // namespace nezu::pfe
