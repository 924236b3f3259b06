#pragma once
#include <functional>

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

}  // namespace nezu::configdb::faulty
