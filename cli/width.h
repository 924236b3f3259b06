#pragma once
#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

namespace nezu::cli {

/// Columns of a text in UTF-8, each character one wide.
inline size_t width(std::string_view text) {
  return static_cast<size_t>(
      std::count_if(text.begin(), text.end(), [](char byte) { return (byte & 0xC0) != 0x80; }));
}

/// Takes the last character of UTF-8 away, not a byte of it.
inline void rub_out(std::string& text) {
  while (!text.empty() && (text.back() & 0xC0) == 0x80) text.pop_back();
  if (!text.empty()) text.pop_back();
}

}  // namespace nezu::cli
