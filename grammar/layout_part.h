#pragma once
#include <string>
#include <vector>

#include "grammar/layout.h"

namespace nezu::grammar {

/// A piece of a layout: text, a hole, or a section with pieces in it.
struct Layout::Part {
  enum class Kind { kText, kValue, kEach, kIf, kUnless, kBetween };
  Kind kind = Kind::kText;
  std::string text;  ///< kText: itself; else the name
  int width = 0;
  bool right = false;
  bool wrap = false;
  std::vector<Part> parts;
};

}  // namespace nezu::grammar
