#pragma once
#include <algorithm>
#include <cstddef>
#include <string_view>

namespace nezu::cli {

/// Columns of a text in UTF-8, each character one wide.
inline size_t width(std::string_view text) {
  return static_cast<size_t>(
      std::count_if(text.begin(), text.end(), [](char byte) { return (byte & 0xC0) != 0x80; }));
}

}  // namespace nezu::cli
