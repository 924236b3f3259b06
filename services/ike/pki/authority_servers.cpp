#include "services/ike/pki/authority_servers.h"

namespace nezu::ike {

Fetched AuthorityServers::ask(const std::string& url, const Bytes& body, const char* body_type,
                              std::size_t most) {
  {
    const std::lock_guard lock(mutex_);
    const auto found = failed_.find(url);
    if (found != failed_.end() && found->second.first + kPause > clock_())
      return {{}, found->second.second};
  }
  Fetched fetched = fetch(url, body, body_type, most, kSeconds);
  const std::lock_guard lock(mutex_);
  failed_.erase(url);
  if (fetched.error.empty()) return fetched;
  if (failed_.size() >= kMost) failed_.clear();
  failed_[url] = {clock_(), fetched.error};
  return fetched;
}

void AuthorityServers::forget() {
  const std::lock_guard lock(mutex_);
  failed_.clear();
}

}  // namespace nezu::ike
