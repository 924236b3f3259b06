#pragma once
#include <string>
#include <vector>

#include "grammar/resolve.h"

namespace nezu::grammar {

/// resolve() for one `set` line after another: the way into a list entry that a line has in common
/// with the line before is not walked again.
class LineResolver {
 public:
  explicit LineResolver(const Statement& root) : root_(root) {}

  /// As resolve() with Reach::kSet. With a problem, paths are those that were named before it; an
  /// entry that was reached counts as named.
  Resolution resolve(const Path& level, std::span<const Word> words);
  /// The edit level has changed.
  void forget() { way_.clear(); }

 private:
  // After so many words the line stood in a container or entry, so many steps deep.
  struct Stand {
    size_t words;
    size_t steps;
  };

  size_t common(std::span<const Word> words) const;
  void remember(std::span<const Word> words, const Path& here);

  const Statement& root_;
  std::vector<Word> words_;  ///< of the line before, up to the last stand
  std::vector<Stand> way_;
  Path here_;  ///< of the last stand
};

}  // namespace nezu::grammar
