#pragma once
#include <array>
#include <cstdint>
#include <string>

namespace nezu::chassis {

using Mac = std::array<uint8_t, 6>;

/// "02:a1:b2:c3:d4:00"
std::string text(const Mac& mac);

/// The first MAC address of the machine, from `file`; drawn at random and written there the first
/// time. Locally administered, and its last octet is zero: ports count up from it. `error` is set
/// if the file cannot be written.
Mac machine_mac(const std::string& file, std::string& error);

}  // namespace nezu::chassis
