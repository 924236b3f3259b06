#pragma once
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "configdb/group_condition.h"
#include "configdb/node.h"

/// What one place of the configuration takes its statements from: the configuration itself first,
/// then the groups that apply, each where it stands in the group, the strongest first.
namespace nezu::configdb {

struct Layer {
  NodePtr node;
  std::string source;  ///< the group or interface-range it comes from; "" is the configuration
  bool range = false;  ///< `source` is an interface-range
  bool operator==(const Layer&) const = default;
};
using Layers = std::vector<Layer>;

/// A step from a place to one below it.
struct Below {
  const grammar::Statement* statement = nullptr;
  std::string key;  ///< of a list's entry
};
using Way = std::vector<Below>;

constexpr size_t kMostNested = 64;  ///< groups that apply one another, in a row

/// The groups of one RAW tree.
class Groups {
 public:
  /// `time`: seconds since 1970, for those that ask.
  Groups(const NodePtr& root, int64_t time);

  const NodePtr& holder() const { return holder_; }
  const Circumstances& circumstances() const { return now_; }
  /// `own` and `inherited`, the layers of the place at `way`, with all that their apply-groups and
  /// apply-groups-except say at this place. `own` may be null. Groups inside of groups apply behind
  /// the one that names them; one that is being looked up already is left out, so cycles end.
  /// What lies deeper than kMostNested is left out: see check_groups().
  Layers at(const Way& way, const NodePtr& own, const Layers& inherited) const;

 private:
  // The groups that are being looked up, and how many apply one another from the configuration on.
  struct Nesting {
    std::vector<std::string> under_way;
    size_t depth = 0;
  };
  void add(const Way& way, const Layer& layer, Layers& to, std::vector<std::string>& excepted,
           Nesting& nesting) const;
  Layers in_group(const std::string& name, const Way& way, Nesting& nesting) const;
  Layers look_up(const NodePtr& group, const std::string& name, const Way& way,
                 Nesting& nesting) const;

  NodePtr holder_;  ///< null: there are none
  Circumstances now_;
  /// What in_group() answered: groups that name each other are gone through once a place.
  mutable std::map<std::string, Layers> known_;
};

/// The active names in apply-groups or apply-groups-except of a container or entry.
std::vector<std::string> names_in(const Node& level, grammar::Inheritance which);

/// The active entries of a group's list that `key` inherits from, the strongest first: in an
/// ordered list the first that stands there, in others the one spelled out, then the more specific
/// wildcard.
std::vector<NodePtr> matching_entries(const Node& holder, const std::string& key);

/// The child of each layer that has an active one.
Layers children_of(const Layers& layers, const grammar::Statement& statement);

}  // namespace nezu::configdb
