#pragma once
#include <string>

namespace nezu::mgmt {

/// Most that is read of one file.
inline constexpr size_t kMaxFile = 64 << 20;

/// The whole of a regular file at `path`, which the user calls `name`. Returns what went wrong, a
/// sentence without "error: ", or "".
std::string read_file(const std::string& path, const std::string& name, std::string& content);

}  // namespace nezu::mgmt
