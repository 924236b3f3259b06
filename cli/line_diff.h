#pragma once
#include <string>
#include <string_view>

namespace nezu::cli {

/// What must change in `before` to get `after`, line by line: "- " and "+ " lines, those that stay
/// left out but for the ones beside a change. "" if they are alike.
std::string line_diff(std::string_view before, std::string_view after);

}  // namespace nezu::cli
