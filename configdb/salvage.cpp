#include "configdb/salvage.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>

#include "configdb/codec.h"
#include "configdb/deadline.h"
#include "configdb/factory.h"
#include "configdb/pending.h"
#include "configdb/sqlite.h"

namespace nezu::configdb {
namespace {
namespace fs = std::filesystem;
using Error = std::optional<std::string>;
using sqlite::Handle;
using sqlite::Statement;

constexpr int kMostDamaged = 99;
constexpr const char* kParts[] = {"-wal", "-journal", ""};  // the file itself last

struct Row {
  Revision revision;
  bool whole = false;
  std::string content;
};

struct Found {
  std::map<uint64_t, Row> rows;
  std::vector<Item> items;
};

std::string system_error(const std::string& doing) {
  return doing + ": " + std::strerror(errno);
}

// What cannot be asked is not taken for absent.
enum class Presence { kNo, kYes, kUnknown };
Presence presence(const std::string& path) {
  struct stat info;
  if (lstat(path.c_str(), &info) == 0) return Presence::kYes;
  return errno == ENOENT ? Presence::kNo : Presence::kUnknown;
}

void remove_all(const std::string& path) {
  for (const char* part : kParts) unlink((path + part).c_str());
  unlink((path + "-shm").c_str());
}

// Of the last call. What the machine could not do says nothing of what is stored; that no more can
// be read because of damage is what a salvage expects.
Error refusal(sqlite3* db) {
  switch (sqlite3_errcode(db) & 0xff) {
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
    case SQLITE_FULL:
    case SQLITE_NOMEM:
      return std::string("cannot read a copy of it: ") + sqlite3_errmsg(db);
    default:
      return std::nullopt;
  }
}

// From one end until the rows cannot be read; the other end has its own chance.
Error read_rows(sqlite3* db, const char* order, std::map<uint64_t, Row>& rows) {
  const std::string sql =
      "SELECT number, time, user, via, comment, whole, content, checksum FROM revision "
      "ORDER BY number " +
      std::string(order);
  Statement read(db, sql.c_str());
  while (read.row()) {
    Row row{{static_cast<uint64_t>(read.number(0)), read.number(1), read.text(2), read.text(3),
             read.text(4)},
            read.number(5) != 0,
            read.text(6)};
    if (checksum(row.revision, row.whole, row.content) == read.number(7))
      rows.emplace(row.revision.number, std::move(row));
  }
  return refusal(db);
}

Error read_items(sqlite3* db, std::vector<Item>& items) {
  Statement read(db, "SELECT name, content, checksum FROM item");
  while (read.row()) {
    const std::string name = read.text(0);
    if (checksum(name, read.bytes(1)) == read.number(2)) items.push_back({name, read.text(1)});
  }
  return refusal(db);
}

Error read_copy(const std::string& copy, const char* vfs, Found& found) {
  Handle handle;
  if (handle.open(copy, vfs)) return refusal(handle.get());
  sqlite::exec(handle.get(), "PRAGMA locking_mode=EXCLUSIVE");
  Error error = read_rows(handle.get(), "ASC", found.rows);
  if (!error) error = read_rows(handle.get(), "DESC", found.rows);
  if (!error) error = read_items(handle.get(), found.items);
  return error;
}

// The first hundred bytes say the same in every database of ours but for counters; with them
// damaged nothing at all is found.
void mend_header(const std::string& copy) {
  std::fstream file(copy, std::ios::in | std::ios::out | std::ios::binary);
  file.seekg(0, std::ios::end);
  const auto pages = static_cast<uint32_t>(file.tellg() / 4096);
  unsigned char head[100] = "SQLite format 3";
  head[16] = 0x10;  // 4096
  head[18] = head[19] = 2;
  head[21] = 64, head[22] = head[23] = 32;
  for (int i = 0; i < 4; ++i) head[28 + i] = static_cast<unsigned char>(pages >> (24 - 8 * i));
  head[27] = head[95] = 1;
  head[47] = 4, head[59] = 1;
  file.seekp(0);
  file.write(reinterpret_cast<const char*>(head), sizeof head);
}

// Of the database and its logs, what there is of them.
Error copy_parts(const std::string& path, const std::string& copy) {
  remove_all(copy);
  for (const char* part : kParts) {
    std::error_code error;
    const auto type = fs::status(path + part, error).type();
    if (type == fs::file_type::not_found) continue;
    if (type == fs::file_type::regular) fs::copy_file(path + part, copy + part, error);
    if (error) return "cannot copy " + path + part + ": " + error.message();
  }
  return std::nullopt;
}

// Works on a copy: reading a log moves it into the database. A copy that fails says nothing of what
// is stored.
Error read_damaged(const std::string& path, const char* vfs, Found& found) {
  const std::string copy = path + ".copy";
  Error error;
  for (const bool mended : {false, true}) {
    if ((error = copy_parts(path, copy))) break;
    const auto there = presence(copy);
    if (there == Presence::kUnknown) error = system_error("cannot read " + copy);
    if (there != Presence::kYes) break;
    if (mended) mend_header(copy);
    found = {};
    if ((error = read_copy(copy, vfs, found)) || !found.rows.empty()) break;
  }
  remove_all(copy);
  return error;
}

using Revisions = std::vector<std::pair<Revision, NodePtr>>;

// Every revision that follows without a gap from one that is stored whole.
Revisions trees(const grammar::Schema& schema, const std::map<uint64_t, Row>& rows) {
  Revisions out;
  NodePtr tree;
  uint64_t last = 0;
  for (const auto& [number, row] : rows) {
    if (row.whole) tree = nullptr;
    if (!row.whole && (!tree || number != last + 1)) {
      tree = nullptr;
      continue;
    }
    tree = decode(schema, tree, row.content).root;
    if (tree) out.emplace_back(row.revision, tree);
    last = number;
  }
  return out;
}

NodePtr rescue_of(const grammar::Schema& schema, const std::vector<Item>& items) {
  for (const Item& item : items)
    if (item.name == "rescue-configuration") return decode(schema, nullptr, *item.content).root;
  return nullptr;
}

std::string notice(const std::string& why, const std::string& aside, const std::string& active) {
  return "configuration database was damaged (" + why + ") and is kept as " + aside + "; " + active;
}

// The revision that a commit goes back to unless it is confirmed, if that is there and a later one
// is.
std::optional<uint64_t> waits_for(const std::vector<Item>& items, const Revisions& found) {
  const auto item = std::find_if(items.begin(), items.end(),
                                 [](const Item& each) { return each.name == kConfirmation; });
  const auto waits =
      item == items.end() ? std::nullopt : Confirmation::parse(item->content.value_or(""));
  if (!waits || found.empty()) return std::nullopt;
  const auto is_meant = [&](const auto& each) { return each.first.number == waits->revert_to; };
  if (std::none_of(found.begin(), found.end() - 1, is_meant)) return std::nullopt;
  return waits->revert_to;
}

bool has_scheduled(const std::vector<Item>& items) {
  return std::any_of(items.begin(), items.end(),
                     [](const Item& item) { return item.name == kScheduled; });
}

std::string free_name(const std::string& path) {
  for (int n = 1; n <= kMostDamaged; ++n) {
    std::string name = path + ".damaged-" + std::to_string(n);
    struct stat info;
    if (lstat(name.c_str(), &info) != 0 && errno == ENOENT) return name;
  }
  return {};
}

// Numbers need not follow each other in the new database: each is stored as it was.
Error fill(Store& store, const grammar::Schema& schema, const Found& found, const std::string& why,
           const std::string& aside) {
  auto revisions = trees(schema, found.rows);
  const auto revert_to = waits_for(found.items, revisions);
  std::string active = "the last good revision";
  const NodePtr rescue = revisions.empty() ? rescue_of(schema, found.items) : nullptr;
  if (revisions.empty()) {
    const int64_t now = machine_clock().wall;
    revisions.push_back({{0, now, "root", "other", ""}, factory_default(schema)});
    active = "no revision of it can be read: the factory default";
    if (rescue) {
      revisions.push_back({{1, now, "root", "other", "rescue configuration"}, rescue});
      active = "no revision of it can be read: the rescue configuration";
    }
  } else {
    const Revision& newest = revisions.back().first;
    active += ", of " + utc(newest.time) + " by " + newest.user + ",";
  }
  for (size_t i = 0; i < revisions.size(); ++i)
    if (auto error = store.append(revisions[i].first, i ? revisions[i - 1].second : nullptr,
                                  revisions[i].second, {{}, nullptr, revert_to}))
      return error;
  std::vector<Item> items;
  for (const Item& item : found.items)
    if (item.name.starts_with("rescue") || (revert_to && item.name == kConfirmation))
      items.push_back(item);
  active += " is active";
  if (has_scheduled(found.items)) active += "; the commit that was to come is cancelled";
  items.push_back({kNotice, notice(why, aside, active)});
  return store.keep(items);
}

}  // namespace

Error salvage(const std::string& path, const std::shared_ptr<const grammar::Schema>& schema,
              const std::string& why, const char* vfs) {
  const std::string aside = free_name(path);
  if (aside.empty()) return "there are too many damaged configuration databases beside " + path;
  const std::string draft = path + ".salvage";
  remove_all(draft);
  Found found;
  if (auto error = read_damaged(path, vfs, found)) return error;
  {
    auto opened = Store::open(draft, schema, vfs);
    if (!opened.store) return opened.error;
    if (auto error = fill(*opened.store, *schema, found, why, aside)) return error;
  }
  if (presence(draft + "-wal") != Presence::kNo) return "cannot write " + draft;
  // The point of no return: from here on finish_salvage() goes on wherever it was interrupted.
  const std::string ready = path + ".salvaged";
  if (rename(draft.c_str(), ready.c_str())) return system_error("cannot create " + ready);
  sqlite::sync_folder(path);
  return finish_salvage(path);
}

// The log goes before its database: a log beside a new database would be taken for its own.
Error finish_salvage(const std::string& path) {
  const std::string ready = path + ".salvaged";
  const auto begun = presence(ready);
  if (begun == Presence::kUnknown) return system_error("cannot read " + ready);
  if (begun == Presence::kNo) return std::nullopt;
  const std::string aside = free_name(path);
  if (aside.empty()) return "there are too many damaged configuration databases beside " + path;
  for (const char* part : kParts)
    if (rename((path + part).c_str(), (aside + part).c_str()) && errno != ENOENT)
      return system_error("cannot put " + path + part + " aside");
  sqlite::sync_folder(path);
  if (rename(ready.c_str(), path.c_str())) return system_error("cannot create " + path);
  sqlite::sync_folder(path);
  return std::nullopt;
}

}  // namespace nezu::configdb
