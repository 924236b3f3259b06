#pragma once
#include <map>
#include <string>

#include "grammar/arena.h"
#include "grammar/type_data.h"

struct lysc_type;

namespace nezu::grammar {

/// Freezes compiled YANG types into an arena, equal ones once; nothing of them refers to libyang
/// afterwards.
class TypeReader {
 public:
  explicit TypeReader(Arena& arena) : arena_(arena) {}

  /// An empty placeholder becomes the type's own. Throws std::runtime_error for a type we have no
  /// use for.
  const TypeData& freeze(const lysc_type* type, const std::string& placeholder);
  /// Text of so many characters.
  const TypeData& text(const std::string& placeholder, uint64_t least, uint64_t most);
  /// One of some words.
  const TypeData& words(const std::vector<Choice>& words);

  struct Draft;

 private:
  const TypeData& keep(const Draft& draft);

  Arena& arena_;
  std::map<std::string, const TypeData*> kept_;  ///< by all that they say
};

}  // namespace nezu::grammar
