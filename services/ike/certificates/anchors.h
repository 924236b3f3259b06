// Where the paths of certificates may end: which of the trusted authorities stand by themselves.
#pragma once

#include <ctime>
#include <vector>

#include "services/ike/certificates/chain.h"

namespace nezu::ike {

/// Whether the key of `issuer` made the signature of `subject`, and the names and key identifiers
/// fit. One key of a kind that kind_of() knows: at most one signature is computed.
bool has_signed(const Certificate& issuer, const Certificate& subject);

/// Those of `trusted` at which a path may end at `now`. Not an authority from which signatures lead
/// on to a self-signed root that is trusted as well and valid: the path goes on to that root, and
/// this one is asked about like any other. Nor a copy of such a root that another signed, nor one
/// that is out of date beside a valid one of its name, nor of two with one name and key, neither of
/// them such a copy, the one that ends first. Authorities that signed each other, without a root,
/// stay as they are. For each authority at most kMostSigners signatures are computed: past that it
/// stands by itself. Pure.
std::vector<Authority> anchors_of(const std::vector<Authority>& trusted, std::time_t now);

constexpr int kMostSigners = 16;

/// anchors_of() the same authorities, computed once while they stay and none of them begins or ends
/// to be valid. For one thread.
class Anchors {
 public:
  const std::vector<Authority>& of(const std::vector<Authority>& trusted, std::time_t now);

 private:
  static constexpr std::size_t kMost = 16;  // sets that are remembered
  struct Known {
    std::vector<Authority> trusted, anchors;
    std::time_t from = 0, until = 0;
  };
  std::vector<Known> known_;  // the one used last at the end
};

}  // namespace nezu::ike
