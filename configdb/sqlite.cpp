#include "configdb/sqlite.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <utility>

namespace nezu::configdb::sqlite {

Statement::Statement(sqlite3* db, const char* sql) {
  ok_ = sqlite3_prepare_v2(db, sql, -1, &statement_, nullptr) == SQLITE_OK;
}

Statement& Statement::bind(int64_t value) {
  if (ok_) sqlite3_bind_int64(statement_, ++bound_, value);
  return *this;
}

Statement& Statement::bind(std::string_view text) {
  if (ok_)
    sqlite3_bind_text64(statement_, ++bound_, text.data(), text.size(), SQLITE_STATIC, SQLITE_UTF8);
  return *this;
}

Statement& Statement::blob(std::string_view bytes) {
  if (ok_) sqlite3_bind_blob64(statement_, ++bound_, bytes.data(), bytes.size(), SQLITE_STATIC);
  return *this;
}

bool Statement::row() {
  last_ = ok_ ? sqlite3_step(statement_) : SQLITE_ERROR;
  return last_ == SQLITE_ROW;
}

bool Statement::done() {
  if (last_ == SQLITE_OK) row();
  return last_ == SQLITE_DONE;
}

std::string_view Statement::bytes(int column) {
  const void* bytes = sqlite3_column_blob(statement_, column);
  const int size = sqlite3_column_bytes(statement_, column);
  return bytes ? std::string_view(static_cast<const char*>(bytes), size) : std::string_view();
}

std::optional<std::string> Handle::open(const std::string& path, const char* vfs, bool writable) {
  const int access = writable ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY;
  if (sqlite3_open_v2(path.c_str(), &db_, access | SQLITE_OPEN_NOMUTEX, vfs) != SQLITE_OK)
    return sqlite3_errmsg(db_);
  sqlite3_extended_result_codes(db_, 1);
  sqlite3_db_config(db_, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
  return std::nullopt;
}

sqlite3* Handle::release() {
  return std::exchange(db_, nullptr);
}

std::optional<std::string> exec(sqlite3* db, const std::string& sql) {
  if (sqlite3_exec(db, sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK) return std::nullopt;
  return sqlite3_errmsg(db);
}

void sync_folder(const std::string& path) {
  const std::string directory = path.substr(0, path.find_last_of('/') + 1);
  const int folder = ::open(directory.empty() ? "." : directory.c_str(), O_DIRECTORY | O_CLOEXEC);
  if (folder < 0) return;
  fsync(folder);
  ::close(folder);
}

uint32_t crc32(uint32_t crc, std::string_view bytes) {
  // Eight bytes a step: kTable[n] is what a byte becomes n bytes later.
  static const auto kTable = [] {
    std::array<std::array<uint32_t, 256>, 8> table;
    for (uint32_t i = 0; i < 256; ++i) {
      uint32_t value = i;
      for (int bit = 0; bit < 8; ++bit) value = (value >> 1) ^ (value & 1 ? 0xedb88320u : 0);
      table[0][i] = value;
    }
    for (size_t n = 1; n < 8; ++n)
      for (uint32_t i = 0; i < 256; ++i)
        table[n][i] = table[0][table[n - 1][i] & 0xff] ^ (table[n - 1][i] >> 8);
    return table;
  }();
  const auto* at = reinterpret_cast<const uint8_t*>(bytes.data());
  size_t left = bytes.size();
  crc = ~crc;
  for (; left >= 8; at += 8, left -= 8) {
    const uint32_t low = crc ^ (at[0] | at[1] << 8 | at[2] << 16 | uint32_t{at[3]} << 24);
    crc = kTable[7][low & 0xff] ^ kTable[6][low >> 8 & 0xff] ^ kTable[5][low >> 16 & 0xff] ^
          kTable[4][low >> 24] ^ kTable[3][at[4]] ^ kTable[2][at[5]] ^ kTable[1][at[6]] ^
          kTable[0][at[7]];
  }
  for (; left; ++at, --left) crc = kTable[0][(crc ^ *at) & 0xff] ^ (crc >> 8);
  return ~crc;
}

}  // namespace nezu::configdb::sqlite
