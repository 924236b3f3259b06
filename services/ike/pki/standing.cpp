#include "services/ike/pki/standing.h"

#include <algorithm>

#include "services/ike/pki/chain_record.h"

namespace nezu::ike {

Standing::Standing(Revocation& revocation, const SaTable& table, Revoked revoked, Keep keep)
    : revocation_(revocation), table_(table), revoked_(std::move(revoked)), keep_(std::move(keep)) {
  timer_.callOnTimeout([this] { look(); });
  revocation_.on_list([this] { all_are_due(); });
}

bool Standing::restore(std::uint32_t sa, ByteView record) {
  auto chain = chain_of(record);
  if (!chain || !table_.sas().contains(sa)) return false;
  peers_[sa] = {std::make_shared<const ChainVerdict>(std::move(*chain)), 0, ++turns_};
  if (!timer_.isActive()) timer_.start(kLook);
  return true;
}

void Standing::proven(std::uint32_t sa, const ChainVerdict& chain) {
  if (chain.links.empty()) return;
  keep_(sa, record_of(chain));
  peers_[sa] = {std::make_shared<const ChainVerdict>(chain), std::time(nullptr) + kEach, ++turns_};
  if (!timer_.isActive()) timer_.start(kLook);
}

void Standing::changed(const std::vector<std::uint32_t>& sas) {
  if (peers_.empty()) return;
  for (const std::uint32_t index : sas) {
    const auto peer = peers_.find(index);
    if (peer == peers_.end()) continue;
    const auto sa = table_.sas().find(index);
    if (sa == table_.sas().end() || sa->second.successor == 0) continue;
    const auto [heir, is_new] = peers_.try_emplace(sa->second.successor, peer->second);
    if (!is_new) continue;
    heir->second.is_asked = false;
    keep_(heir->first, record_of(*heir->second.chain));
  }
}

void Standing::look() {
  std::erase_if(peers_, [&](const auto& each) {
    const bool gone = !table_.sas().contains(each.first);
    if (gone) keep_(each.first, {});
    return gone;
  });
  if (peers_.empty()) return timer_.stop();
  const std::time_t now = std::time(nullptr);
  for (const std::uint32_t sa : whose_turn(now)) {
    const auto peer = peers_.find(sa);
    if (peer == peers_.end()) continue;  // gone with another's answer
    peer->second.due = now + kEach;
    peer->second.turn = ++turns_;
    peer->second.is_asked = true;
    ask(sa, peer->second.chain);
  }
}

// Those that are due, as many as may be asked about: lists that come often make all due again, and
// take nobody's turn.
std::vector<std::uint32_t> Standing::whose_turn(std::time_t now) const {
  std::vector<std::pair<std::uint64_t, std::uint32_t>> due;
  for (const auto& [sa, peer] : peers_)
    if (peer.due <= now && !peer.is_asked) due.emplace_back(peer.turn, sa);
  std::ranges::sort(due);
  due.resize(std::min(due.size(), kMostAsked - asked_));
  std::vector<std::uint32_t> sas;
  for (const auto& [turn, sa] : due) sas.push_back(sa);
  return sas;
}

void Standing::ask(std::uint32_t sa, std::shared_ptr<const ChainVerdict> chain) {
  ++asked_;
  revocation_.check_again(*chain, [this, sa, chain](const std::string& error, bool is_revoked) {
    --asked_;
    answered(sa, chain, error, is_revoked);
  });
}

// One that has proven itself anew meanwhile stands on another chain; a rekeyed IKE SA on the same.
void Standing::answered(std::uint32_t sa, const std::shared_ptr<const ChainVerdict>& chain,
                        const std::string& error, bool is_revoked) {
  const auto there = peers_.find(sa);
  if (there != peers_.end() && there->second.chain == chain) there->second.is_asked = false;
  if (!is_revoked) return;
  std::vector<std::uint32_t> revoked;
  for (const auto& [each, peer] : peers_)
    if (peer.chain == chain) revoked.push_back(each);
  for (const std::uint32_t each : revoked) {
    peers_.erase(each);
    keep_(each, {});
  }
  for (const std::uint32_t each : revoked) revoked_(each, error);
}

void Standing::all_are_due() {
  for (auto& [_, peer] : peers_) peer.due = 0;
}

}  // namespace nezu::ike
