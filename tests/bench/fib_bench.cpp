// A table of a million IPv4 prefixes, as long and as spread as those of the Internet: memory, and
// time of a look-up.
#include <malloc.h>

#include <chrono>
#include <cstdio>
#include <random>

#include "pfe-model/fib.h"

using namespace nezu::pfe;

namespace {

constexpr size_t kPrefixes = 1'000'000;

/// Of a thousand prefixes so many have that length or a shorter one.
uint8_t length_of(uint32_t draw) {
  constexpr struct {
    uint32_t below;
    uint8_t length;
  } kShares[] = {{15, 16},  {25, 17},  {40, 18},  {65, 19},
                 {105, 20}, {160, 21}, {270, 22}, {380, 23}};
  for (const auto& share : kShares)
    if (draw < share.below) return share.length;
  return 24;
}

Address draw_address(std::mt19937& random) {
  const uint32_t bits = random();
  const uint8_t octets[4] = {static_cast<uint8_t>(1 + bits % 223), static_cast<uint8_t>(bits >> 8),
                             static_cast<uint8_t>(bits >> 16), static_cast<uint8_t>(bits >> 24)};
  return Address::of(octets, 4);
}

size_t allocated() {
  const auto info = ::mallinfo2();
  return info.uordblks + info.hblkhd;
}

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

}  // namespace

int main() {
  std::mt19937 random(1);
  Fib fib;
  const size_t before = allocated();
  auto start = std::chrono::steady_clock::now();
  while (fib.routes() < kPrefixes)
    fib.set_route(Prefix::of(draw_address(random), length_of(random() % 1000)),
                  {Action::kForward, {{static_cast<uint32_t>(random() % 64), {}}}}, 1);
  std::printf("%zu prefixes: %.1f MB, %.2f us to add one\n", fib.routes(),
              static_cast<double>(allocated() - before) / 1e6,
              1e6 * seconds_since(start) / kPrefixes);
  std::vector<Address> wanted;
  for (int i = 0; i < 100'000; ++i) wanted.push_back(draw_address(random));
  size_t found = 0;
  double best = 1e9;
  for (int run = 0; run < 9; ++run) {
    start = std::chrono::steady_clock::now();
    for (const Address& address : wanted) found += fib.find(address) != nullptr;
    best = std::min(best, seconds_since(start) / static_cast<double>(wanted.size()));
  }
  std::printf("%.1f ns a look-up of addresses at random, %zu %% found\n", 1e9 * best,
              found / 9 * 100 / wanted.size());
  return 0;
}
