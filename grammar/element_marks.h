#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "grammar/schema.h"

namespace nezu::grammar {

/// What stands beside an element: attributes in XML, "@" members in JSON.
struct ElementMarks {
  enum class Move { kNone, kBefore, kAfter, kRename };

  bool inactive = false, active = false, protect = false, unprotect = false;
  bool replace = false, remove = false, create = false;
  Move move = Move::kNone;
  std::string comment;
  /// Attributes that say how or where to: name, key, value, replace-pattern, with, …
  std::vector<std::pair<std::string, std::string>> others;

  static constexpr size_t kMostOthers = 4 << 10;  ///< bytes of them: one may stand for many values

  /// Takes an attribute of either form, without its prefix. Why it was not taken, null if it was.
  const char* add(std::string_view name, std::string_view value);
  /// Takes those that came later.
  const char* add(const ElementMarks& more);

  /// Whether there is anything but attributes that nobody asked for.
  bool say_anything() const;
  const std::string* other(std::string_view name) const;
  /// The parts of the key that `move` names, one for each key leaf of `list`, or the one value of a
  /// leaf-list: attributes called as the key leaves are, or YANG's key="[name='x']" and value="x".
  /// nullopt: it names none.
  std::optional<std::vector<std::string>> target(const Statement& list) const;

 private:
  bool operate(std::string_view operation);
  const char* keep(std::string_view name, std::string_view value);
};

/// The text between `/*` and `*/`, trimmed; text that is no such comment as it is.
std::string comment_text(std::string_view text);

/// Without the blanks around it.
std::string_view trimmed(std::string_view text);

}  // namespace nezu::grammar
