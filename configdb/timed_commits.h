#pragma once
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "configdb/commit.h"
#include "configdb/pending.h"
#include "configdb/store.h"

namespace nezu::configdb {

class Database;

/// What a commit leaves to be done later: `commit confirmed` is taken back in time unless it is
/// confirmed, `commit at` is made in time, and what is active is committed again when a group's
/// time begins or ends. The first two outlive this process and the machine.
///
/// Has no timer: the owner calls run_due() after due_in().
class TimedCommits {
 public:
  TimedCommits(Database& database, Store& store, Clock clock);

  /// Reads what waits. A confirmation that ran out while nobody was there is made up for in the
  /// store at once, before any service sees what was not confirmed: then the text for the log.
  struct Resumed {
    std::string error;  ///< why it could not be, or what was lost by it
    bool rolled_back = false;
  };
  Resumed resume();

  const std::optional<Confirmation>& confirmation() const { return confirmation_; }
  /// Minutes until the automatic rollback, a begun one counting as whole. 0: it is overdue.
  int64_t minutes_left() const;
  const std::optional<Scheduled>& scheduled() const { return scheduled_; }

  /// `commit at`: checks, then keeps the tree until then. `at` as from parse_commit_time().
  void schedule(CommitRequest request, int64_t at, Commit::Done done);
  /// `clear system commit`. nullopt, or what went wrong; see scheduled() for whether there is one.
  std::optional<std::string> clear_scheduled();
  /// What a successful `commit check` means within the window.
  std::optional<std::string> confirm();

  /// For the commit point: what is to be kept with the revision that is made from `active`, and
  /// that it was.
  Beside beside(const CommitRequest& request, uint64_t active);
  void committed();

  /// Milliseconds until run_due() has something to do; nullopt: nothing waits.
  std::optional<int64_t> due_in() const;
  void run_due();

  /// Told whenever due_in() may have become another.
  void on_change(std::function<void()> told) { told_ = std::move(told); }

  void set_clock(Clock clock) { clock_ = std::move(clock); }

 private:
  void changed() const;
  void roll_back();
  void rolled_back(const std::string& error);
  void commit_scheduled();
  void commit_groups();

  Database& database_;
  Store& store_;
  Clock clock_;
  std::function<void()> told_;
  std::optional<Confirmation> confirmation_, next_;
  std::optional<Scheduled> scheduled_;
  std::optional<Deadline> retry_;         ///< a rollback that failed is tried again then
  std::optional<Deadline> groups_retry_;  ///< so is a commit for groups whose time it is
};

}  // namespace nezu::configdb
