#pragma once
#include <functional>
#include <string>
#include <vector>

#include "configdb/database.h"
#include "configdb/edit.h"
#include "grammar/reader.h"

namespace nezu::configdb {

/// One `configure` session: it edits the shared candidate from a level of its own.
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

  /// `database` must outlive the session.
  Session(Database& database, Who who);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  const Who& who() const { return who_; }

  /// The edit level. Another session may have removed what it names; it is valid all the same.
  const Path& level() const { return level_; }
  void edit(Path level) { level_ = std::move(level); }
  void top() { level_.clear(); }
  void up(size_t levels = 1);  ///< at most to the top

  /// Edits of the shared candidate; paths are from the root. A text with "error: " or "warning: "
  /// means that nothing of this call was done.
  std::string set(const std::vector<Path>& paths);
  std::string remove(const std::vector<Path>& paths);
  std::string mark(const std::vector<Path>& paths, Mark mark, bool on);
  std::string annotate(const Path& path, std::string_view text);
  std::string insert(const Path& path, bool before, std::string_view other);

  /// `rollback n`: "load complete", or an error.
  std::string rollback(size_t n);

  enum class Load {
    kMerge,     ///< adds; good statements stay where others are wrong
    kOverride,  ///< instead of everything; all or nothing
    kReplace,   ///< merge that heeds `replace:`
    kSet,       ///< set form; good lines stay
  };
  /// `load MODE`: problems, then "load complete" or "load complete (1 errors)". `source` is
  /// "terminal" or a file's name;
  /// statements are read relative to `level`, an override from the top always.
  struct Loading {
    std::string text;
    size_t errors = 0;
  };
  Loading load(Load mode, std::string_view text, std::string_view source, const Path& level = {});

  /// `show | compare [rollback n]` at the level, `show`, `show | display set`.
  std::string compare(size_t n = 0) const;
  std::string show() const;
  std::string show_set() const;

  bool modified() const { return database_.modified(); }  ///< the shared candidate is dirty
  void commit(std::string comment, bool check_only, Commit::Done done);

  /// "  admin terminal pts/0 (pid 31745) on since 2026-09-20 23:25:28 UTC" and the level under it.
  std::string holder() const;
  const Database& database() const { return database_; }

 private:
  using Change = std::function<Edited(const NodePtr&, const Path&)>;
  std::string change(const std::vector<Path>& paths, const Change& change);

  Database& database_;
  Who who_;
  Path level_;
};

/// "2026-09-20 23:25:28 UTC"
std::string utc(int64_t seconds);

}  // namespace nezu::configdb
