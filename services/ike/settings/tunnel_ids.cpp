#include "services/ike/settings/tunnel_ids.h"

#include <algorithm>
#include <charconv>
#include <sstream>

namespace nezu::ike {

std::uint32_t TunnelIds::id_of(const std::string& vpn) {
  const auto [entry, fresh] = ids_.try_emplace(vpn, next_);
  if (fresh) ++next_;
  return entry->second;
}

void TunnelIds::trim(const std::set<std::string>& used) {
  if (ids_.size() <= kRemembered) return;
  std::erase_if(ids_, [&](const auto& entry) { return !used.contains(entry.first); });
}

// A line a name: "500001 ipsec_vpn"; the first line is the next number.
Bytes TunnelIds::serialise() const {
  std::string text = std::to_string(next_) + '\n';
  for (const auto& [vpn, id] : ids_) text += std::to_string(id) + ' ' + vpn + '\n';
  return bytes_of(view_of(text));
}

TunnelIds TunnelIds::parse(ByteView bytes) {
  TunnelIds ids;
  std::istringstream in(std::string(bytes.begin(), bytes.end()));
  std::string line;
  while (std::getline(in, line)) {
    std::uint32_t number = 0;
    const auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), number);
    if (error != std::errc() || number < kFirst) continue;
    if (end != line.data() + line.size()) ids.ids_[std::string(end + 1)] = number++;
    ids.next_ = std::max(ids.next_, number);
  }
  return ids;
}

}  // namespace nezu::ike
