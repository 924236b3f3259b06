#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "configdb/commit.h"
#include "configdb/store.h"
#include "configdb/timed_commits.h"

namespace nezu::configdb {

class Session;

/// The router's configuration: the active revision, the shared candidate, the history, and the one
/// way to a new revision. Lives in one thread; calls back, never waits.
class Database {
 public:
  struct Opened {
    std::unique_ptr<Database> database;  ///< null if there is an error
    std::string error;                   ///< why the stored configuration cannot be used
    /// What was found amiss and dealt with: the stored candidate was lost, a commit that nobody
    /// confirmed was taken back, a damaged database was salvaged.
    std::string warning;
    bool damaged = false;  ///< the error is in what is stored, and will not go away
    std::string why = {};  ///< `damaged`: what is wrong, without the file\'s name
  };
  /// Reads the newest revision and the candidate. See Store::open for what is refused. A new one
  /// begins with the factory default as revision 0.
  static Opened open(const std::string& path, std::shared_ptr<const grammar::Schema> schema,
                     const char* vfs = nullptr, Clock clock = machine_clock);
  /// The same; one that is damaged is put aside and gives way to what can be read of it, which the
  /// warning tells until the next commit.
  static Opened open_or_salvage(const std::string& path,
                                const std::shared_ptr<const grammar::Schema>& schema);

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
  void set_candidate(NodePtr candidate);
  /// When the shared candidate was last set; the time of the last commit if it was not since.
  int64_t candidate_changed() const;
  bool modified() const;  ///< whether the candidate's content differs from the active one
  /// Writes the candidate so that it survives a restart, but not what an exclusive session has not
  /// committed. Cost: what differs since the last time.
  std::optional<std::string> save();

  /// Commits a candidate, or only checks it. A shared candidate without changes follows. One at a
  /// time: while another runs, or waits for its time (`commit at`), the answer is an error at once.
  /// A check within the window of a confirmed commit confirms it.
  void commit(CommitRequest request, Commit::Done done);
  bool committing() const { return !holder_.empty(); }

  /// The sessions that edit now, oldest first.
  const std::vector<const Session*>& sessions() const { return sessions_; }
  /// The session that has the shared candidate alone; null if none has.
  const Session* exclusive() const;
  void enter(const Session& session) { sessions_.push_back(&session); }
  void leave(const Session& session) { std::erase(sessions_, &session); }

  int64_t now() const { return clock_().wall; }
  void set_clock(const Clock& clock);

  /// `commit confirmed` and `commit at`: what is still to come.
  TimedCommits& timed() { return timed_; }
  const TimedCommits& timed() const { return timed_; }

  /// The rescue configuration: one revision that is kept until it is deleted.
  std::optional<std::string> save_rescue(const std::string& user, const std::string& via);
  std::optional<std::string> delete_rescue();
  std::optional<Revision> rescue() const;  ///< who saved it, and when
  Loaded load_rescue() const;

  /// When a group of the active configuration next begins or ceases to apply (`when time`), in
  /// seconds since 1970; nullopt: never.
  std::optional<int64_t> next_group_change() const;
  /// Whether the active configuration is another one now because of that, which a commit of it
  /// carries out; if not, the change is taken note of.
  bool groups_changed();

  /// Service → what it has not taken of the newest revision, for those who are behind.
  std::vector<std::pair<std::string, std::string>> behind() const;

  /// Where the syslog records of commits go: a tag ("UI_COMMIT") and a text without secrets.
  using Recorder = std::function<void(std::string_view tag, const std::string& text)>;
  void set_recorder(Recorder recorder) { recorder_ = std::move(recorder); }
  void record(std::string_view tag, const std::string& text) const;
  /// Where messages to all users go.
  void set_broadcast(std::function<void(const std::string&)> to) { broadcast_ = std::move(to); }
  void broadcast(const std::string& text) const;

 private:
  Database(std::shared_ptr<const grammar::Schema> schema, std::unique_ptr<Store> store,
           Clock clock);
  std::optional<std::string> begin();
  std::optional<std::string> read();
  Trees expanded(const NodePtr& raw) const;  ///< as of now, from what is active
  std::optional<std::string> refuses(const CommitRequest& request) const;
  void record_request(const CommitRequest& request) const;
  void record_result(const CommitRequest& request, const CommitResult& result,
                     const NodePtr& tree) const;
  void checked(CommitResult& result);
  std::optional<std::string> commit_point(const CommitRequest& request, const Trees& after);

  std::shared_ptr<const grammar::Schema> schema_;
  std::unique_ptr<Store> store_;
  std::vector<Service*> services_;
  Trees active_;
  uint64_t revision_ = 0;
  References references_;
  NodePtr candidate_, saved_;
  int64_t candidate_changed_ = 0;
  bool candidate_lost_ = false;  ///< what the store has of it cannot be read
  std::string holder_;           ///< who commits now; "" if nobody
  Clock clock_;
  TimedCommits timed_;
  Recorder recorder_;
  std::function<void(const std::string&)> broadcast_;
  std::vector<const Session*> sessions_;
};

}  // namespace nezu::configdb
