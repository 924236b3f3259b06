#pragma once
#include <functional>

/// A SQLite VFS over the system's that can fail or die at the nth operation that changes a file.
namespace nezu::configdb::faulty {

inline constexpr char kName[] = "faulty";

/// Registers the VFS; more than once does no harm.
void install();

/// From now on calls `fault` before each write, sync, truncation and deletion with its number from
/// 1; what it returns is the SQLite error of that operation, 0 lets it happen.
void arm(std::function<int(int operation)> fault);
void disarm();

}  // namespace nezu::configdb::faulty
