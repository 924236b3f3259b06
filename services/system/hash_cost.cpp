#include "services/system/hash_cost.h"

#include <charconv>
#include <cstdint>
#include <string_view>

// What a try costs is written in the hash itself, by each method in its own way: crypt(5).
namespace nezu::system {
namespace {

constexpr uint64_t kMostRounds = 1'000'000;
constexpr uint64_t kMostDoublings = 14;  // of bcrypt
// Of yescrypt and scrypt, in the digits below: 2^15 blocks of 32 times 128 bytes.
constexpr char kMostBlocks = 'C', kMostBlocksOfScrypt = 'D';
constexpr char kMostRoom = 'T';
constexpr std::string_view kRoomOfScrypt = "U..../....";

// The number that a text begins with; none: more than any bound.
uint64_t number(std::string_view text) {
  uint64_t value = UINT64_MAX;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

// The digits are "./0-9A-Za-z", in the order of their codes.
bool is_costly_yescrypt(std::string_view cost) {
  return cost.size() < 4 || cost[0] != 'j' || cost[1] > kMostBlocks || cost[2] > kMostRoom ||
         cost[3] != '$';
}

bool is_costly_scrypt(std::string_view cost) {
  return cost.empty() || cost[0] > kMostBlocksOfScrypt ||
         cost.substr(1, kRoomOfScrypt.size()) != kRoomOfScrypt;
}

}  // namespace

bool is_costly(const std::string& hash) {
  const std::string_view text = hash;
  if (text.starts_with("_")) return true;  // millions of DES, for what nobody makes any more
  if (text.starts_with("$y$")) return is_costly_yescrypt(text.substr(3));
  if (text.starts_with("$gy$")) return is_costly_yescrypt(text.substr(4));
  if (text.starts_with("$7$")) return is_costly_scrypt(text.substr(3));
  if (text.starts_with("$2")) {
    const size_t cost = text.find('$', 1);
    return cost == text.npos || number(text.substr(cost + 1)) > kMostDoublings;
  }
  if (text.starts_with("$sha1$")) return number(text.substr(6)) > kMostRounds;
  const size_t rounds = text.find("rounds=");
  return rounds != text.npos && number(text.substr(rounds + 7)) > kMostRounds;
}

}  // namespace nezu::system
