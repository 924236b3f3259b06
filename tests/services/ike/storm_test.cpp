// Rekeys without end, at once from both sides, over a wire that does everything a wire may do: not
// one packet of the tunnel is sent to where nobody takes it.
#include "tests/services/ike/storm.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace nezu::ike::test {
namespace {
constexpr auto kTunnel = TwoPeers::kTunnel;

struct Case {
  const char* name;
  Weather weather;
  unsigned seed;
  unsigned rekeys;
  bool restarts;
  unsigned tunnels = 1;
};

class Rekeys : public testing::TestWithParam<Case> {
 protected:
  static Gateway config(Gateway gateway) {
    gateway.children[0].establish = EstablishTunnels::kImmediately;
    const unsigned tunnels = GetParam().tunnels;
    return tunnels == 1 ? gateway : with_tunnels(gateway, tunnels);
  }

  // What a packet that is sent now would meet.
  bool passes(const Peer& from, const Peer& to) const {
    for (unsigned i = 0; i < GetParam().tunnels; ++i) {
      const ChildSa* pair = from.sends_on(kTunnel + i);
      if (!pair || !to.receives(pair->spi_out) ||
          to.inbound.at(pair->spi_out).keys_in != pair->keys_out)
        return false;
    }
    return true;
  }

  // What a reader of a failure needs: who has what, and what happened last.
  std::string account_of(const Peer& peer) const {
    std::string text = peer.name + " at " + std::to_string(net_.now);
    for (const auto& [index, sa] : peer.table->sas()) {
      text += "\n IKE SA " + std::to_string(index) + " of " + std::to_string(sa.spi_i % 1000) +
              " phase " + std::to_string(int(sa.phase)) + " successor " +
              std::to_string(sa.successor) + " outstanding " +
              (sa.outstanding.empty() ? "no" : std::to_string(int(sa.outstanding[0].task.kind))) +
              (sa.ours.empty() ? "" : " ours") + (sa.theirs.empty() ? "" : " theirs") +
              (sa.successor_answered ? " answered" : "");
      for (const ChildSa& child : sa.children)
        text += "\n  pair of " + std::to_string(child.tunnel - kTunnel) + " in " +
                std::to_string(child.spi_in) + " out " + std::to_string(child.spi_out) + " state " +
                std::to_string(int(child.state)) + " since " + std::to_string(child.created_at);
    }
    for (std::size_t i = peer.events.size() > 12 ? peer.events.size() - 12 : 0;
         i < peer.events.size(); ++i)
      text += "\n " + peer.events[i];
    for (unsigned i = 0; i < GetParam().tunnels; ++i) {
      const ChildSa* sends = peer.sends_on(kTunnel + i);
      text += "\n sends on " + (sends ? std::to_string(sends->spi_out) : "nothing");
    }
    return text;
  }

  // A pair that is to be deleted has somebody who sees to it.
  static std::string orphan(const Peer& peer) {
    for (const auto& [index, sa] : peer.table->sas())
      for (const ChildSa& child : sa.children) {
        const auto is_it = [&](const Task& task) {
          return task.kind == Task::Kind::kDeleteChild && task.spi_in == child.spi_in;
        };
        const bool seen_to =
            std::any_of(sa.tasks.begin(), sa.tasks.end(), is_it) ||
            std::any_of(sa.outstanding.begin(), sa.outstanding.end(),
                        [&](const Outstanding& asked) { return is_it(asked.task); });
        if (child.state == ChildSa::State::kDeleting && !seen_to)
          return std::to_string(child.spi_in);
      }
    return "";
  }

  void rekey(Peer& peer, bool ike) {
    const auto sas = peer.established();
    if (ike && !sas.empty())
      peer.act(peer.table->rekey_ike(sas.back()->index, net_.now), net_.now);
    else
      for (unsigned i = 0; i < GetParam().tunnels; ++i)
        peer.act(peer.table->rekey_tunnel(kTunnel + i, net_.now), net_.now);
  }

  // Every third one is from both sides at once.
  void disturb() {
    const unsigned what = storm_.draw(6);
    const bool ike = storm_.draw(3) == 0;
    if (what < 4) rekey(what % 2 ? net_.a : net_.b, ike);
    if (what < 4) return;
    rekey(net_.a, ike);
    rekey(net_.b, what == 4 ? ike : !ike);
    ++collisions_;
  }

  TwoPeers net_{config(gateway_a()), config(gateway_b())};
  Storm storm_{net_, GetParam().weather, GetParam().seed};
  unsigned collisions_ = 0;
};

TEST_P(Rekeys, LoseNothing) {
  storm_.pass(300 * kSecond);
  ASSERT_TRUE(net_.agree());
  unsigned lost = 0;
  const auto look = [&] {
    for (const Peer* peer : {&net_.a, &net_.b}) EXPECT_EQ(orphan(*peer), "") << account_of(*peer);
    if (passes(net_.a, net_.b) && passes(net_.b, net_.a)) return;
    if (++lost > 1) return;
    ADD_FAILURE() << account_of(net_.a) << '\n' << account_of(net_.b) << '\n' << storm_.diary();
  };
  for (unsigned i = 0; i < GetParam().rekeys && lost == 0; ++i) {
    disturb();
    if (HasFailure()) return;
    look();
    if (GetParam().restarts && i % 7 == 0) (i % 2 ? net_.a : net_.b).restart(net_.now);
    storm_.pass(1 + storm_.draw(20'000), look);
    ASSERT_EQ(lost, 0u) << "after " << i << " rekeys, " << collisions_ << " from both sides";
  }
  // When it is calm again nothing is left over.
  storm_.pass(4000 * kSecond, look);
  EXPECT_EQ(lost, 0u);
  EXPECT_TRUE(net_.agree());
  EXPECT_EQ(net_.a.inbound.size(), GetParam().tunnels) << account_of(net_.a);
  EXPECT_EQ(net_.b.inbound.size(), GetParam().tunnels) << account_of(net_.b);
  EXPECT_EQ(net_.a.established().size(), 1u);
  EXPECT_EQ(net_.b.established().size(), 1u);
  EXPECT_GT(collisions_, GetParam().rekeys / 5);
}

INSTANTIATE_TEST_SUITE_P(Weathers, Rekeys,
                         testing::Values(Case{"Calm", {}, 1, 300, false},
                                         Case{"Loss", {30, 0, 0, 0}, 2, 1000, false},
                                         Case{"Doubles", {0, 30, 10, 0}, 3, 300, false},
                                         Case{"Bits", {10, 0, 0, 20}, 4, 300, false},
                                         Case{"Everything", {20, 10, 5, 5, 3000}, 5, 500, false},
                                         Case{"Restarts", {10, 10, 5, 0, 500}, 6, 200, true},
                                         Case{"Many", {20, 10, 5, 5, 3000}, 7, 150, true, 12}),
                         [](const auto& each) { return each.param.name; });

}  // namespace
}  // namespace nezu::ike::test
