#pragma once
#include <map>
#include <set>
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

/// The names that each range of a list of ranges stands for.
using RangeMembers = std::map<std::string, std::set<std::string>>;
/// `holders`: the list as a place has and inherits it, the strongest first.
RangeMembers range_members(const Layers& holders);

/// The ranges of one list at one moment, by the keys they stand for.
class Ranges {
 public:
  Ranges() = default;
  /// Of the lists of ranges that a place has and inherits, the strongest first.
  explicit Ranges(const Layers& holders);

  /// Of a list whose entries may be named by a range: each of those gives what it says to the
  /// members of the range.
  Ranges(const Layers& list, const RangeMembers& members);

  /// The entries of the list itself that stand for their members.
  const std::set<std::string>& names() const { return names_; }
  /// What a key inherits from its ranges, in their order.
  const Layers& of(const std::string& key) const;
  const std::map<std::string, Layers>& by_key() const { return by_key_; }

 private:
  void add(const std::string& name, const Layers& holders);
  std::map<std::string, Layers> by_key_;
  std::set<std::string> names_;
};

}  // namespace nezu::configdb
