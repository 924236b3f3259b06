// Why is my tunnel down? Everything that is known, put into words.
#pragma once

#include <string>
#include <vector>

#include "services/ike/settings/settings.h"

namespace nezu::ike {

class Daemon;

struct Why {
  bool up = false;
  /// The first one is the answer, the others are what else is known.
  std::vector<std::string> facts;
  std::vector<std::string> look_at;

  std::string answer() const { return facts.empty() ? std::string() : facts.front(); }
};

Why why(const Daemon& daemon, const Tunnel& tunnel);

}  // namespace nezu::ike
