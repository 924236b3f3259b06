#pragma once
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "configdb/tree.h"

/// What a user of the configuration is: it claims subtrees, checks a delta, applies a delta.
namespace nezu::configdb {

/// One entry that a claim covers and that differs. Both sides exist: changed; one side: added or
/// removed.
struct Change {
  View before;
  View after;
  const View& either() const { return after ? after : before; }
};

/// What a commit changes, between two effective trees.
class Delta {
 public:
  Delta(uint64_t revision, View before, View after)
      : revision_(revision), before_(std::move(before)), after_(std::move(after)) {}

  uint64_t revision() const { return revision_; }
  const View& before() const { return before_; }  ///< the root; false at boot
  const View& after() const { return after_; }    ///< the root

  /// The differing entries at `path` ("interfaces interface", "security ike gateway"): a path that
  /// ends at a list gives its entries one by one, any other path gives the subtree as a whole.
  /// Cost: what differs.
  std::vector<Change> changes(std::string_view path) const;
  bool touches(std::string_view path) const;

 private:
  uint64_t revision_;
  View before_;
  View after_;
};

/// A finding of check(). Prints as
///   [edit PATH]
///     'STATEMENT'
///       MESSAGE
struct Problem {
  std::vector<std::string> path;  ///< words after "edit"
  std::string statement;
  std::string message;
  bool warning = false;  ///< does not fail the commit
};
using Problems = std::vector<Problem>;

class Service {
 public:
  virtual ~Service() = default;
  virtual std::string_view name() const = 0;
  /// Schema paths this service acts on. At start-up every statement is claimed by a service or
  /// marked not-modelled in the schema; anything else is an error.
  virtual std::vector<std::string> claims() const = 0;

  /// Everything wrong with delta.after() as far as this service is concerned, not only the first.
  /// Has no side effects. Calls `done` once, now or later; a service in another process answers
  /// with its own name in a Problem when it cannot answer in time.
  virtual void check(const Delta& delta, std::function<void(Problems)> done) = 0;

  /// Makes delta.after() so. Cannot refuse: what cannot be done raises an alarm and is retried.
  /// Calls `done` when the revision is in force (or handed to those retries).
  virtual void apply(const Delta& delta, std::function<void()> done) = 0;

  /// What of the newest revision this service has not taken yet, in a sentence ("is not running; it
  /// takes revision 7 when it is back"); "" if it has all of it. The commit ends with a warning
  /// about it, and `show system commit` tells it as long as it lasts.
  virtual std::string behind() const { return {}; }
};

}  // namespace nezu::configdb
