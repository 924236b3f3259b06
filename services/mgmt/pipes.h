#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "grammar/layout.h"

/// The text filters behind `|`. Each sees one line at a time, so their memory does not grow with
/// the output.
namespace nezu::mgmt {

/// Receives text in pieces of any size, then end().
class Filter {
 public:
  virtual ~Filter() = default;
  virtual void write(std::string_view text) = 0;
  virtual void end() = 0;  ///< no more text: everything held back is due
  /// What a pipe before it says about itself: it is for the user, and not filtered.
  virtual void remark(std::string_view text) { write(text); }
};

/// A number as a pipe takes it: digits only.
std::optional<size_t> number_of(std::string_view text);

/// A longer line is cut into lines of this size: `match` on endless output stays bounded.
inline constexpr size_t kMaxLine = 1 << 16;

/// Cuts text into lines (with their line feed) for its children.
class LineFilter : public Filter {
 public:
  explicit LineFilter(std::unique_ptr<Filter> next) : next_(std::move(next)) {}

  void write(std::string_view text) override;
  void end() override;
  void remark(std::string_view text) override { next_->remark(text); }

 protected:
  virtual void line(std::string_view line) = 0;
  /// After the last line. False: there is more to pass, and pass_end() comes later.
  virtual bool finish() { return true; }
  void pass(std::string_view text) { next_->write(text); }
  void pass_end() { next_->end(); }

 private:
  void give();

  std::unique_ptr<Filter> next_;
  std::string held_;
};

/// A filter of one word and its argument, writing to `next`: match RE, except RE, find RE, count,
/// first [N], last [N], trim N; other words pass all. RE is a POSIX extended regular expression,
/// not case-sensitive, matched in time linear in the line. `screen` is what `first` and `last` show
/// without a number.
struct FilterError {
  std::string message;
};
std::variant<std::unique_ptr<Filter>, FilterError> make_filter(std::string_view word,
                                                               std::string_view argument,
                                                               std::unique_ptr<Filter> next,
                                                               size_t screen);

/// Cuts lines of UTF-8 text that are longer than `columns` (> 0).
std::unique_ptr<Filter> wrap_at(size_t columns, std::unique_ptr<Filter> next);

/// The end of a chain; tells `ended` that no more text comes.
std::unique_ptr<Filter> write_to(grammar::Sink sink, std::function<void()> ended = nullptr);

/// `last N` keeps at most this many lines.
inline constexpr size_t kMaxLast = 10'000;

}  // namespace nezu::mgmt
