#pragma once
#include <functional>
#include <map>
#include <set>
#include <string>

#include "configdb/edit.h"
#include "configdb/problems.h"
#include "configdb/service.h"

namespace nezu::configdb {

/// Visits every node that differs between two trees, parents first, with its path. Either side may
/// be null. Cost: what differs. Where `enter` says no, a statement is left out with all below it.
using Visit = std::function<void(const Path& path, const NodePtr& before, const NodePtr& after)>;
using Enter = std::function<bool(const grammar::Statement&)>;
void visit_differences(const NodePtr& before, const NodePtr& after, const Visit& visit,
                       const Enter& enter = nullptr);

/// Who refers to what: the reverse of every statement with a `reference` in the schema. It follows
/// the active EFFECTIVE tree, so that removing an entry finds those who still name it.
class References {
 public:
  struct Target {
    const grammar::Statement* list = nullptr;
    std::string key;
    auto operator<=>(const Target&) const = default;
  };
  explicit References(const grammar::Schema& schema);

  /// Takes the index from `before` to `after`.
  void follow(const NodePtr& before, const NodePtr& after);
  /// The paths of those in the index that refer to the target, sorted by their words.
  std::vector<Path> to(const Target& target) const;
  /// What a node refers to; a null list if nothing.
  Target target_of(const Node& node) const;

 private:
  /// All that its path says which is not in the schema or in the target.
  struct Referrer {
    const grammar::Statement* statement;
    std::string entries;  ///< the values of the lists above it, each with a NUL behind it
    auto operator<=>(const Referrer&) const = default;
  };
  static Referrer packed(const Path& path);
  static Path unpacked(const Referrer& referrer, const std::string& value);
  bool collect(const grammar::Statement& statement);

  const grammar::Schema& schema_;
  std::set<const grammar::Statement*> ways_;  ///< statements that refer, and those above them
  std::map<Target, std::set<Referrer>> index_;
};

struct Findings {
  Problems problems;
  Failure failure = Failure::kNone;
};

/// What the schema alone can say against `after`: missing mandatory statements, too many or too few
/// elements, entries that must differ and do not, references to what is not there, broken `must`s,
/// two cases of one choice; and warnings for statements that are not modelled, each
/// named once. Looks only at what differs from `before`, which must have passed; `references` is at
/// `before`.
Findings validate(const References& references, const NodePtr& before, const NodePtr& after);

}  // namespace nezu::configdb
