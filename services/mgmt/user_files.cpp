#include "services/mgmt/user_files.h"

#include <sys/stat.h>

#include <algorithm>
#include <utility>

namespace nezu::mgmt {
namespace {
namespace fs = std::filesystem;
constexpr char kHomes[] = "/var/home";

bool is_below(const fs::path& path, const fs::path& top) {
  return std::mismatch(top.begin(), top.end(), path.begin(), path.end()).first == top.end();
}

// Without a blank component at its end, as "a/" has one.
fs::path normal(const fs::path& path) {
  fs::path made = path.lexically_normal();
  return made.has_filename() || !made.has_relative_path() ? made : made.parent_path();
}

// One component, and not one that means another directory.
bool is_plain_name(const std::string& name) {
  return !name.empty() && name != "." && name != ".." && name.find('/') == name.npos;
}

std::string home_of(const std::string& user) {
  return std::string(kHomes) + "/" + user;
}
}  // namespace

UserFiles::UserFiles(std::string homes, std::string user, bool everything)
    : homes_(std::move(homes)), user_(std::move(user)), everything_(everything) {}

bool UserFiles::has_home() const {
  return !homes_.empty() && is_plain_name(user_);
}

std::string UserFiles::directory(const std::string& directory) const {
  if (everything_) return directory;
  const std::string home = home_of(user_);
  return is_below(normal(directory), home) ? directory : home;
}

// What is below /var/home is elsewhere in the machine.
std::string UserFiles::real(const fs::path& seen) const {
  return normal(fs::path(homes_) / seen.lexically_relative(kHomes)).string();
}

// A super-user's name stays as it is, for what ".." means behind a link the machine knows; but the
// homes of the router's users are where they see them.
std::string UserFiles::of_a_home(const fs::path& seen) const {
  const fs::path whole = normal(seen), below = whole.lexically_relative(kHomes);
  std::error_code error;
  const bool known = !homes_.empty() && is_below(whole, kHomes) && below != "." &&
                     fs::is_directory(fs::path(homes_) / *below.begin(), error);
  return known ? real(whole) : seen.string();
}

// Users make no links: one that is there is not theirs, wherever it leads.
bool UserFiles::has_link(const std::string& path) const {
  fs::path at = homes_;
  for (const auto& part : fs::path(path).lexically_relative(homes_)) {
    std::error_code error;
    if (fs::is_symlink(at /= part, error)) return true;
  }
  return false;
}

std::string UserFiles::stand_in(const std::string& from, const std::string& name) const {
  const fs::path seen = fs::path(directory(from)) / name;
  std::error_code error;
  return everything_ ? fs::weakly_canonical(seen, error).string() : normal(seen).string();
}

UserFiles::Place UserFiles::find(const std::string& from, const std::string& name) const {
  if (name.find("://") != name.npos)
    return {"", "'" + name + "' is not of this router, and no other files are read or written"};
  const fs::path seen = fs::path(directory(from)) / name;
  if (everything_) return {of_a_home(seen), ""};
  const Place denied{"", "permission denied: " + name};
  if (!has_home() || !is_below(normal(seen), home_of(user_))) return denied;
  ::mkdir(homes_.c_str(), 0700);
  ::mkdir((homes_ + "/" + user_).c_str(), 0700);
  const std::string path = real(normal(seen));
  return has_link(path) ? denied : Place{path, ""};
}

}  // namespace nezu::mgmt
