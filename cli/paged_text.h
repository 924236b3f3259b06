#pragma once
#include <re2/re2.h>

#include <cstddef>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace nezu::cli {

/// The lines of an output that may still grow, numbered from 0 in the order they came. Keeps about
/// kMost bytes of them: what was dropped cannot be gone back to.
class PagedText {
 public:
  static constexpr size_t kMost = 64 << 20;

  void add(std::string_view text);
  /// Nothing more comes: a last line without a line feed is one all the same.
  void end();

  size_t first() const { return first_; }                 ///< the oldest line that is kept
  size_t size() const { return first_ + lines_.size(); }  ///< one past the newest whole line
  /// A line, with its line feed if it came with one; at size(): what has come of the next.
  std::string_view line(size_t number) const;
  bool has_partial() const { return !partial_.empty(); }
  /// Bytes in lines from `number` on.
  size_t bytes_from(size_t number) const;
  bool too_much() const;
  /// Lines before `number` may go for as long as there is too much.
  void may_drop_before(size_t number);

  /// Shows only lines that match (`wanted`), or that do not, on top of what is filtered already.
  /// The reason if the expression is bad, "" else.
  std::string filter(const std::string& expression, bool wanted);
  void clear_filters() { filters_.clear(); }
  bool filtered() const { return !filters_.empty(); }
  bool visible(size_t number) const;

 private:
  struct Kept {
    std::string text;
    size_t before;  ///< bytes of all lines before it
  };
  struct Condition {
    std::shared_ptr<const re2::RE2> expression;
    bool wanted;
  };
  void push(std::string text);

  std::deque<Kept> lines_;
  std::string partial_;
  size_t first_ = 0;
  size_t bytes_ = 0;  ///< of all whole lines that ever came
  std::vector<Condition> filters_;
};

/// A regular expression as `| match` has them: POSIX, not case-sensitive, in time linear in the
/// line. Null with `error` if it is bad.
std::shared_ptr<const re2::RE2> line_expression(const std::string& text, std::string& error);
bool matches(const re2::RE2& expression, std::string_view line);

}  // namespace nezu::cli
