// Database: the rescue configuration.
#include "configdb/codec.h"
#include "configdb/database.h"

namespace nezu::configdb {
namespace {

constexpr char kRescue[] = "rescue";
constexpr char kRescueTree[] = "rescue-configuration";

}  // namespace

std::optional<std::string> Database::save_rescue(const std::string& user, const std::string& via) {
  const std::string line = std::to_string(clock_().wall) + " " + via + " " + user;
  return store_->keep({{kRescue, line}, {kRescueTree, encode(nullptr, active_.raw)}});
}

std::optional<std::string> Database::delete_rescue() {
  return store_->keep({{kRescue, {}}, {kRescueTree, {}}});
}

std::optional<Revision> Database::rescue() const {
  const auto line = store_->item(kRescue);
  if (!line) return std::nullopt;
  Revision revision;
  const size_t via = line->find(' '), user = line->find(' ', via + 1);
  revision.time = strtoll(line->c_str(), nullptr, 10);
  if (user == line->npos) return revision;
  revision.via = line->substr(via + 1, user - via - 1);
  revision.user = line->substr(user + 1);
  return revision;
}

Loaded Database::load_rescue() const {
  const auto stored = store_->item(kRescueTree);
  if (!stored) return {nullptr, "rescue configuration does not exist"};
  Decoded decoded = decode(*schema_, nullptr, *stored);
  if (!decoded.root) return {nullptr, "rescue configuration cannot be read: " + decoded.error};
  return {std::move(decoded.root), {}};
}

}  // namespace nezu::configdb
