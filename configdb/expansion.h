#pragma once
#include "configdb/expand.h"
#include "configdb/interface_range.h"
#include "configdb/layers.h"

namespace nezu::configdb {

/// One place before anything is merged: what is configured there and what its container gave it.
struct Place {
  NodePtr own;  ///< null: nothing is configured
  Layers inherited;

  bool operator==(const Place&) const = default;
  /// The configured node, unless it is inactive.
  const Node* active() const { return own && !own->inactive ? own.get() : nullptr; }
  uint64_t inherits() const;
};

/// A place now and before, and what had come out then.
struct Moment {
  Place now, was;
  NodePtr result;
};

/// Walks a RAW tree beside the one it was made from, and keeps what is the same.
class Expansion {
 public:
  /// With `shown`, everything is made anew, marks are kept and origins noted.
  Expansion(const NodePtr& raw, const Trees& before, int64_t now, Inherited* shown = nullptr);

  NodePtr root();

 private:
  struct ListRanges {
    Ranges now, was;
  };

  NodePtr expand(const Moment& moment);
  NodePtr changed(const Moment& moment);
  NodePtr level(const Moment& moment);
  NodePtr value(const Place& place);
  Moment below(const grammar::Statement& statement, const Layers& now, const Layers& was,
               const NodePtr& result) const;

  // expand_list.cpp
  NodePtr list(const grammar::Statement& statement, const Moment& moment, const ListRanges& ranges);
  NodePtr entry(const grammar::Statement& statement, const Moment& list, const std::string& key,
                const NodePtr& old, const ListRanges& ranges);
  std::vector<std::string> affected(const Moment& list, const ListRanges& ranges) const;

  // expand_path.cpp
  void apply_paths(Node& made);
  void apply_path(Node& made, const grammar::Statement& leaf);
  bool path_unchanged(const Place& place) const;
  NodePtr source_of_path(std::string_view path) const;

  const RangeMembers& members(bool now);
  bool same_members();
  ListRanges named_ranges(const grammar::Statement& list, const Moment& moment);

  bool keeps(const Moment& moment);
  NodePtr shared(const Moment& moment) const;
  Node started(const Moment& moment, const grammar::Statement& statement) const;
  NodePtr finished(Node made, const Moment& moment);

  NodePtr raw_;
  Trees before_;
  Groups groups_, old_groups_;
  uint64_t changed_ = 0;  ///< bits of groups that differ, or apply one that does
  Inherited* shown_;
  Way way_;
  std::optional<RangeMembers> members_now_, members_was_;  ///< of `interfaces interface-range`
  const Node* root_made_ = nullptr;                        ///< the root as far as it is made
};

}  // namespace nezu::configdb
