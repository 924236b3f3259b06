#pragma once
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "configdb/edit.h"
#include "grammar/reader.h"

namespace re2 {
class RE2;
}

/// What changes many statements at once: `replace pattern`, `wildcard delete`.
namespace nezu::configdb {

/// A regular expression as the command line has them: POSIX extended, the longest of the leftmost
/// matches. Matching is linear in the text.
class Pattern {
 public:
  explicit Pattern(const std::string& text);
  ~Pattern();
  Pattern(Pattern&&) noexcept;

  /// "invalid regular expression: …"; "" if it is good.
  std::string error() const;
  bool found_in(std::string_view text) const;
  const re2::RE2& compiled() const { return *compiled_; }

 private:
  std::unique_ptr<re2::RE2> compiled_;
};

using grammar::Substitution;
/// `replace pattern` below `level`. See rewrite(). All or nothing: an error also if too much text
/// would come of it.
Edited substitute(const NodePtr& root, const Path& level, const Substitution& substitution);

/// What stands right below `path` (statements, or the entries of a list) and has the pattern in its
/// name: one path each.
std::vector<Path> matching(const NodePtr& root, const Path& path, const Pattern& pattern);
/// The key or value of the last step; its statement's name if there is none.
std::string name_of(const Path& path);

}  // namespace nezu::configdb
