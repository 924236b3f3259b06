#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "configdb/commit.h"
#include "configdb/store.h"

namespace nezu::configdb {

class Session;

/// The router's configuration: the active revision, the shared candidate, the history, and the one
/// way to a new revision. Lives in one thread; calls back, never waits.
class Database {
 public:
  struct Opened {
    std::unique_ptr<Database> database;  ///< null if there is an error
    std::string error;                   ///< why the stored configuration cannot be used
    std::string warning;                 ///< the stored candidate was lost: it is the active again
    bool damaged = false;                ///< the error is in what is stored, and will not go away
  };
  using Clock = std::function<int64_t()>;  ///< seconds since 1970
  /// Reads the newest revision and the candidate. See Store::open for what is refused. A new one
  /// begins with the factory default as revision 0.
  static Opened open(const std::string& path, std::shared_ptr<const grammar::Schema> schema,
                     const char* vfs = nullptr, Clock clock = system_clock);

  const grammar::Schema& schema() const { return *schema_; }

  /// In the order in which they apply. Before start().
  void add(Service& service);
  /// Schema paths that no service claims and that are not marked not-modelled, and claims that the
  /// schema does not know: an error of the build, for the main to stop at.
  std::vector<std::string> unclaimed() const;

  /// Applies the active revision to every service as a change from nothing, which also finishes
  /// what a crash interrupted after its commit point.
  void start(std::function<void()> done);

  uint64_t revision() const { return revision_; }
  const NodePtr& active() const { return active_.raw; }                     ///< RAW
  View effective() const;                                                   ///< EFFECTIVE
  const std::vector<Revision>& log() const { return store_->revisions(); }  ///< newest first
  /// The RAW tree of `rollback n`: 0 is the active one.
  Loaded rollback(size_t n) const;

  const NodePtr& candidate() const { return candidate_; }
  /// Replaces the shared candidate. save() writes it down.
  void set_candidate(NodePtr candidate) { candidate_ = std::move(candidate); }
  bool modified() const;  ///< whether the candidate's content differs from the active one
  /// Writes the candidate so that it survives a restart, but not what an exclusive session has not
  /// committed. Cost: what differs since the last time.
  std::optional<std::string> save();

  /// Commits a candidate, or only checks it. A shared candidate without changes follows. One at a
  /// time: while another runs, the answer is an error at once.
  void commit(CommitRequest request, Commit::Done done);
  bool committing() const { return !holder_.empty(); }

  /// The sessions that edit now, oldest first.
  const std::vector<const Session*>& sessions() const { return sessions_; }
  /// The session that has the shared candidate alone; null if none has.
  const Session* exclusive() const;
  void enter(const Session& session) { sessions_.push_back(&session); }
  void leave(const Session& session) { std::erase(sessions_, &session); }

  static int64_t system_clock();
  void set_clock(Clock clock) { clock_ = std::move(clock); }
  int64_t now() const { return clock_(); }

 private:
  Database(std::shared_ptr<const grammar::Schema> schema, std::unique_ptr<Store> store,
           Clock clock);
  std::optional<std::string> begin();
  std::optional<std::string> read();
  std::optional<std::string> commit_point(const CommitRequest& request, const Trees& after);

  std::shared_ptr<const grammar::Schema> schema_;
  std::unique_ptr<Store> store_;
  std::vector<Service*> services_;
  Trees active_;
  uint64_t revision_ = 0;
  References references_;
  NodePtr candidate_, saved_;
  bool candidate_lost_ = false;  ///< what the store has of it cannot be read
  std::string holder_;           ///< who commits now; "" if nobody
  Clock clock_;
  std::vector<const Session*> sessions_;
};

}  // namespace nezu::configdb
