#pragma once
#include <string>

namespace nezu::system {

/// Whether one try at a password's hash, of crypt(3), may keep a core busy for longer than about a
/// second, or takes more than 128 MiB: nobody has to know the password to make the router try.
bool is_costly(const std::string& hash);

}  // namespace nezu::system
