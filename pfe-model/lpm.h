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
/// Values are not 0.
class Lpm {
 public:
  explicit Lpm(uint8_t octets);

  void set(const Prefix& prefix, uint32_t value);
  void erase(const Prefix& prefix);

  /// The value of the longest prefix that holds the address, 0 if there is none.
  uint32_t find(const uint8_t* address) const {
    uint32_t best = default_;
    const Node* node = &nodes_[0];
    for (uint8_t i = 0; i < octets_; ++i) {
      const uint8_t octet = address[i];
      if (node->value[octet] != 0) best = node->value[octet];
      const uint32_t child = node->child[octet];
      if (child == 0) break;
      node = &nodes_[child];
    }
    return best;
  }

  size_t size() const { return exact_.size(); }
  size_t nodes() const { return nodes_.size() - free_.size(); }

 private:
  struct Node {
    uint32_t child[256] = {};
    uint32_t value[256] = {};
    uint8_t length[256] = {};  ///< bits of the step the value's prefix uses, 1..8; 0: no value
    uint32_t used = 0;         ///< children and prefixes that end here
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
  void spread(const Place& place, uint32_t value);
  void withdraw(const Place& place, const Prefix& prefix);

  const uint8_t octets_;
  uint32_t default_ = 0;
  std::vector<Node> nodes_;
  std::vector<uint32_t> free_;
  std::unordered_map<Prefix, uint32_t, PrefixHash> exact_;
};

}  // namespace nezu::pfe
