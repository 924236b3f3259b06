#include "services/ike/pki/standing.h"

namespace nezu::ike {

Standing::Standing(Revocation& revocation, const SaTable& table, Revoked revoked)
    : revocation_(revocation), table_(table), revoked_(std::move(revoked)) {
  timer_.callOnTimeout([this] { look(); });
  revocation_.on_list([this] { all_are_due(); });
}

void Standing::proven(std::uint32_t sa, const ChainVerdict& chain) {
  if (chain.links.empty()) return;
  peers_[sa] = {std::make_shared<const ChainVerdict>(chain), std::time(nullptr) + kEach};
  if (!timer_.isActive()) timer_.start(kLook);
}

void Standing::changed(const std::vector<std::uint32_t>& sas) {
  if (peers_.empty()) return;
  for (const std::uint32_t index : sas) {
    const auto peer = peers_.find(index);
    if (peer == peers_.end()) continue;
    const auto sa = table_.sas().find(index);
    if (sa != table_.sas().end() && sa->second.successor != 0)
      peers_.try_emplace(sa->second.successor, peer->second);
  }
}

void Standing::look() {
  std::erase_if(peers_, [&](const auto& each) { return !table_.sas().contains(each.first); });
  if (peers_.empty()) return timer_.stop();
  const std::time_t now = std::time(nullptr);
  std::vector<std::uint32_t> due;
  for (const auto& [sa, peer] : peers_) {
    if (asked_ + due.size() >= kMostAsked) break;
    if (peer.due <= now) due.push_back(sa);
  }
  for (const std::uint32_t sa : due) {
    const auto peer = peers_.find(sa);
    if (peer == peers_.end()) continue;  // gone with another's answer
    peer->second.due = now + kEach;
    ask(sa, peer->second);
  }
}

void Standing::ask(std::uint32_t sa, const Peer& peer) {
  ++asked_;
  revocation_.check_again(
      *peer.chain, [this, sa, chain = peer.chain](const std::string& error, bool is_revoked) {
        --asked_;
        const auto there = peers_.find(sa);
        if (!is_revoked || there == peers_.end() || there->second.chain != chain) return;
        peers_.erase(there);
        revoked_(sa, error);
      });
}

void Standing::all_are_due() {
  for (auto& [_, peer] : peers_) peer.due = 0;
}

}  // namespace nezu::ike
