#pragma once
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "configdb/expand.h"
#include "configdb/service.h"
#include "configdb/validate.h"

/// One commit on its way, as DESIGN D4 has it: expand → validate → delta → all checks → the commit
/// point → swap → applies one after another.
namespace nezu::configdb {

struct CommitRequest {
  std::string user;
  std::string via = "cli";
  std::string comment;
  /// Who commits, as "configuration database locked by:" shows it to a second caller.
  std::string holder;
  bool check_only = false;
  bool later = false;    ///< `commit at`: only checked now, which confirms nothing
  bool on_time = false;  ///< made because a group begins or ceases to apply: confirms nothing
  NodePtr candidate;     ///< what is committed; null: the shared candidate
  /// `commit confirmed`: minutes until it is taken back; 0: it is meant.
  unsigned confirm_minutes = 0;
  /// Told of each step, for `| display detail`; may be empty.
  std::function<void(std::string_view)> progress;
};

struct CommitResult {
  bool ok = false;
  uint64_t revision = 0;  ///< the new one, or the active one if there is no new one
  Problems problems;      ///< all of them, warnings included
  std::string text;  ///< what the user reads: problems, then "commit complete" or the error line
};

class Commit : public std::enable_shared_from_this<Commit> {
 public:
  using Done = std::function<void(CommitResult)>;
  /// The commit point and the swap: makes `after` durable and active. An error fails the commit.
  using Point = std::function<std::optional<std::string>(const Trees& after)>;

  /// `services` in the order of their applies; they must outlive the commit.
  Commit(std::vector<Service*> services, CommitRequest request, uint64_t revision, Trees before,
         Trees after);

  /// Runs to the end and calls `done` once; at once if every service answers at once.
  void run(const References& references, Point point, Done done);
  /// Only the applies, in the same order: start-up.
  void apply_only(std::function<void()> done);

 private:
  void check(size_t at);
  void checked();
  void apply(size_t at);
  void name_those_behind();
  std::string promise() const;
  void step(const std::string& text) const;
  void finish(std::string text, bool ok);

  std::vector<Service*> services_;
  CommitRequest request_;
  Trees before_, after_;
  Delta delta_;
  Point point_;
  Done done_;
  std::function<void()> applied_;
  Findings findings_;
  std::vector<Problems> answers_;  ///< by service
  std::vector<bool> behind_;       ///< by service: it was before this commit
  size_t unanswered_ = 0;
  bool new_revision_ = false;
};

}  // namespace nezu::configdb
