#pragma once
#include <cstdint>
#include <map>
#include <unordered_map>
#include <vector>

#include "pfe-model/lpm.h"

namespace nezu::pfe {

/// Where one path of a route leads.
struct Hop {
  uint32_t interface = 0;  ///< logical interface
  Address gateway;         ///< none: the destination is on the link
  auto operator<=>(const Hop& other) const {
    if (interface != other.interface) return interface <=> other.interface;
    return gateway.bytes().compare(other.gateway.bytes()) <=> 0;
  }
  bool operator==(const Hop&) const = default;
};

enum class Action : uint8_t { kForward, kDiscard, kReject, kLocal };

/// What a route does. Routes with equal paths share one.
struct Paths {
  Action action = Action::kForward;
  std::vector<Hop> hops;  ///< kForward only, at least one
  auto operator<=>(const Paths&) const = default;
};

/// The routes and local addresses of one routing instance. A local address hides a route to it.
/// Of a round of synchronisation the lower half is kept.
class Fib {
 public:
  void set_route(const Prefix& prefix, Paths paths, uint64_t sync);
  bool remove_route(const Prefix& prefix);
  void set_local(const Address& address, uint32_t interface, uint64_t sync);
  bool remove_local(const Address& address);

  /// Removes what was last set before sync round `sync`.
  void sweep(uint64_t sync);

  /// nullptr: no route. Valid until the next change.
  const Paths* find(const Address& address) const {
    const uint32_t value = (address.size == 4 ? v4_ : v6_).find(address.octets.data());
    return value == 0 ? nullptr : shared_[value];
  }
  /// The prefix that find() goes by, for who wants to know: it tries one length after the other.
  Prefix prefix(const Address& address) const;
  bool is_local(const Address& address) const { return locals_.contains(prefix_of(address)); }

  /// An address of the router on this interface, of the same size as `like`; failing that, any.
  Address source(uint32_t interface, const Address& like) const;

  size_t routes() const { return v4_.size() + v6_.size() - locals_.size() + hidden_.size(); }

 private:
  struct Route {
    uint32_t paths;
    uint32_t sync;
  };
  struct Local {
    uint32_t interface;
    uint64_t sync;
  };
  using Shared = std::map<Paths, uint32_t>;

  static Prefix prefix_of(const Address& address) {
    return {address, static_cast<uint8_t>(8 * address.size)};
  }
  Lpm& trie(const Prefix& prefix) { return prefix.address.size == 4 ? v4_ : v6_; }
  uint32_t share(Paths paths);
  void unshare(uint32_t index);

  Lpm v4_{4};
  Lpm v6_{16};
  std::unordered_map<Prefix, Route, PrefixHash> hidden_;  ///< routes to local addresses
  std::unordered_map<Prefix, Local, PrefixHash> locals_;

  Shared by_value_;
  std::vector<const Paths*> shared_{nullptr};  ///< by trie value; 0 is none
  std::vector<uint32_t> users_{0};
  std::vector<uint32_t> free_;
  uint32_t local_ = 0;
};

}  // namespace nezu::pfe
