#include "configdb/store.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "configdb/codec.h"
#include "configdb/node.h"

namespace nezu::configdb {
namespace {

using Error = std::optional<std::string>;

constexpr int kApplication = 0x6e657a75;  // "nezu"
constexpr int kFormat = 1;
constexpr size_t kLongestChain = 100;
constexpr uint64_t kCandidateSteps = 500;

constexpr char kTables[] = R"(
  CREATE TABLE revision(number INTEGER PRIMARY KEY, time INTEGER NOT NULL, user TEXT NOT NULL,
    via TEXT NOT NULL, comment TEXT NOT NULL, whole INTEGER NOT NULL, content BLOB NOT NULL,
    checksum INTEGER NOT NULL);
  CREATE TABLE candidate(step INTEGER PRIMARY KEY, revision INTEGER NOT NULL,
    content BLOB NOT NULL, checksum INTEGER NOT NULL);
)";

// CRC-32 (IEEE 802.3), over what a row says.
uint32_t crc32(uint32_t crc, std::string_view bytes) {
  static const auto kTable = [] {
    std::array<uint32_t, 256> table;
    for (uint32_t i = 0; i < 256; ++i) {
      uint32_t value = i;
      for (int bit = 0; bit < 8; ++bit) value = (value >> 1) ^ (value & 1 ? 0xedb88320u : 0);
      table[i] = value;
    }
    return table;
  }();
  crc = ~crc;
  for (const unsigned char byte : bytes) crc = kTable[(crc ^ byte) & 0xff] ^ (crc >> 8);
  return ~crc;
}

uint32_t checksum(const Revision& revision, bool whole, std::string_view content) {
  const std::string head = std::to_string(revision.number) + '\n' + std::to_string(revision.time) +
                           '\n' + revision.user + '\n' + revision.via + '\n' + revision.comment +
                           '\n' + (whole ? "1" : "0");
  return crc32(crc32(0, head), content);
}

uint32_t checksum(uint64_t step, uint64_t revision, std::string_view content) {
  return crc32(crc32(0, std::to_string(step) + '\n' + std::to_string(revision)), content);
}

std::string damaged(const std::string& path, const std::string& why) {
  return "configuration database " + path + " cannot be used: " + why +
         "; it has been left as it is";
}

struct Handle {
  sqlite3* db = nullptr;
  ~Handle() { sqlite3_close(db); }
  sqlite3* release() { return std::exchange(db, nullptr); }
};

Error open_handle(Handle& handle, const std::string& path, const char* vfs) {
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX;
  if (sqlite3_open_v2(path.c_str(), &handle.db, flags, vfs) != SQLITE_OK)
    return sqlite3_errmsg(handle.db);
  sqlite3_extended_result_codes(handle.db, 1);
  // Closing must not write into a database that turns out to be damaged.
  sqlite3_db_config(handle.db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
  return std::nullopt;
}

Error exec(sqlite3* db, const std::string& sql) {
  if (sqlite3_exec(db, sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK) return std::nullopt;
  return sqlite3_errmsg(db);
}

Error errno_text(const std::string& doing) {
  return doing + ": " + std::strerror(errno);
}

// A new database is built beside its place and renamed, so that one half made is never found.
Error create(const std::string& path, const char* vfs) {
  const std::string draft = path + ".new";
  unlink(draft.c_str());
  const int file = ::open(draft.c_str(), O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0600);
  if (file < 0) return errno_text("cannot create " + draft);
  ::close(file);
  Handle handle;
  if (auto error = open_handle(handle, draft, vfs)) return error;
  const std::string pragmas = "PRAGMA application_id=" + std::to_string(kApplication) +
                              "; PRAGMA user_version=" + std::to_string(kFormat) + ";";
  if (auto error = exec(handle.db, "BEGIN;" + std::string(kTables) + "COMMIT;" + pragmas))
    return "cannot create " + path + ": " + *error;
  sqlite3_close(handle.release());
  if (rename(draft.c_str(), path.c_str())) return errno_text("cannot create " + path);
  const std::string directory = path.substr(0, path.find_last_of('/') + 1);
  const int folder = ::open(directory.empty() ? "." : directory.c_str(), O_DIRECTORY | O_CLOEXEC);
  if (folder >= 0) {
    fsync(folder);
    ::close(folder);
  }
  return std::nullopt;
}

}  // namespace

// One prepared statement, bound and stepped.
class Store::Statement {
 public:
  Statement(sqlite3* db, const char* sql) {
    ok_ = sqlite3_prepare_v2(db, sql, -1, &statement_, nullptr) == SQLITE_OK;
  }
  ~Statement() { sqlite3_finalize(statement_); }
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;

  Statement& bind(int64_t value) {
    if (ok_) sqlite3_bind_int64(statement_, ++bound_, value);
    return *this;
  }
  Statement& bind(std::string_view text) {
    if (ok_) sqlite3_bind_text(statement_, ++bound_, text.data(), text.size(), SQLITE_STATIC);
    return *this;
  }
  Statement& blob(std::string_view bytes) {
    if (ok_) sqlite3_bind_blob64(statement_, ++bound_, bytes.data(), bytes.size(), SQLITE_STATIC);
    return *this;
  }
  /// Whether there is a row; done() afterwards tells an end from an error.
  bool row() {
    last_ = ok_ ? sqlite3_step(statement_) : SQLITE_ERROR;
    return last_ == SQLITE_ROW;
  }
  bool done() {
    if (last_ == SQLITE_OK) row();
    return last_ == SQLITE_DONE;
  }
  int64_t number(int column) { return sqlite3_column_int64(statement_, column); }
  std::string text(int column) {
    const void* bytes = sqlite3_column_blob(statement_, column);
    const int size = sqlite3_column_bytes(statement_, column);
    return bytes ? std::string(static_cast<const char*>(bytes), size) : std::string();
  }

 private:
  sqlite3_stmt* statement_ = nullptr;
  bool ok_ = false;
  int bound_ = 0;
  int last_ = SQLITE_OK;
};

Store::Store(sqlite3* db, std::shared_ptr<const grammar::Schema> schema, std::string path)
    : db_(db), schema_(std::move(schema)), path_(std::move(path)) {}

Store::~Store() {
  sqlite3_close(db_);
}

Store::Opened Store::open(const std::string& path, std::shared_ptr<const grammar::Schema> schema,
                          const char* vfs) {
  struct stat info;
  if (lstat(path.c_str(), &info) != 0) {
    if (errno != ENOENT) return {nullptr, damaged(path, std::strerror(errno))};
    if (auto error = create(path, vfs)) return {nullptr, *error};
  } else if (!S_ISREG(info.st_mode)) {
    return {nullptr, damaged(path, "it is not a file")};
  }
  Handle handle;
  if (auto error = open_handle(handle, path, vfs)) return {nullptr, damaged(path, *error)};
  std::unique_ptr<Store> store(new Store(handle.release(), std::move(schema), path));
  if (auto error = store->verify()) return {nullptr, damaged(path, *error)};
  if (auto error = store->run("PRAGMA journal_mode=WAL")) return {nullptr, damaged(path, *error)};
  sqlite3_db_config(store->db_, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0, nullptr);
  chmod(path.c_str(), 0600);
  return {std::move(store), {}};
}

// Reads everything a later commit or rollback would stand on.
Error Store::verify() {
  if (auto error = run("PRAGMA locking_mode=EXCLUSIVE; PRAGMA synchronous=FULL")) return error;
  if (auto error = verify_header()) return error;
  if (auto error = read_log()) return error;
  return read_candidate_size();
}

Error Store::verify_header() const {
  Statement application(db_, "PRAGMA application_id");
  if (!application.row()) return words();
  if (application.number(0) != kApplication) return "it is not a configuration database";
  Statement format(db_, "PRAGMA user_version");
  if (!format.row()) return words();
  if (format.number(0) != kFormat)
    return "it has format " + std::to_string(format.number(0)) + ", not " + std::to_string(kFormat);
  Statement check(db_, "PRAGMA quick_check(1)");
  if (!check.row()) return words();
  if (check.text(0) != "ok") return check.text(0);
  return std::nullopt;
}

Error Store::read_log() {
  Statement rows(db_,
                 "SELECT number, time, user, via, comment, whole, content, checksum FROM revision "
                 "ORDER BY number");
  while (rows.row()) {
    const Revision revision{static_cast<uint64_t>(rows.number(0)), rows.number(1), rows.text(2),
                            rows.text(3), rows.text(4)};
    const bool whole = rows.number(5);
    const std::string content = rows.text(6);
    if (checksum(revision, whole, content) != rows.number(7))
      return "revision " + std::to_string(revision.number) + " is damaged";
    if (!whole && revision.number != newest() + 1)
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
    Decoded decoded = decode(*schema_, root, rows.text(1));
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
  if (auto error = run("BEGIN IMMEDIATE")) return error;
  Error error = work();
  if (!error) error = run("COMMIT");
  if (!error) return std::nullopt;
  // A failed COMMIT may have ended the transaction already.
  if (!sqlite3_get_autocommit(db_)) run("ROLLBACK");
  return error;
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

Error Store::insert_candidate(uint64_t step, const std::string& content) {
  Statement insert(db_, "INSERT INTO candidate VALUES(?, ?, ?, ?)");
  insert.bind(static_cast<int64_t>(step)).bind(static_cast<int64_t>(newest())).blob(content);
  insert.bind(int64_t{checksum(step, newest(), content)});
  return insert.done() ? std::nullopt : Error(words());
}

// Forgets what lies before the whole revision that the oldest kept one is read from.
Error Store::prune(uint64_t newest) {
  Statement prune(db_,
                  "DELETE FROM revision WHERE number < (SELECT max(number) FROM revision WHERE "
                  "whole AND number <= ?)");
  const int64_t oldest = static_cast<int64_t>(newest) - static_cast<int64_t>(kKept) + 1;
  return prune.bind(oldest).done() ? std::nullopt : Error(words());
}

Error Store::append(const Revision& revision, const NodePtr& before, const NodePtr& after) {
  std::string content = encode(revisions_.empty() ? nullptr : before, after);
  const bool whole = due_whole(content.size());
  if (whole && !revisions_.empty()) content = encode(nullptr, after);
  Error error = run("PRAGMA synchronous=FULL");
  if (!error)
    error = transaction([&]() -> Error {
      if (auto failed = insert_revision(revision, whole, content)) return failed;
      if (auto failed = prune(revision.number)) return failed;
      return run("DELETE FROM candidate");
    });
  if (error) return "cannot write " + path_ + ": " + *error;
  remember(revision, whole, content.size());
  candidate_step_ = candidate_first_ = candidate_rest_ = 0;
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
      if (auto failed = run("DELETE FROM candidate")) return failed;
    return insert_candidate(step, content);
  });
  if (error) return "cannot write " + path_ + ": " + *error;
  if (step == 0) candidate_first_ = content.size(), candidate_rest_ = 0;
  if (step > 0) candidate_rest_ += content.size();
  candidate_step_ = step + 1;
  return std::nullopt;
}

Error Store::clear_candidate() {
  if (auto error = run("PRAGMA synchronous=NORMAL; DELETE FROM candidate"))
    return "cannot write " + path_ + ": " + *error;
  candidate_step_ = candidate_first_ = candidate_rest_ = 0;
  return std::nullopt;
}

Loaded Store::candidate(const NodePtr& active) const {
  Statement rows(db_, "SELECT step, revision, content, checksum FROM candidate ORDER BY step");
  NodePtr root = active;
  while (rows.row()) {
    const std::string content = rows.text(2);
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
