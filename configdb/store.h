#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "configdb/revision.h"

struct sqlite3;

namespace nezu::configdb {

/// A small thing that is kept beside the revisions (a rescue configuration, a commit that waits),
/// by its name. No content: it is forgotten.
struct Item {
  std::string name;
  std::optional<std::string> content;
};

/// What is stored together with a revision.
struct Beside {
  std::vector<Item> items = {};
  NodePtr candidate = nullptr;  ///< null: the candidate is the new revision
  /// A revision that must still be there, however many come after it.
  std::optional<uint64_t> needed = {};
};

/// Revisions, commit log, shared candidate and items in one SQLite database, readable by its owner
/// only and held by one process at a time.
///
/// A revision is stored as what changed since the one before; now and then, so that reading one
/// stays cheap, whole. Every row carries a checksum. Errors are texts without "error: ".
///
/// A transaction that failed at its very end may be on the disk all the same, and would be found by
/// the next start. So nothing is believed then: it is overwritten, durably, before the failure is
/// reported. Where even that fails the store is in doubt, says so, and takes nothing more until the
/// overwriting has succeeded.
class Store {
 public:
  static constexpr size_t kKept = 50;  ///< rollback 0 to 49

  struct Opened {
    std::unique_ptr<Store> store;  ///< null if there is an error
    std::string error;
    bool damaged = false;  ///< the error is in what is stored, and will not go away: see salvage()
    std::string why = {};  ///< what is wrong with it, without the file's name
  };
  /// Opens or creates. A database that is damaged, of a later version or in use is refused in words
  /// and left as it is; one of a later version is not `damaged`. `vfs`: a SQLite VFS by name, for
  /// tests; null: the default one.
  static Opened open(const std::string& path, std::shared_ptr<const grammar::Schema> schema,
                     const char* vfs = nullptr);
  ~Store();
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  /// Newest first, at most kKept.
  const std::vector<Revision>& revisions() const { return revisions_; }
  Loaded load(uint64_t number) const;

  /// The commit point: when this returns nullopt the revision is on disk, else nothing has changed
  /// (but see in_doubt()). `before` is the newest revision's tree.
  std::optional<std::string> append(const Revision& revision, const NodePtr& before,
                                    const NodePtr& after, const Beside& beside = {});

  /// Keeps or forgets items, all or none, durably.
  std::optional<std::string> keep(const std::vector<Item>& items);
  /// The content of an item; nullopt if there is none.
  std::optional<std::string> item(std::string_view name) const;

  /// Whether the last error came from the machine, and may go away, and not from what is stored.
  bool fault_of_system() const;

  /// The last commit failed in a way that a restart may find it done.
  bool in_doubt() const { return in_doubt_; }

  /// Takes the stored candidate from the tree that was saved last (at first: `active`, the newest
  /// revision) to `to`. Survives a crash of this process, and power loss as of an earlier moment.
  std::optional<std::string> save_candidate(const NodePtr& active, const NodePtr& saved,
                                            const NodePtr& to);
  /// Forgets the stored candidate: it is the newest revision again.
  std::optional<std::string> clear_candidate();
  /// The stored candidate; `active` is the newest revision's tree.
  Loaded candidate(const NodePtr& active) const;

 private:
  Store(sqlite3* db, std::shared_ptr<const grammar::Schema> schema, std::string path);

  std::optional<std::string> verify();
  std::optional<std::string> verify_header();
  std::optional<std::string> read_log();
  std::optional<std::string> read_candidate_size();
  std::optional<std::string> verify_items() const;
  std::optional<std::string> upgrade();
  bool is_newer() const;
  std::optional<std::string> run(const char* sql) const;
  /// All of `work` or nothing of it.
  template <class Work>
  std::optional<std::string> transaction(Work work);
  std::optional<std::string> settle();
  std::optional<std::string> write_items(const std::vector<Item>& items);
  std::string failed(const std::string& why) const;
  std::optional<std::string> insert_revision(const Revision& revision, bool whole,
                                             const std::string& content);
  std::optional<std::string> insert_candidate(uint64_t step, uint64_t revision,
                                              const std::string& content);
  std::optional<std::string> prune(uint64_t oldest);
  bool due_whole(size_t patch) const;
  void remember(const Revision& revision, bool whole, size_t size);
  std::string words() const;  ///< what SQLite says is wrong
  uint64_t newest() const { return revisions_.empty() ? 0 : revisions_.front().number; }

  sqlite3* db_;
  std::shared_ptr<const grammar::Schema> schema_;
  std::string path_;
  std::vector<Revision> revisions_;
  int format_ = 0;
  bool page_unread_ = false;
  bool in_doubt_ = false;
  uint64_t settled_ = 0;
  // Bytes of the last revision stored whole, and bytes and number of the patches since.
  size_t whole_size_ = 0, patches_size_ = 0, patches_ = 0;
  // The stored candidate: its next step, bytes of its first step and of those after it.
  uint64_t candidate_step_ = 0;
  size_t candidate_first_ = 0, candidate_rest_ = 0;
};

}  // namespace nezu::configdb
