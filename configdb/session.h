#pragma once
#include <functional>
#include <string>
#include <vector>

#include "configdb/database.h"
#include "configdb/edit.h"
#include "configdb/load.h"
#include "configdb/pattern.h"
#include "grammar/reader.h"

namespace nezu::configdb {

/// One `configure` session: it edits a candidate from a level of its own.
///
/// Texts it returns are what the user reads, each line ended; "" where the router says nothing.
class Session {
 public:
  struct Who {
    std::string user;
    std::string terminal;  ///< "pts/0"; "" for a NETCONF client
    int pid = 0;
    int64_t since = 0;  ///< seconds since 1970, UTC
    std::string via = "cli";
  };

  enum class Mode {
    kShared,     ///< edits the one candidate that all shared sessions have
    kPrivate,    ///< edits a candidate of its own, which a commit merges into the active one
    kExclusive,  ///< has the shared candidate alone; what is not committed goes with the session
  };
  /// Why a session of this mode cannot begin now, "error: …"; "" if it can.
  static std::string refusal(const Database& database, Mode mode);

  /// `database` must outlive the session.
  Session(Database& database, Who who, Mode mode = Mode::kShared);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  const Who& who() const { return who_; }
  Mode mode() const { return mode_; }
  void touch() { active_at_ = database_.now(); }  ///< its user did something: no longer idle

  /// The candidate as this session sees it.
  const NodePtr& tree() const { return mode_ == Mode::kPrivate ? own_ : database_.candidate(); }
  int64_t changed_at() const;  ///< when it was last changed, by whomever
  /// If it is not locked(); one that says the same changes nothing. Returns why the user may not;
  /// nothing is done then.
  std::string put(NodePtr tree);
  /// "error: configuration database locked by: …" if another session has it alone, "error: private
  /// edits in use. …" if this one is shared and another private; "" if this one may edit.
  std::string locked() const;

  /// Asked before the candidate becomes another one: why the user may not ("error: …"), or "".
  using Guard = std::function<std::string(const NodePtr& before, const NodePtr& after)>;
  void set_guard(Guard guard) { guard_ = std::move(guard); }
  /// Of each statement that a load names.
  void set_permit(Permit permit) { permit_ = std::move(permit); }

  /// The edit level. Another session may have removed what it names; it is valid all the same.
  const Path& level() const { return level_; }
  void edit(Path level) { level_ = std::move(level); }
  void top() { level_.clear(); }
  void up(size_t levels = 1);  ///< at most to the top

  /// Edits of the candidate; paths are from the root. A text with "error: " means that nothing of
  /// this call was done, one with "warning: " that not all was.
  std::string set(const std::vector<Path>& paths);
  std::string remove(const std::vector<Path>& paths);
  std::string mark(const std::vector<Path>& paths, Mark mark, bool on);
  std::string annotate(const Path& path, std::string_view text);
  std::string insert(const Path& path, bool before, std::string_view other);

  std::string rename(const Path& from, const Path& to);
  std::string copy(const Path& from, const Path& to);
  std::string substitute(const Path& level, const Substitution& substitution);

  /// `rollback n`: "load complete", or an error.
  std::string rollback(size_t n);
  std::string rollback_to_rescue();

  /// `update`, in a private session: takes what others have committed meanwhile into the candidate.
  /// Says what both changed; that stays as it is here.
  std::string update();

  using Load = LoadMode;
  /// `load MODE`; see configdb::load.
  struct Loading {
    std::string text;
    size_t errors = 0;
  };
  Loading load(Load mode, std::string_view text, std::string_view source, const Path& level = {},
               grammar::TextForm form = grammar::TextForm::kAny);

  /// `show | compare [rollback n]` at the level, `show`, `show | display set`.
  std::string compare(size_t n = 0) const;
  std::string show() const;
  std::string show_set() const;

  /// Whether there is something to commit: in the shared candidate, or in the private one.
  bool modified() const;
  /// A private candidate is merged into the active configuration first; if both changed the same,
  /// nothing is committed, and the candidate is the merged one: a second commit goes through. One
  /// that changes nothing makes no revision and says nothing.
  void commit(std::string comment, bool check_only, Commit::Done done);
  /// The same with all options; who commits, and what, is filled in here. `at`: `commit at`, as
  /// from parse_commit_time().
  void commit(CommitRequest request, std::optional<int64_t> at, Commit::Done done);

  /// "  admin terminal pts/0 (pid 31745) on since 2026-09-20 23:25:28 UTC, idle 00:00:44", and
  /// "exclusive [edit interfaces]" under it.
  std::string holder() const;
  const Database& database() const { return database_; }

 private:
  using Change = std::function<Edited(const NodePtr&, const Path&)>;
  std::string change(const std::vector<Path>& paths, const Change& change);
  std::string take(Loaded loaded);
  std::string prepare(CommitRequest& request);
  bool changes_nothing(const CommitRequest& request) const;
  Problems follow();
  std::string holder(std::string_view access) const;

  Database& database_;
  Who who_;
  Mode mode_;
  int64_t active_at_;
  int64_t changed_at_ = 0;  ///< kPrivate
  Path level_;
  Guard guard_;
  Permit permit_;
  NodePtr base_, own_;  ///< kPrivate: what the candidate began as, and the candidate
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  ///< a commit may outlive this
};

}  // namespace nezu::configdb
