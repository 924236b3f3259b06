#include "configdb/timed_commits.h"

#include <algorithm>

#include "configdb/codec.h"
#include "configdb/database.h"
#include "configdb/node.h"
#include "configdb/secrets.h"
#include "configdb/text.h"

namespace nezu::configdb {
namespace {

constexpr char kScheduledTree[] = "scheduled-configuration";
constexpr int64_t kMinute = 60'000;
constexpr int64_t kRetry = 30'000;
constexpr int64_t kLongestSleep = 10'000;  // somebody may set the wall clock meanwhile

CommitRequest of_the_router(NodePtr tree) {
  CommitRequest request;
  request.user = "root";
  request.via = "other";
  request.holder = "  root (automatic rollback)\n";
  request.candidate = std::move(tree);
  return request;
}

}  // namespace

TimedCommits::TimedCommits(Database& database, Store& store, Clock clock)
    : database_(database), store_(store), clock_(std::move(clock)) {}

TimedCommits::Resumed TimedCommits::resume() {
  if (const auto text = store_.item(kConfirmation)) confirmation_ = Confirmation::parse(*text);
  if (const auto text = store_.item(kScheduled)) scheduled_ = Scheduled::parse(*text);
  if (!confirmation_ || confirmation_->deadline.left(clock_()) > 0) return {};
  const uint64_t newest = store_.revisions().front().number;
  const Loaded active = store_.load(newest), before = store_.load(confirmation_->revert_to);
  if (!active.root) return {active.error, false};
  if (!before.root) return {before.error, false};
  const Revision revision{newest + 1, clock_().wall, "root", "other", ""};
  // What was being edited stays; an untouched candidate follows.
  const Loaded candidate = store_.candidate(active.root);
  if (!candidate.root && store_.fault_of_system()) return {candidate.error, false};
  const bool edited = candidate.root && !equal(candidate.root, active.root);
  if (auto error = store_.append(revision, active.root, before.root,
                                 {{{kConfirmation, {}}}, edited ? candidate.root : nullptr}))
    return {*error, false};
  confirmation_.reset();
  return {candidate.error, true};
}

int64_t TimedCommits::minutes_left() const {
  if (!confirmation_) return 0;
  return (confirmation_->deadline.left(clock_()) + kMinute - 1) / kMinute;
}

void TimedCommits::schedule(CommitRequest request, int64_t at, Commit::Done done) {
  const NodePtr tree = request.candidate ? request.candidate : database_.candidate();
  const Scheduled wanted{at, clock_().boot, request.user, request.via, request.comment};
  request.candidate = tree;
  request.check_only = request.later = true;
  database_.commit(std::move(request), [this, tree, wanted, done](CommitResult result) {
    if (!result.ok) return done(std::move(result));
    const std::string content = encode(nullptr, tree);
    const auto error = store_.keep({{kScheduled, wanted.text()}, {kScheduledTree, content}});
    result.ok = !error;
    if (error)
      result.text = "error: " + *error + "\n";
    else
      scheduled_ = wanted;
    changed();
    done(std::move(result));
  });
}

std::optional<std::string> TimedCommits::clear_scheduled() {
  if (auto error = store_.keep({{kScheduled, {}}, {kScheduledTree, {}}})) return error;
  scheduled_.reset();
  changed();
  return std::nullopt;
}

void TimedCommits::changed() const {
  if (told_) told_();
}

std::optional<std::string> TimedCommits::confirm() {
  if (!confirmation_) return std::nullopt;
  if (auto error = store_.keep({{kConfirmation, {}}})) return error;
  confirmation_.reset();
  changed();
  return std::nullopt;
}

// A second confirmed commit in the window moves its end: the way back is to before the first.
Beside TimedCommits::beside(const CommitRequest& request, uint64_t active) {
  next_.reset();
  if (request.on_time && confirmation_) {
    next_ = confirmation_;
    return {{}, nullptr, confirmation_->revert_to};
  }
  if (request.confirm_minutes) {
    const uint64_t revert_to = confirmation_ ? confirmation_->revert_to : active;
    next_ = Confirmation{revert_to, {clock_(), request.confirm_minutes * kMinute}};
    return {{{kConfirmation, next_->text()}}, nullptr, revert_to};
  }
  if (!confirmation_) return {};
  return {{{kConfirmation, {}}}};
}

void TimedCommits::committed() {
  confirmation_ = std::move(next_);
  next_.reset();
  retry_.reset();
  groups_retry_.reset();
  changed();
}

std::optional<int64_t> TimedCommits::due_in() const {
  const Now now = clock_();
  std::optional<int64_t> due;
  const auto at = [&due](int64_t left) { due = std::min(due.value_or(left), left); };
  if (confirmation_) at(retry_ ? retry_->left(now) : confirmation_->deadline.left(now));
  if (scheduled_ && (scheduled_->at || scheduled_->due(now)))
    at(std::max<int64_t>(0, (scheduled_->at - now.wall) * 1000));
  if (const auto change = database_.next_group_change())
    at(groups_retry_ ? groups_retry_->left(now) : std::max<int64_t>(0, *change - now.wall) * 1000);
  if (due) due = std::min(*due, kLongestSleep);
  return due;
}

void TimedCommits::run_due() {
  if (database_.committing()) return;
  const Now now = clock_();
  if (confirmation_ && (retry_ ? retry_->left(now) : confirmation_->deadline.left(now)) == 0)
    return roll_back();
  if (scheduled_ && scheduled_->due(now)) return commit_scheduled();
  const auto change = database_.next_group_change();
  if (change && *change <= now.wall && (!groups_retry_ || groups_retry_->left(now) == 0))
    commit_groups();
}

// The active configuration again, of which other groups apply now.
void TimedCommits::commit_groups() {
  groups_retry_.reset();
  if (!database_.groups_changed()) return;
  groups_retry_ = Deadline{clock_(), kRetry};
  CommitRequest request = of_the_router(database_.active());
  request.holder = "  root (time of a group)\n";
  request.comment = "time of a group";
  request.on_time = true;
  const NodePtr tree = request.candidate;
  database_.commit(std::move(request), [this, tree](const CommitResult& result) {
    if (!result.ok) database_.record("UI_COMMIT_AT_FAILED", without_secrets(result.text, tree));
  });
}

void TimedCommits::roll_back() {
  retry_ = Deadline{clock_(), kRetry};
  const Loaded before = store_.load(confirmation_->revert_to);
  if (!before.root) return rolled_back(before.error);
  database_.record("UI_COMMIT_NOT_CONFIRMED",
                   "Commit was not confirmed; automatic rollback in progress");
  database_.commit(of_the_router(before.root), [this, before](const CommitResult& result) {
    rolled_back(result.ok ? "" : without_secrets(result.text, before.root));
  });
}

void TimedCommits::rolled_back(const std::string& error) {
  if (!error.empty()) {
    database_.record("UI_COMMIT_ROLLBACK_FAILED", "Automatic rollback failed: " + error);
    return;
  }
  constexpr char kDone[] = "Commit was not confirmed; automatic rollback complete";
  database_.record("UI_COMMIT_NOT_CONFIRMED", kDone);
  database_.broadcast(std::string(kDone) + ".");
}

// Whatever becomes of it, it is not tried twice.
void TimedCommits::commit_scheduled() {
  const Scheduled wanted = *scheduled_;
  const Decoded tree =
      decode(database_.schema(), nullptr, store_.item(kScheduledTree).value_or(""));
  if (const auto error = clear_scheduled()) {
    scheduled_.reset();  // it is there again after the next start
    return database_.record("UI_COMMIT_AT_FAILED", *error);
  }
  if (!tree.root) return database_.record("UI_COMMIT_AT_FAILED", tree.error);
  CommitRequest request;
  request.user = wanted.user;
  request.via = wanted.via;
  request.comment = wanted.comment;
  request.candidate = tree.root;
  database_.commit(std::move(request), [this, tree](const CommitResult& result) {
    database_.record(
        result.ok ? "UI_COMMIT_AT_COMPLETED" : "UI_COMMIT_AT_FAILED",
        result.ok ? "'commit at' was successful" : without_secrets(result.text, tree.root));
  });
}

}  // namespace nezu::configdb
