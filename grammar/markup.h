#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace nezu::grammar {

/// Length of the UTF-8 sequence at `at`; 0 if it is none, or an overlong one, or a surrogate.
size_t utf8_sequence(std::string_view text, size_t at);

/// Appends a code point of Unicode as UTF-8.
void append_utf8(uint32_t code, std::string& out);

/// `text` between XML tags. Characters that XML 1.0 has no way to write become '?'.
std::string xml_text(std::string_view text);
/// `text` as a JSON string, with its quotes. Bytes that are not UTF-8 become '?'.
std::string json_text(std::string_view text);

}  // namespace nezu::grammar
