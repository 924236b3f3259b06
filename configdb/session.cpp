#include "configdb/session.h"

#include <algorithm>
#include <cstdio>

#include "configdb/merge.h"
#include "configdb/node.h"
#include "configdb/rename.h"
#include "configdb/text.h"
#include "grammar/edit_level.h"

namespace nezu::configdb {

namespace {

std::string locked_by(const Session& session) {
  return "error: configuration database locked by:\n" + session.holder();
}

// What is edited in the shared candidate would keep every private one from being committed.
std::string in_use(const Database& database) {
  for (const Session* session : database.sessions())
    if (session->mode() == Session::Mode::kPrivate)
      return "error: private edits in use. Try 'configure private' or 'configure exclusive'.\n";
  return {};
}

std::string clock_text(int64_t seconds) {
  char text[32];
  std::snprintf(text, sizeof text, "%02lld:%02lld:%02lld", static_cast<long long>(seconds / 3600),
                static_cast<long long>(seconds / 60 % 60), static_cast<long long>(seconds % 60));
  return text;
}

std::string counted(const Problems& conflicts) {
  return render(conflicts) + "load complete (" + std::to_string(conflicts.size()) + " errors)\n";
}

}  // namespace

std::string Session::refusal(const Database& database, Mode mode) {
  if (mode == Mode::kShared) return in_use(database);
  const Session* owner = database.exclusive();
  if (owner && mode == Mode::kExclusive) return locked_by(*owner);
  if (!database.modified()) return {};
  return mode == Mode::kExclusive ? "error: configuration database modified\n"
                                  : "error: shared configuration database modified\n";
}

Session::Session(Database& database, Who who, Mode mode)
    : database_(database), who_(std::move(who)), mode_(mode), active_at_(database.now()) {
  if (mode_ == Mode::kPrivate) base_ = own_ = database_.active();
  database_.enter(*this);
}

Session::~Session() {
  *alive_ = false;
  if (mode_ == Mode::kExclusive && database_.modified())
    database_.set_candidate(database_.active());
  database_.leave(*this);
}

std::string Session::locked() const {
  const Session* owner = database_.exclusive();
  if (mode_ == Mode::kPrivate || owner == this) return {};
  return owner ? locked_by(*owner) : in_use(database_);
}

bool Session::modified() const {
  return mode_ == Mode::kPrivate ? !equal(own_, base_) : database_.modified();
}

// A refusal leaves the candidate as it is.
std::string Session::put(NodePtr tree) {
  if (equal(this->tree(), tree)) return {};
  if (std::string refused = guard_ ? guard_(this->tree(), tree) : ""; !refused.empty())
    return refused;
  changed_at_ = database_.now();
  if (mode_ == Mode::kPrivate)
    own_ = std::move(tree);
  else
    database_.set_candidate(std::move(tree));
  return {};
}

int64_t Session::changed_at() const {
  if (mode_ != Mode::kPrivate) return database_.candidate_changed();
  return std::max(changed_at_, database_.log().empty() ? 0 : database_.log().front().time);
}

void Session::up(size_t levels) {
  level_ = grammar::level_above(std::move(level_), levels);
}

std::string Session::change(const std::vector<Path>& paths, const Change& change) {
  if (std::string refused = locked(); !refused.empty()) return refused;
  NodePtr root = tree();
  std::string text;
  for (const Path& path : paths) {
    Edited edited = change(root, path);
    if (!edited.error.empty()) return "error: " + edited.error + "\n";
    if (!edited.warning.empty()) text += "warning: " + edited.warning + "\n";
    root = std::move(edited.root);
  }
  if (std::string refused = put(std::move(root)); !refused.empty()) return refused;
  return text;
}

std::string Session::set(const std::vector<Path>& paths) {
  return change(paths, configdb::set);
}

std::string Session::remove(const std::vector<Path>& paths) {
  return change(paths, configdb::remove);
}

std::string Session::mark(const std::vector<Path>& paths, Mark mark, bool on) {
  return change(paths, [&](const NodePtr& root, const Path& path) {
    return configdb::mark(root, path, mark, on);
  });
}

std::string Session::annotate(const Path& path, std::string_view text) {
  return change({path}, [&](const NodePtr& root, const Path& at) {
    return configdb::annotate(root, at, std::string(text));
  });
}

std::string Session::insert(const Path& path, bool before, std::string_view other) {
  return change({path}, [&](const NodePtr& root, const Path& at) {
    return configdb::insert(root, at, before, other);
  });
}

std::string Session::rename(const Path& from, const Path& to) {
  return change(
      {from}, [&](const NodePtr& root, const Path& at) { return configdb::rename(root, at, to); });
}

std::string Session::copy(const Path& from, const Path& to) {
  return change({from},
                [&](const NodePtr& root, const Path& at) { return configdb::copy(root, at, to); });
}

std::string Session::substitute(const Path& level, const Substitution& substitution) {
  return change({level}, [&](const NodePtr& root, const Path& at) {
    return configdb::substitute(root, at, substitution);
  });
}

std::string Session::rollback(size_t n) {
  return take(database_.rollback(n));
}

std::string Session::rollback_to_rescue() {
  return take(database_.load_rescue());
}

std::string Session::take(Loaded loaded) {
  if (std::string refused = locked(); !refused.empty()) return refused;
  if (!loaded.root) return "error: " + loaded.error + "\n";
  if (std::string refused = put(std::move(loaded.root)); !refused.empty()) return refused;
  if (mode_ == Mode::kPrivate) base_ = database_.active();
  return "load complete\n";
}

// The candidate becomes what is active and what it changes of it; what both changed is returned.
Problems Session::follow() {
  Merged merged = merge(base_, own_, database_.active());
  base_ = database_.active();
  own_ = std::move(merged.root);
  return std::move(merged.conflicts);
}

std::string Session::update() {
  if (mode_ != Mode::kPrivate) return "error: not in private configuration mode\n";
  const Problems conflicts = follow();
  return conflicts.empty() ? std::string() : counted(conflicts);
}

Session::Loading Session::load(Load mode, std::string_view text, std::string_view source,
                               const Path& level, grammar::TextForm form) {
  if (std::string refused = locked(); !refused.empty()) return {std::move(refused), 1};
  LoadResult result = configdb::load(tree(), {mode, form, text, source, level, permit_});
  if (std::string refused = put(std::move(result.root)); !refused.empty())
    return {std::move(refused), 1};
  return {std::move(result.text), result.errors};
}

std::string Session::compare(size_t n) const {
  const Loaded base = database_.rollback(n);
  if (!base.root) return "error: " + base.error + "\n";
  return configdb::compare(base.root, tree(), level_);
}

std::string Session::show() const {
  return curly_text(tree(), level_);
}

std::string Session::show_set() const {
  return set_text(tree(), level_);
}

void Session::commit(std::string comment, bool check_only, Commit::Done done) {
  CommitRequest request;
  request.comment = std::move(comment);
  request.check_only = check_only;
  commit(std::move(request), std::nullopt, std::move(done));
}

void Session::commit(CommitRequest request, std::optional<int64_t> at, Commit::Done done) {
  request.user = who_.user;
  request.via = who_.via;
  request.holder = holder();
  if (std::string refused = prepare(request); !refused.empty())
    return done({false, database_.revision(), {}, std::move(refused)});
  if (at) return database_.timed().schedule(std::move(request), *at, std::move(done));
  if (mode_ != Mode::kPrivate) return database_.commit(std::move(request), std::move(done));
  if (changes_nothing(request)) return done({true, database_.revision(), {}, {}});
  const bool check_only = request.check_only;
  database_.commit(std::move(request), [this, alive = alive_, check_only, own = own_,
                                        done = std::move(done)](CommitResult result) {
    if (*alive && result.ok && !check_only) base_ = own;
    done(std::move(result));
  });
}

// Of a private commit. One that confirms another is wanted all the same.
bool Session::changes_nothing(const CommitRequest& request) const {
  return !request.check_only && !database_.committing() && !database_.timed().confirmation() &&
         equal(own_, database_.active());
}

// What this session commits, or why it cannot.
std::string Session::prepare(CommitRequest& request) {
  const Session* owner = database_.exclusive();
  if (owner && owner != this) return locked_by(*owner);
  if (mode_ != Mode::kPrivate) return {};
  if (request.confirm_minutes)
    return "error: commit confirmed not supported for private configuration\n";
  if (database_.modified()) return "error: shared configuration database modified\n";
  if (const Problems conflicts = follow(); !conflicts.empty()) return counted(conflicts);
  request.holder = holder("exclusive private ");
  request.candidate = own_;
  return {};
}

std::string Session::holder() const {
  switch (mode_) {
    case Mode::kExclusive:
      return holder("exclusive ");
    case Mode::kPrivate:
      return holder("private ");
    case Mode::kShared:
      break;
  }
  return holder("");
}

std::string Session::holder(std::string_view access) const {
  const std::string terminal = who_.terminal.empty() ? "" : " terminal " + who_.terminal;
  const std::string level = level_.empty() ? "" : " " + grammar::path_words(level_);
  const int64_t idle = database_.now() - active_at_;
  return "  " + who_.user + terminal + " (pid " + std::to_string(who_.pid) + ") on since " +
         utc(who_.since) + (idle > 0 ? ", idle " + clock_text(idle) : "") + "\n      " +
         std::string(access) + "[edit" + level + "]\n";
}

}  // namespace nezu::configdb
