#pragma once
#include <chrono>
#include <string>

/// Times as the router prints them.
namespace nezu::chassis {

/// "2026-11-21 23:04:38 UTC"
std::string utc_text(std::chrono::system_clock::time_point time);

/// "3 days, 17 hours, 27 seconds": what is zero is left out; "0 seconds".
std::string long_duration(std::chrono::seconds duration);

/// "4d 14:14", "00:03:05", "1w2d 03:04": how long ago, at most three numbers.
std::string short_duration(std::chrono::seconds duration);

}  // namespace nezu::chassis
