#include "pfe-model/lpm.h"

#include <gtest/gtest.h>

#include <map>
#include <random>

#include "pfe-model/fib.h"

namespace nezu::pfe {
namespace {

Address random_address(std::mt19937& random, uint8_t size) {
  // Few distinct octets, so that prefixes nest and collide.
  uint8_t octets[16];
  for (uint8_t& octet : octets) octet = static_cast<uint8_t>((random() % 4) * 0x55);
  if (random() % 4 == 0) octets[random() % size] = static_cast<uint8_t>(random());
  return Address::of(octets, size);
}

bool holds(const Prefix& prefix, const Address& address) {
  return Prefix::of(address, prefix.length).address == prefix.address;
}

uint32_t naive(const std::map<std::pair<uint8_t, std::array<uint8_t, 16>>, uint32_t>& table,
               const Address& address) {
  uint32_t best = 0;
  for (const auto& [key, value] : table)  // ascending length: the last match is the longest
    if (holds({Address::of(key.second.data(), address.size), key.first}, address)) best = value;
  return best;
}

void compare_with_naive(uint8_t size) {
  std::mt19937 random(size);
  Lpm lpm(size);
  std::map<std::pair<uint8_t, std::array<uint8_t, 16>>, uint32_t> table;
  for (uint32_t step = 1; step < 6000; ++step) {
    const auto length = static_cast<uint8_t>(random() % (size * 8 + 1));
    const Prefix prefix = Prefix::of(random_address(random, size), length);
    if (random() % 3 == 0 && !table.empty()) {
      auto victim = std::next(table.begin(), static_cast<long>(random() % table.size()));
      lpm.erase({Address::of(victim->first.second.data(), size), victim->first.first});
      table.erase(victim);
    } else {
      lpm.set(prefix, step);
      table[{length, prefix.address.octets}] = step;
    }
    for (int i = 0; i < 4; ++i) {
      const Address address = random_address(random, size);
      ASSERT_EQ(lpm.find(address.octets.data()), naive(table, address)) << "step " << step;
    }
  }
  while (!table.empty()) {
    lpm.erase({Address::of(table.begin()->first.second.data(), size), table.begin()->first.first});
    table.erase(table.begin());
  }
  EXPECT_EQ(lpm.nodes(), 1u) << "nodes leak";
  EXPECT_EQ(lpm.find(random_address(random, size).octets.data()), 0u);
}

TEST(Lpm, AgreesWithASearchOfAllPrefixesV4) {
  compare_with_naive(4);
}
TEST(Lpm, AgreesWithASearchOfAllPrefixesV6) {
  compare_with_naive(16);
}

Address v4(uint8_t a, uint8_t b, uint8_t c, uint8_t d) {
  const uint8_t octets[4] = {a, b, c, d};
  return Address::of(octets, 4);
}

TEST(Fib, LocalAddressHidesARouteAndGivesItBack) {
  Fib fib;
  fib.set_route(Prefix::of(v4(10, 0, 0, 1), 32), {Action::kForward, {{7, {}}}}, 1);
  fib.set_local(v4(10, 0, 0, 1), 3, 1);
  EXPECT_EQ(fib.find(v4(10, 0, 0, 1))->action, Action::kLocal);
  EXPECT_TRUE(fib.remove_local(v4(10, 0, 0, 1)));
  ASSERT_NE(fib.find(v4(10, 0, 0, 1)), nullptr);
  EXPECT_EQ(fib.find(v4(10, 0, 0, 1))->hops[0].interface, 7u);
}

TEST(Fib, SweepRemovesWhatWasNotNamedAgain) {
  Fib fib;
  fib.set_route(Prefix::of(v4(10, 0, 0, 0), 8), {Action::kForward, {{1, {}}}}, 1);
  fib.set_route(Prefix::of(v4(10, 1, 0, 0), 16), {Action::kDiscard, {}}, 1);
  fib.set_local(v4(192, 0, 2, 1), 1, 1);
  fib.set_route(Prefix::of(v4(10, 0, 0, 0), 8), {Action::kForward, {{2, {}}}}, 2);
  fib.sweep(2);
  EXPECT_EQ(fib.find(v4(10, 1, 2, 3))->hops[0].interface, 2u);
  EXPECT_EQ(fib.find(v4(192, 0, 2, 1)), nullptr);
  EXPECT_EQ(fib.routes(), 1u);
}

TEST(Fib, SharesEqualPaths) {
  Fib fib;
  for (uint8_t i = 0; i < 200; ++i)
    fib.set_route(Prefix::of(v4(10, i, 0, 0), 16), {Action::kForward, {{1, v4(1, 1, 1, 1)}}}, 1);
  EXPECT_EQ(fib.find(v4(10, 0, 0, 1)), fib.find(v4(10, 199, 0, 1)));
}

}  // namespace
}  // namespace nezu::pfe
