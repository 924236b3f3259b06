// Keys of the SAs in the form that Wireshark reads.
#pragma once

#include <string>

#include "services/ike/session/sa.h"

namespace nezu::ike {

/// A line of "ikev2_decryption_table"; empty if the SA has no keys yet.
std::string ike_key_line(const IkeSa& sa);
/// The two lines of "esp_sa" of a pair.
std::string esp_key_lines(const ChildSa& child);

}  // namespace nezu::ike
