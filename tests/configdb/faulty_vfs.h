#pragma once
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

/// A SQLite VFS over the system's that can fail or die at the nth operation that changes a file.
namespace nezu::configdb::faulty {

inline constexpr char kName[] = "faulty";

/// Registers the VFS; more than once does no harm.
void install();

enum class Kind { kWrite, kSync, kTruncate, kDelete };

struct Operation {
  int number = 0;  ///< from 1
  Kind kind = Kind::kWrite;
};

/// From now on calls `fault` before each operation that changes a file; what it returns is the
/// SQLite error of that operation, 0 lets it happen.
void arm(std::function<int(const Operation&)> fault);
void disarm();

/// One operation as it reached a file, for tests that lose some of them.
struct Change {
  Kind kind = Kind::kWrite;
  std::string file;
  int64_t at = 0;  ///< kWrite: where; kTruncate: the new size
  std::string bytes = {};
};
/// From now on appends what is done to `log`; null: no longer.
void record(std::vector<Change>* log);

}  // namespace nezu::configdb::faulty
