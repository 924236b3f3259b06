#pragma once
#include <string>
#include <vector>

namespace nezu::cli {

/// `nezu console NODE`: the console of a router, which asks who is there. Returns an exit status
/// (cli/shell.h).
int console(const std::vector<std::string>& arguments);

/// Whether this password makes that hash of crypt(3). One that would take minutes does not.
bool is_password(const std::string& password, const std::string& hash);

}  // namespace nezu::cli
