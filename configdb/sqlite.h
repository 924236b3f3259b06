#pragma once
#include <sqlite3.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// SQLite as the store uses it: a connection that closes itself and statements that are bound and
/// stepped. Errors are SQLite's own words.
namespace nezu::configdb::sqlite {

/// One prepared statement. Of one that cannot be prepared no row comes and done() is false.
class Statement {
 public:
  Statement(sqlite3* db, const char* sql);
  ~Statement() { sqlite3_finalize(statement_); }
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;

  /// The next parameter. What is bound must outlive the last row().
  Statement& bind(int64_t value);
  Statement& bind(std::string_view text);
  Statement& blob(std::string_view bytes);

  /// Whether there is a row; done() afterwards tells an end from an error.
  bool row();
  bool done();
  int64_t number(int column) { return sqlite3_column_int64(statement_, column); }
  /// Valid until the next row().
  std::string_view bytes(int column);
  std::string text(int column) { return std::string(bytes(column)); }

 private:
  sqlite3_stmt* statement_ = nullptr;
  bool ok_ = false;
  int bound_ = 0;
  int last_ = SQLITE_OK;
};

/// A connection to an existing file. Closing it writes nothing.
class Handle {
 public:
  Handle() = default;
  ~Handle() { sqlite3_close(db_); }
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;

  std::optional<std::string> open(const std::string& path, const char* vfs, bool writable = true);
  sqlite3* get() const { return db_; }
  sqlite3* release();
  void close() { sqlite3_close(release()); }

 private:
  sqlite3* db_ = nullptr;
};

std::optional<std::string> exec(sqlite3* db, const std::string& sql);

/// Makes what was renamed in the folder of `path` durable. What cannot be synced is passed over.
void sync_folder(const std::string& path);

/// CRC-32 (IEEE 802.3) of `bytes`, going on from `crc` (0 at first).
uint32_t crc32(uint32_t crc, std::string_view bytes);

}  // namespace nezu::configdb::sqlite
