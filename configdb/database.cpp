#include "configdb/database.h"

#include <algorithm>
#include <set>

#include "configdb/factory.h"
#include "configdb/group_time.h"
#include "configdb/machine.h"
#include "configdb/node.h"
#include "configdb/problems.h"
#include "configdb/salvage.h"
#include "configdb/secrets.h"
#include "configdb/session.h"
#include "configdb/text.h"

namespace nezu::configdb {
namespace {

using grammar::Statement;

// Statements below `statement` that nobody claims; a claim on a statement covers all of it.
void collect_unclaimed(const Statement& statement, const std::set<const Statement*>& claimed,
                       const std::set<const Statement*>& above, std::vector<std::string>& out) {
  if (claimed.contains(&statement) || statement.not_modelled) return;
  if (statement.groups || statement.inheritance != grammar::Inheritance::kNone) return;
  if (!above.contains(&statement)) {
    out.push_back(statement.path());
    return;
  }
  for (const Statement* child : statement.children) collect_unclaimed(*child, claimed, above, out);
}

// As many as are printed. All at once: looking for the secrets of a tree costs a walk through it.
void record_problems(const Database& database, const Problems& problems, const NodePtr& tree) {
  std::string lines;
  size_t errors = 0;
  for (const Problem& problem : problems)
    if (!problem.warning && ++errors <= kMostRendered) (lines += one_line(problem)) += '\0';
  lines = without_secrets(std::move(lines), tree);
  for (size_t at = 0, end; at < lines.size(); at = end + 1) {
    end = std::min(lines.find('\0', at), lines.size());
    database.record("UI_CONFIGURATION_ERROR", lines.substr(at, end - at));
  }
  if (errors > kMostRendered)
    database.record("UI_CONFIGURATION_ERROR",
                    std::to_string(errors - kMostRendered) + " more errors are not recorded");
}

}  // namespace

Database::Database(std::shared_ptr<const grammar::Schema> schema, std::unique_ptr<Store> store,
                   Clock clock)
    : schema_(std::move(schema)),
      store_(std::move(store)),
      references_(*schema_),
      clock_(std::move(clock)),
      timed_(*this, *store_, clock_) {}

void Database::set_clock(const Clock& clock) {
  clock_ = clock;
  timed_.set_clock(clock);
}

Database::Opened Database::open(const std::string& path,
                                std::shared_ptr<const grammar::Schema> schema, const char* vfs,
                                Clock clock) {
  if (const auto error = finish_salvage(path)) return {nullptr, *error, {}, false};
  auto opened = Store::open(path, schema, vfs);
  if (!opened.store) return {nullptr, opened.error, {}, opened.damaged, opened.why};
  std::unique_ptr<Database> database(
      new Database(std::move(schema), std::move(opened.store), std::move(clock)));
  if (auto error = database->begin()) return {nullptr, *error, {}, false};
  const auto resumed = database->timed_.resume();
  std::string warning;
  if (resumed.rolled_back) {
    warning = "a commit was not confirmed; automatic rollback complete";
    if (!resumed.error.empty()) warning += "; " + resumed.error;
  } else if (!resumed.error.empty()) {
    warning = "automatic rollback failed: " + resumed.error;
  }
  if (warning.empty()) warning = database->store_->item(kNotice).value_or("");
  if (auto error = database->read())
    return {nullptr, path + ": " + *error, {}, !database->store_->fault_of_system(), *error};
  const Loaded candidate = database->store_->candidate(database->active_.raw);
  if (!candidate.root && database->store_->fault_of_system())
    return {nullptr, path + ": " + candidate.error, {}, false};
  database->candidate_lost_ = !candidate.root;
  if (!candidate.root) return {std::move(database), {}, candidate.error, false};
  database->candidate_ = database->saved_ = candidate.root;
  return {std::move(database), {}, warning, false};
}

Database::Opened Database::open_or_salvage(const std::string& path,
                                           const std::shared_ptr<const grammar::Schema>& schema) {
  Opened opened = open(path, schema);
  if (!opened.damaged) return opened;
  if (const auto error = salvage(path, schema, opened.why))
    return {nullptr, opened.error + "; it cannot be salvaged: " + *error, {}, true};
  return open(path, schema);
}

// A new router has a revision 0 that nobody committed.
std::optional<std::string> Database::begin() {
  if (!log().empty()) return std::nullopt;
  return store_->append({0, clock_().wall, "root", "other", ""}, nullptr,
                        factory_default(*schema_));
}

std::optional<std::string> Database::read() {
  Loaded newest = store_->load(log().front().number);
  if (!newest.root) return newest.error;
  const NodePtr raw = std::move(newest.root);
  revision_ = log().front().number;
  active_ = expanded(raw);
  references_.follow(make_root(*schema_), active_.effective);
  candidate_ = saved_ = raw;
  return std::nullopt;
}

Trees Database::expanded(const NodePtr& raw) const {
  const int64_t now = clock_().wall;
  this_machine().time = now;
  return {raw, expand(raw, active_), now};
}

std::optional<int64_t> Database::next_group_change() const {
  const int64_t now = clock_().wall;
  // Somebody has set the clock back: between the two something may have changed already.
  if (now < active_.at && configdb::next_group_change(active_.raw, now)) return now;
  return configdb::next_group_change(active_.raw, active_.at);
}

bool Database::groups_changed() {
  const Trees now = expanded(active_.raw);
  if (now.effective != active_.effective) return true;
  active_.at = now.at;
  return false;
}

void Database::add(Service& service) {
  services_.push_back(&service);
}

std::vector<std::string> Database::unclaimed() const {
  std::vector<std::string> out;
  std::set<const Statement*> claimed, above;
  for (const Service* service : services_)
    for (const std::string& path : service->claims()) {
      const Statement* statement = schema_->at(path);
      if (!statement) out.push_back(path);
      claimed.insert(statement);
      for (; statement; statement = statement->parent) above.insert(statement);
    }
  for (const Statement* child : schema_->configuration().children)
    collect_unclaimed(*child, claimed, above, out);
  return out;
}

void Database::start(std::function<void()> done) {
  holder_ = "  (startup)\n";
  std::make_shared<Commit>(services_, CommitRequest{}, revision_, Trees{}, active_)
      ->apply_only([this, done = std::move(done)] {
        holder_.clear();
        done();
      });
}

View Database::effective() const {
  return {active_.effective, active_.effective->statement};
}

Loaded Database::rollback(size_t n) const {
  if (n == 0) return {active_.raw, {}};
  if (n >= log().size()) return {nullptr, "rollback " + std::to_string(n) + " does not exist"};
  return store_->load(log()[n].number);
}

bool Database::modified() const {
  return !equal(candidate_, active_.raw);
}

std::optional<std::string> Database::save() {
  if (candidate_ == saved_ || exclusive()) return std::nullopt;
  if (candidate_lost_)
    if (auto error = store_->clear_candidate()) return error;
  candidate_lost_ = false;
  auto error = candidate_ == active_.raw ? store_->clear_candidate()
                                         : store_->save_candidate(active_.raw, saved_, candidate_);
  if (!error) saved_ = candidate_;
  return error;
}

const Session* Database::exclusive() const {
  for (const Session* session : sessions_)
    if (session->mode() == Session::Mode::kExclusive) return session;
  return nullptr;
}

// Why a commit cannot even begin.
std::optional<std::string> Database::refuses(const CommitRequest& request) const {
  if (committing()) return "error: configuration database locked by:\n" + holder_;
  const auto& waits = timed_.scheduled();
  const bool only_looks = request.check_only && !request.later;
  if (!waits || only_looks || request.via == "other") return std::nullopt;
  return "error: commit at " + (waits->at ? utc(waits->at) : std::string("reboot")) +
         " is pending; 'clear system commit' cancels it\n";
}

void Database::commit(CommitRequest request, Commit::Done done) {
  if (const auto busy = refuses(request)) return done({false, revision_, {}, *busy});
  holder_ = request.holder.empty() ? "  " + request.user + "\n" : request.holder;
  if (!request.candidate) request.candidate = candidate_;
  record_request(request);
  if (request.progress) request.progress("expanding groups");
  const Trees after = expanded(request.candidate);
  auto commit = std::make_shared<Commit>(services_, request, revision_ + 1, active_, after);
  commit->run(
      references_, [this, request](const Trees& to) { return commit_point(request, to); },
      [this, request, done = std::move(done)](CommitResult result) {
        holder_.clear();
        if (request.check_only && !request.later && result.ok) checked(result);
        record_result(request, result, request.candidate);
        done(std::move(result));
      });
}

// Within the window a check says that all is well, and confirms.
void Database::checked(CommitResult& result) {
  const auto error = timed_.confirm();
  if (!error) return;
  result.ok = false;
  result.text += "error: commit not confirmed: " + *error + "\n";
}

std::optional<std::string> Database::commit_point(const CommitRequest& request,
                                                  const Trees& after) {
  const Revision revision{revision_ + 1, clock_().wall, request.user, request.via, request.comment};
  auto beside = timed_.beside(request, revision_);
  beside.items.push_back({kNotice, {}});
  if (modified() && !exclusive()) beside.candidate = candidate_;
  if (auto error = store_->append(revision, active_.raw, after.raw, beside)) {
    if (!store_->in_doubt()) return error;
    return *error + "; the configuration before stays active, but a restart may find the new one";
  }
  references_.follow(active_.effective, after.effective);
  if (!modified()) candidate_ = after.raw;  // not what is committed, but nobody has changed it
  active_ = after;
  revision_ = revision.number;
  saved_ = beside.candidate ? beside.candidate : active_.raw;
  timed_.committed();
  return std::nullopt;
}

std::vector<std::pair<std::string, std::string>> Database::behind() const {
  std::vector<std::pair<std::string, std::string>> found;
  for (const Service* service : services_)
    if (std::string why = service->behind(); !why.empty())
      found.emplace_back(service->name(), std::move(why));
  return found;
}

void Database::record(std::string_view tag, const std::string& text) const {
  if (recorder_) recorder_(tag, without_secrets(text));
}

void Database::set_candidate(NodePtr candidate) {
  candidate_ = std::move(candidate);
  candidate_changed_ = now();
}

int64_t Database::candidate_changed() const {
  return std::max(candidate_changed_, log().empty() ? 0 : log().front().time);
}

void Database::broadcast(const std::string& text) const {
  if (broadcast_) broadcast_(text);
}

void Database::record_request(const CommitRequest& request) const {
  const char* operation = request.later             ? "commit at"
                          : request.check_only      ? "commit check"
                          : request.confirm_minutes ? "commit confirmed"
                                                    : "commit";
  record("UI_COMMIT",
         "User '" + request.user + "' requested '" + operation +
             "' operation (comment: " + (request.comment.empty() ? "none" : request.comment) + ")");
}

void Database::record_result(const CommitRequest& request, const CommitResult& result,
                             const NodePtr& tree) const {
  if (!recorder_) return;
  if (result.ok) {
    if (!request.check_only) record("UI_COMMIT_COMPLETED", "commit complete");
    return;
  }
  record_problems(*this, result.problems, tree);
  const size_t last = result.text.rfind("error: ");
  if (last != std::string::npos)
    record("UI_COMMIT_PROGRESS",
           "Commit operation failed: " + without_secrets(result.text.substr(last + 7), tree));
}

}  // namespace nezu::configdb
