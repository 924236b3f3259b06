#include "configdb/pattern.h"

#include <re2/re2.h>

#include <optional>

#include "configdb/rewrite.h"

namespace nezu::configdb {
namespace {

constexpr size_t kMostText = 64 << 20;  // that one command may make
constexpr size_t kLongestValue = 64 << 10;

// `&` and `\1` as RE2 has them.
std::string rewrite_of(std::string_view text) {
  std::string out;
  for (size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '&') {
      out += "\\0";
    } else if (text[at] == '\\' && at + 1 < text.size()) {
      const char next = text[++at];
      if (next == '\\' || (next >= '0' && next <= '9')) out += '\\';
      out += next;
    } else {
      out += text[at] == '\\' ? "\\\\" : std::string(1, text[at]);
    }
  }
  return out;
}

// Replaces in one value after the other, within bounds.
class Replacer {
 public:
  Replacer(const re2::RE2& pattern, std::string text) : pattern_(pattern), text_(std::move(text)) {}

  std::optional<std::string> operator()(std::string_view value) {
    if (too_long_ || !RE2::PartialMatch(value, pattern_)) return std::nullopt;
    std::string changed(value);
    // Each match, an empty one too, may bring the whole of `text_` and itself as often as that
    // names it.
    const size_t most = 2 * (value.size() + 1) * (text_.size() + 1);
    too_long_ = most > kMostText;  // it is not even tried
    if (too_long_ || !RE2::GlobalReplace(&changed, pattern_, text_)) return std::nullopt;
    made_ += changed.size();
    too_long_ = changed.size() > kLongestValue || made_ > kMostText;
    return changed;
  }
  bool too_long() const { return too_long_; }

 private:
  const re2::RE2& pattern_;
  std::string text_;
  size_t made_ = 0;
  bool too_long_ = false;
};

}  // namespace

Pattern::Pattern(const std::string& text) {
  re2::RE2::Options options;
  options.set_posix_syntax(true);
  options.set_perl_classes(true);
  options.set_longest_match(true);
  options.set_log_errors(false);
  compiled_ = std::make_unique<re2::RE2>(text, options);
}

Pattern::~Pattern() = default;
Pattern::Pattern(Pattern&&) noexcept = default;

std::string Pattern::error() const {
  return compiled_->ok() ? "" : "invalid regular expression: " + compiled_->error();
}

bool Pattern::found_in(std::string_view text) const {
  return RE2::PartialMatch(text, *compiled_);
}

Edited substitute(const NodePtr& root, const Path& level, const Substitution& substitution) {
  const Pattern pattern(substitution.old_pattern);
  if (auto error = pattern.error(); !error.empty()) return {root, std::move(error), {}};
  const std::string text = rewrite_of(substitution.new_text);
  std::string error;
  if (!pattern.compiled().CheckRewriteString(text, &error))
    return {root, "invalid replacement: " + substitution.new_text, {}};
  auto replacer = std::make_shared<Replacer>(pattern.compiled(), text);
  Edited edited = rewrite(
      root, level, [replacer](std::string_view value) { return (*replacer)(value); },
      substitution.upto);
  if (replacer->too_long()) return {root, "the replaced text would be too long", {}};
  return edited;
}

std::vector<Path> matching(const NodePtr& root, const Path& path, const Pattern& pattern) {
  std::vector<Path> found;
  const auto collect = [&](const Node& node, const Path& above, const auto& self) -> void {
    node.children.each([&](const NodePtr& child) {
      const bool holder = child->role == Node::Role::kHolder;
      if (holder && child->statement->no_keyword) return self(*child, above, self);
      Path place = above;
      place.push_back({child->statement, std::string(holder ? "" : child->text.view())});
      if (child->statement->kind == grammar::Kind::kLeaf) place.back().value.clear();
      if (pattern.found_in(name_of(place))) found.push_back(std::move(place));
    });
  };
  Path above = path;
  const NodePtr node = find(root, path);
  if (node && node->role == Node::Role::kHolder) above.pop_back();
  if (node) collect(*node, above, collect);
  return found;
}

std::string name_of(const Path& path) {
  return path.back().value.empty() ? path.back().statement->name.str() : path.back().value;
}

}  // namespace nezu::configdb
