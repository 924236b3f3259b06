// Traffic Selector payloads, RFC 7296 section 3.13.
#pragma once

#include <optional>
#include <vector>

#include "services/ike/config.h"

namespace nezu::ike {

/// Counts and lengths are right and no range runs backwards.
bool validate_ts(ByteView body);
/// Selectors of types we do not know are left out, so the list may be empty.
std::optional<std::vector<TrafficSelector>> parse_ts(ByteView body);
Bytes encode_ts(const std::vector<TrafficSelector>& selectors);

}  // namespace nezu::ike
