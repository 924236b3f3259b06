#pragma once
#include <map>
#include <string>
#include <vector>

#include "configdb/layers.h"

/// interface-range: entries of one list that stand for many of another.
namespace nezu::configdb {

constexpr size_t kMostMembers = 10'000;  ///< of one range

/// The names a range's active `member` and `member-range` statements stand for, each once.
/// "et-0/0/[0-3,7]" and "et-0/0/*" (0 to 47) are several; a member-range goes through the last
/// number that differs ("et-0/0/0 to et-0/1/3" goes through ports of both PICs, 0 to 47 each).
std::vector<std::string> members_of(const Node& range);

/// Why a range stands for nothing or for too much; "" if it does not.
std::string wrong_with_range(const Node& range);

/// The ranges of one list at one moment, by the keys they stand for.
class Ranges {
 public:
  Ranges() = default;
  /// Of the lists of ranges that a place has and inherits, the strongest first.
  explicit Ranges(const Layers& holders);

  /// What a key inherits from its ranges, in their order.
  const Layers& of(const std::string& key) const;
  const std::map<std::string, Layers>& by_key() const { return by_key_; }

 private:
  void add(const std::string& name, const Layers& holders);
  std::map<std::string, Layers> by_key_;
};

}  // namespace nezu::configdb
