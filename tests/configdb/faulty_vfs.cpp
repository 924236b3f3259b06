#include "faulty_vfs.h"

#include <sqlite3.h>

#include <map>

namespace nezu::configdb::faulty {
namespace {

std::function<int(const Operation&)> fault_now;
int operations = 0;

std::vector<Change>* recorded = nullptr;

std::map<sqlite3_file*, std::string>& names() {
  static std::map<sqlite3_file*, std::string> kMap;
  return kMap;
}

void note(Kind kind, sqlite3_file* file, int64_t at = 0, std::string bytes = {}) {
  if (recorded) recorded->push_back({kind, names()[file], at, std::move(bytes)});
}

int fault(Kind kind) {
  return fault_now ? fault_now({++operations, kind}) : SQLITE_OK;
}

// The system's methods of each open file; ours stand in their place in the file itself.
std::map<sqlite3_file*, const sqlite3_io_methods*>& originals() {
  static std::map<sqlite3_file*, const sqlite3_io_methods*> kMap;
  return kMap;
}

int write(sqlite3_file* file, const void* bytes, int size, sqlite3_int64 at) {
  if (const int error = fault(Kind::kWrite)) return error;
  note(Kind::kWrite, file, at, std::string(static_cast<const char*>(bytes), size));
  return originals()[file]->xWrite(file, bytes, size, at);
}
int sync(sqlite3_file* file, int flags) {
  if (const int error = fault(Kind::kSync)) return error;
  note(Kind::kSync, file);
  return originals()[file]->xSync(file, flags);
}
int truncate(sqlite3_file* file, sqlite3_int64 size) {
  if (const int error = fault(Kind::kTruncate)) return error;
  note(Kind::kTruncate, file, size);
  return originals()[file]->xTruncate(file, size);
}
int close(sqlite3_file* file) {
  const auto* original = originals()[file];
  originals().erase(file);
  names().erase(file);
  return original->xClose(file);
}

sqlite3_vfs* system_vfs;

int open(sqlite3_vfs*, const char* name, sqlite3_file* file, int flags, int* out) {
  static std::map<const sqlite3_io_methods*, sqlite3_io_methods> kOurs;
  const int result = system_vfs->xOpen(system_vfs, name, file, flags, out);
  if (result != SQLITE_OK || !file->pMethods) return result;
  auto [at, fresh] = kOurs.emplace(file->pMethods, *file->pMethods);
  at->second.iVersion = 2;  // no memory-mapped reads
  at->second.xWrite = write;
  at->second.xSync = sync;
  at->second.xTruncate = truncate;
  at->second.xClose = close;
  originals()[file] = file->pMethods;
  names()[file] = name ? name : "";
  file->pMethods = &at->second;
  return result;
}

int remove(sqlite3_vfs*, const char* name, int sync_directory) {
  if (const int error = fault(Kind::kDelete)) return error;
  if (recorded) recorded->push_back({Kind::kDelete, name});
  return system_vfs->xDelete(system_vfs, name, sync_directory);
}

}  // namespace

void install() {
  static sqlite3_vfs ours;
  if (system_vfs) return;
  system_vfs = sqlite3_vfs_find(nullptr);
  ours = *system_vfs;
  ours.zName = kName;
  ours.pNext = nullptr;
  ours.xOpen = open;
  ours.xDelete = remove;
  sqlite3_vfs_register(&ours, 0);
}

void arm(std::function<int(const Operation&)> fault) {
  operations = 0;
  fault_now = std::move(fault);
}

void record(std::vector<Change>* log) {
  recorded = log;
}

void disarm() {
  fault_now = nullptr;
}

}  // namespace nezu::configdb::faulty
