#include "configdb/store.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "configdb/codec.h"
#include "configdb/node.h"
#include "configdb/sqlite.h"

namespace nezu::configdb {
namespace {

using Error = std::optional<std::string>;
using sqlite::exec;
using sqlite::Handle;
using sqlite::Statement;

constexpr int kApplication = 0x6e657a75;  // "nezu"
constexpr int kFormat = 2;                // 1 had no items
constexpr size_t kLongestChain = 100;
constexpr uint64_t kCandidateSteps = 500;
// Beside the header's, which one flipped bit turns into another: says which of them is meant.
constexpr char kFormatItem[] = "format";

constexpr char kTables[] = R"(
  CREATE TABLE revision(number INTEGER PRIMARY KEY, time INTEGER NOT NULL, user TEXT NOT NULL,
    via TEXT NOT NULL, comment TEXT NOT NULL, whole INTEGER NOT NULL, content BLOB NOT NULL,
    checksum INTEGER NOT NULL);
  CREATE TABLE candidate(step INTEGER PRIMARY KEY, revision INTEGER NOT NULL,
    content BLOB NOT NULL, checksum INTEGER NOT NULL);
)";
constexpr char kItemTable[] = R"(
  CREATE TABLE item(name TEXT PRIMARY KEY, content BLOB NOT NULL, checksum INTEGER NOT NULL);
)";

std::string refusal(const std::string& path, const std::string& why) {
  return "configuration database " + path + " cannot be used: " + why +
         "; it has been left as it is";
}

Error errno_text(const std::string& doing) {
  return doing + ": " + std::strerror(errno);
}

// Whether an error comes from the machine and may go away, and not from what is stored.
bool is_of_system(int code) {
  switch (code & 0xff) {  // without the details of an extended code
    case SQLITE_IOERR:
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_NOMEM:
    case SQLITE_FULL:
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
    case SQLITE_READONLY:
    case SQLITE_AUTH:
    case SQLITE_PROTOCOL:
      return true;
    default:
      return false;
  }
}

Error insert_item(sqlite3* db, const Item& item) {
  Statement write(db, "INSERT OR REPLACE INTO item VALUES(?, ?, ?)");
  write.bind(std::string_view(item.name)).blob(*item.content);
  write.bind(int64_t{checksum(item.name, *item.content)});
  return write.done() ? std::nullopt : Error(sqlite3_errmsg(db));
}

// A new database is built beside its place and renamed, so that one half made is never found.
Error create(const std::string& path, const char* vfs) {
  const std::string draft = path + ".new";
  unlink(draft.c_str());
  const int file = ::open(draft.c_str(), O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0600);
  if (file < 0) return errno_text("cannot create " + draft);
  ::close(file);
  Handle handle;
  if (auto error = handle.open(draft, vfs)) return error;
  const std::string pragmas = "PRAGMA application_id=" + std::to_string(kApplication) +
                              "; PRAGMA user_version=" + std::to_string(kFormat) + ";";
  if (auto error =
          exec(handle.get(), "BEGIN;" + std::string(kTables) + kItemTable + "COMMIT;" + pragmas))
    return "cannot create " + path + ": " + *error;
  if (auto error = insert_item(handle.get(), {kFormatItem, std::to_string(kFormat)}))
    return "cannot create " + path + ": " + *error;
  handle.close();
  if (rename(draft.c_str(), path.c_str())) return errno_text("cannot create " + path);
  sqlite::sync_folder(path);
  return std::nullopt;
}

}  // namespace

Store::Store(sqlite3* db, std::shared_ptr<const grammar::Schema> schema, std::string path)
    : db_(db), schema_(std::move(schema)), path_(std::move(path)) {}

Store::~Store() {
  sqlite3_close(db_);
}

Store::Opened Store::open(const std::string& path, std::shared_ptr<const grammar::Schema> schema,
                          const char* vfs) {
  struct stat info;
  if (lstat(path.c_str(), &info) != 0) {
    if (errno != ENOENT) return {nullptr, refusal(path, std::strerror(errno)), false};
    if (auto error = create(path, vfs)) return {nullptr, *error, false};
  } else if (!S_ISREG(info.st_mode)) {
    return {nullptr, refusal(path, "it is not a file"), true, "it is not a file"};
  }
  Handle handle;
  if (auto error = handle.open(path, vfs)) return {nullptr, refusal(path, *error), false};
  std::unique_ptr<Store> store(new Store(handle.release(), std::move(schema), path));
  Error error = store->verify();
  if (!error) error = store->run("PRAGMA journal_mode=WAL");
  if (!error) error = store->upgrade();
  const bool damaged = !store->fault_of_system() && !store->is_newer();
  if (error) return {nullptr, refusal(path, *error), damaged, *error};
  sqlite3_db_config(store->db_, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0, nullptr);
  chmod(path.c_str(), 0600);
  return {std::move(store), {}, false};
}

bool Store::fault_of_system() const {
  return page_unread_ || is_of_system(sqlite3_errcode(db_));
}

// Reads everything a later commit or rollback would stand on.
Error Store::verify() {
  if (auto error = run("PRAGMA locking_mode=EXCLUSIVE; PRAGMA synchronous=FULL")) return error;
  if (auto error = verify_header()) return error;
  if (auto error = read_log()) return error;
  if (auto error = read_candidate_size()) return error;
  return format_ > 1 ? verify_items() : std::nullopt;
}

Error Store::verify_header() {
  Statement application(db_, "PRAGMA application_id");
  if (!application.row()) return words();
  if (application.number(0) != kApplication) return "it is not a configuration database";
  Statement format(db_, "PRAGMA user_version");
  if (!format.row()) return words();
  format_ = static_cast<int>(format.number(0));
  if (format_ < 1 || format_ > kFormat)
    return "it has format " + std::to_string(format_) + ", not " + std::to_string(kFormat);
  Statement check(db_, "PRAGMA quick_check(1)");
  if (!check.row()) return words();
  if (check.bytes(0) == "ok") return std::nullopt;
  const std::string found = check.text(0);
  constexpr std::string_view kCode = "error code=";  // a page that could not even be read
  const size_t code = found.find(kCode);
  page_unread_ = code != found.npos && is_of_system(std::atoi(found.c_str() + code + kCode.size()));
  return found;
}

Error Store::read_log() {
  Statement rows(db_,
                 "SELECT number, time, user, via, comment, whole, content, checksum FROM revision "
                 "ORDER BY number");
  while (rows.row()) {
    const Revision revision{static_cast<uint64_t>(rows.number(0)), rows.number(1), rows.text(2),
                            rows.text(3), rows.text(4)};
    const bool whole = rows.number(5);
    const std::string_view content = rows.bytes(6);
    if (checksum(revision, whole, content) != rows.number(7))
      return "revision " + std::to_string(revision.number) + " is damaged";
    if (!whole && (revisions_.empty() || revision.number != newest() + 1))
      return "revision " + std::to_string(revision.number - 1) + " is missing";
    remember(revision, whole, content.size());
  }
  return rows.done() ? std::nullopt : Error(words());
}

Error Store::read_candidate_size() {
  Statement rows(db_, "SELECT step, length(content) FROM candidate ORDER BY step");
  while (rows.row()) {
    (candidate_step_ ? candidate_rest_ : candidate_first_) += rows.number(1);
    candidate_step_ = rows.number(0) + 1;
  }
  return rows.done() ? std::nullopt : Error(words());
}

Error Store::verify_items() const {
  Statement rows(db_, "SELECT name, content, checksum FROM item");
  while (rows.row()) {
    const std::string name = rows.text(0);
    if (checksum(name, rows.bytes(1)) != rows.number(2)) return "its '" + name + "' is damaged";
  }
  return rows.done() ? std::nullopt : Error(words());
}

// Made by a later program, and not damaged into looking so.
bool Store::is_newer() const {
  if (format_ <= kFormat) return false;
  Statement rows(db_, "SELECT content, checksum FROM item WHERE name = ?");
  rows.bind(std::string_view(kFormatItem));
  return rows.row() && rows.bytes(0) == std::to_string(format_) &&
         checksum(kFormatItem, rows.bytes(0)) == rows.number(1);
}

// From format 1, which had no items.
Error Store::upgrade() {
  if (format_ == kFormat) return std::nullopt;
  format_ = kFormat;
  return transaction([this]() -> Error {
    if (auto error = run(kItemTable)) return error;
    if (auto error = write_items({{kFormatItem, std::to_string(kFormat)}})) return error;
    return run(("PRAGMA user_version=" + std::to_string(kFormat)).c_str());
  });
}

// Takes a revision into the log in memory.
void Store::remember(const Revision& revision, bool whole, size_t size) {
  revisions_.insert(revisions_.begin(), revision);
  if (revisions_.size() > kKept) revisions_.pop_back();
  if (whole) {
    whole_size_ = size;
    patches_size_ = patches_ = 0;
  } else {
    patches_size_ += size;
    ++patches_;
  }
}

Loaded Store::load(uint64_t number) const {
  const std::string name = "revision " + std::to_string(number);
  Statement rows(db_,
                 "SELECT number, content FROM revision WHERE number <= ?1 AND number >= (SELECT "
                 "max(number) FROM revision WHERE whole AND number <= ?1) ORDER BY number");
  rows.bind(static_cast<int64_t>(number));
  NodePtr root;
  uint64_t reached = 0;
  while (rows.row()) {
    Decoded decoded = decode(*schema_, root, rows.bytes(1));
    if (!decoded.root) return {nullptr, name + " cannot be read: " + decoded.error};
    root = std::move(decoded.root);
    reached = rows.number(0);
  }
  if (!rows.done()) return {nullptr, name + " cannot be read: " + words()};
  if (!root || reached != number) return {nullptr, name + " does not exist"};
  return {std::move(root), {}};
}

template <class Work>
Error Store::transaction(Work work) {
  if (auto error = settle()) return error;
  if (auto error = run("BEGIN IMMEDIATE")) return error;
  Error error = work();
  const bool at_the_end = !error;
  if (!error) error = run("COMMIT");
  if (!error) return std::nullopt;
  // A failed COMMIT may have ended the transaction already.
  if (!sqlite3_get_autocommit(db_)) run("ROLLBACK");
  if (at_the_end) in_doubt_ = true;
  settle();  // what cannot be settled now is tried again before the next transaction
  return error;
}

// The end of a failed transaction may lie in the write-ahead log, complete. Another transaction is
// written in its place; the log's chained checksums then make whatever is left of it invalid.
Error Store::settle() {
  if (!in_doubt_) return std::nullopt;
  if (auto error = run("PRAGMA synchronous=FULL; BEGIN IMMEDIATE")) return error;
  Error error = write_items({{"settled", std::to_string(++settled_) + " " + path_}});
  if (!error) error = run("COMMIT");
  in_doubt_ = error.has_value();
  if (error && !sqlite3_get_autocommit(db_)) run("ROLLBACK");
  return error;
}

Error Store::write_items(const std::vector<Item>& items) {
  for (const Item& item : items) {
    if (item.content) {
      if (auto error = insert_item(db_, item)) return error;
      continue;
    }
    Statement forget(db_, "DELETE FROM item WHERE name = ?");
    if (!forget.bind(std::string_view(item.name)).done()) return words();
  }
  return std::nullopt;
}

Error Store::keep(const std::vector<Item>& items) {
  Error error = run("PRAGMA synchronous=FULL");
  if (!error) error = transaction([&] { return write_items(items); });
  return error ? Error(failed(*error)) : std::nullopt;
}

std::optional<std::string> Store::item(std::string_view name) const {
  Statement rows(db_, "SELECT content FROM item WHERE name = ?");
  rows.bind(name);
  return rows.row() ? std::optional(rows.text(0)) : std::nullopt;
}

std::string Store::failed(const std::string& why) const {
  return "cannot write " + path_ + ": " + why;
}

// Whole again when reading the chain would cost more than reading a whole one.
bool Store::due_whole(size_t patch) const {
  return revisions_.empty() || patches_ + 1 > kLongestChain || patches_size_ + patch > whole_size_;
}

Error Store::insert_revision(const Revision& revision, bool whole, const std::string& content) {
  Statement insert(db_, "INSERT INTO revision VALUES(?, ?, ?, ?, ?, ?, ?, ?)");
  insert.bind(static_cast<int64_t>(revision.number)).bind(revision.time);
  insert.bind(revision.user).bind(revision.via).bind(revision.comment);
  insert.bind(int64_t{whole}).blob(content).bind(int64_t{checksum(revision, whole, content)});
  return insert.done() ? std::nullopt : Error(words());
}

Error Store::insert_candidate(uint64_t step, uint64_t revision, const std::string& content) {
  Statement insert(db_, "INSERT INTO candidate VALUES(?, ?, ?, ?)");
  insert.bind(static_cast<int64_t>(step)).bind(static_cast<int64_t>(revision)).blob(content);
  insert.bind(int64_t{checksum(step, revision, content)});
  return insert.done() ? std::nullopt : Error(words());
}

// Forgets what lies before the whole revision that the oldest kept one is read from.
Error Store::prune(uint64_t oldest) {
  Statement prune(db_,
                  "DELETE FROM revision WHERE number < (SELECT max(number) FROM revision WHERE "
                  "whole AND number <= ?)");
  return prune.bind(static_cast<int64_t>(oldest)).done() ? std::nullopt : Error(words());
}

Error Store::append(const Revision& revision, const NodePtr& before, const NodePtr& after,
                    const Beside& beside) {
  std::string content = encode(revisions_.empty() ? nullptr : before, after);
  const bool whole = due_whole(content.size()) || revision.number != newest() + 1;
  if (whole && !revisions_.empty()) content = encode(nullptr, after);
  const bool edited = beside.candidate && beside.candidate != after;
  const std::string candidate = edited ? encode(after, beside.candidate) : std::string();
  const uint64_t oldest = revision.number + 1 - std::min<uint64_t>(kKept, revision.number + 1);
  Error error = run("PRAGMA synchronous=FULL");
  if (!error)
    error = transaction([&]() -> Error {
      if (auto wrong = insert_revision(revision, whole, content)) return wrong;
      if (auto wrong = prune(std::min(oldest, beside.needed.value_or(oldest)))) return wrong;
      if (auto wrong = write_items(beside.items)) return wrong;
      if (auto wrong = run("DELETE FROM candidate")) return wrong;
      return edited ? insert_candidate(0, revision.number, candidate) : std::nullopt;
    });
  if (error) return failed(*error);
  // Into the database itself at once: a log that is damaged later then takes no revision with it.
  // Where that fails the log has it, and the next commit tries again.
  sqlite3_wal_checkpoint_v2(db_, nullptr, SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
  remember(revision, whole, content.size());
  candidate_step_ = edited;
  candidate_first_ = candidate.size();
  candidate_rest_ = 0;
  return std::nullopt;
}

Error Store::save_candidate(const NodePtr& active, const NodePtr& saved, const NodePtr& to) {
  if (saved == to) return std::nullopt;
  const bool fold = candidate_step_ > kCandidateSteps && candidate_rest_ > candidate_first_;
  const uint64_t step = fold ? 0 : candidate_step_;
  const std::string content = encode(fold ? active : saved, to);
  // Without waiting for the disk: a typed line need not survive power loss.
  if (auto error = run("PRAGMA synchronous=NORMAL")) return error;
  const Error error = transaction([&]() -> Error {
    if (fold)
      if (auto wrong = run("DELETE FROM candidate")) return wrong;
    return insert_candidate(step, newest(), content);
  });
  if (error) return failed(*error);
  if (step == 0) candidate_first_ = content.size(), candidate_rest_ = 0;
  if (step > 0) candidate_rest_ += content.size();
  candidate_step_ = step + 1;
  return std::nullopt;
}

Error Store::clear_candidate() {
  Error error = run("PRAGMA synchronous=NORMAL");
  if (!error) error = transaction([this] { return run("DELETE FROM candidate"); });
  if (error) return failed(*error);
  candidate_step_ = candidate_first_ = candidate_rest_ = 0;
  return std::nullopt;
}

Loaded Store::candidate(const NodePtr& active) const {
  Statement rows(db_, "SELECT step, revision, content, checksum FROM candidate ORDER BY step");
  NodePtr root = active;
  while (rows.row()) {
    const std::string_view content = rows.bytes(2);
    const auto step = static_cast<uint64_t>(rows.number(0));
    if (checksum(step, rows.number(1), content) != rows.number(3) ||
        static_cast<uint64_t>(rows.number(1)) != newest())
      return {nullptr, "the candidate configuration is damaged"};
    Decoded decoded = decode(*schema_, root, content);
    if (!decoded.root)
      return {nullptr, "the candidate configuration cannot be read: " + decoded.error};
    root = std::move(decoded.root);
  }
  if (!rows.done()) return {nullptr, words()};
  return {std::move(root), {}};
}

Error Store::run(const char* sql) const {
  return exec(db_, sql);
}

std::string Store::words() const {
  return sqlite3_errmsg(db_);
}

}  // namespace nezu::configdb
