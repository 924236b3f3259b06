#pragma once
#include <string>
#include <string_view>

namespace nezu::grammar {

/// `text` between XML tags. Characters that XML 1.0 has no way to write become '?'.
std::string xml_text(std::string_view text);
/// `text` as a JSON string, with its quotes. Bytes that are not UTF-8 become '?'.
std::string json_text(std::string_view text);

}  // namespace nezu::grammar
