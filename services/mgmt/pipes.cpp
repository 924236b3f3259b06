#include "services/mgmt/pipes.h"

#include <re2/re2.h>

#include <charconv>
#include <deque>
#include <optional>

namespace nezu::mgmt {
namespace {

class End : public Filter {
 public:
  End(grammar::Sink sink, std::function<void()> ended)
      : sink_(std::move(sink)), ended_(std::move(ended)) {}
  void write(std::string_view text) override { sink_(text); }
  void end() override {
    if (ended_) ended_();
  }

 private:
  grammar::Sink sink_;
  std::function<void()> ended_;
};

// RE2 because it cannot backtrack: its time is linear in the line, its memory has a limit.
std::unique_ptr<re2::RE2> compile(std::string_view expression) {
  re2::RE2::Options options(re2::RE2::POSIX);
  options.set_case_sensitive(false);
  options.set_log_errors(false);
  options.set_max_mem(4 << 20);
  return std::make_unique<re2::RE2>(re2::StringPiece(expression.data(), expression.size()),
                                    options);
}

std::string_view without_feed(std::string_view line) {
  if (line.ends_with('\n')) line.remove_suffix(1);
  return line;
}

class Match : public LineFilter {
 public:
  Match(std::unique_ptr<Filter> next, std::unique_ptr<re2::RE2> expression, bool wanted)
      : LineFilter(std::move(next)), expression_(std::move(expression)), wanted_(wanted) {}

 protected:
  void line(std::string_view line) override {
    const std::string_view text = without_feed(line);
    if (re2::RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), *expression_) == wanted_)
      pass(line);
  }

 private:
  std::unique_ptr<re2::RE2> expression_;
  bool wanted_;
};

class Find : public LineFilter {
 public:
  Find(std::unique_ptr<Filter> next, std::unique_ptr<re2::RE2> expression)
      : LineFilter(std::move(next)), expression_(std::move(expression)) {}

 protected:
  void line(std::string_view line) override {
    const std::string_view text = without_feed(line);
    found_ =
        found_ || re2::RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), *expression_);
    if (found_) pass(line);
  }
  bool finish() override {
    if (!found_) pass("Pattern not found\n");
    return true;
  }

 private:
  std::unique_ptr<re2::RE2> expression_;
  bool found_ = false;
};

class Count : public LineFilter {
 public:
  using LineFilter::LineFilter;

 protected:
  void line(std::string_view) override { ++lines_; }
  bool finish() override {
    pass("Count: " + std::to_string(lines_) + " lines\n");
    return true;
  }

 private:
  size_t lines_ = 0;
};

class First : public LineFilter {
 public:
  First(std::unique_ptr<Filter> next, size_t wanted)
      : LineFilter(std::move(next)), wanted_(wanted) {}

 protected:
  void line(std::string_view line) override {
    if (wanted_ == 0) return;
    --wanted_;
    pass(line);
  }

 private:
  size_t wanted_;
};

class Last : public LineFilter {
 public:
  Last(std::unique_ptr<Filter> next, size_t wanted)
      : LineFilter(std::move(next)), wanted_(wanted) {}

 protected:
  void line(std::string_view line) override {
    if (wanted_ == 0) return;
    if (kept_.size() == wanted_) kept_.pop_front();
    kept_.emplace_back(line);
  }
  bool finish() override {
    for (const std::string& line : kept_) pass(line);
    return true;
  }

 private:
  size_t wanted_;
  std::deque<std::string> kept_;
};

class Trim : public LineFilter {
 public:
  Trim(std::unique_ptr<Filter> next, size_t columns)
      : LineFilter(std::move(next)), columns_(columns) {}

 protected:
  void line(std::string_view line) override {
    line.remove_prefix(std::min(columns_, without_feed(line).size()));
    pass(line);
  }

 private:
  size_t columns_;
};

// Passes on at once: a line may be long in coming.
class Wrap : public Filter {
 public:
  Wrap(std::unique_ptr<Filter> next, size_t columns) : next_(std::move(next)), columns_(columns) {}

  void write(std::string_view text) override {
    std::string out;
    for (const char byte : text) {
      const bool begins = (byte & 0xC0) != 0x80;
      if (begins && byte != '\n' && column_ == columns_) {
        out += '\n';
        column_ = 0;
      }
      if (begins) ++column_;
      if (byte == '\n') column_ = 0;
      out += byte;
    }
    next_->write(out);
  }
  void end() override { next_->end(); }

 private:
  std::unique_ptr<Filter> next_;
  size_t columns_, column_ = 0;
};

using Made = std::variant<std::unique_ptr<Filter>, FilterError>;

Made expression_filter(std::string_view word, std::string_view argument,
                       std::unique_ptr<Filter> next) {
  auto expression = compile(argument);
  if (!expression->ok())
    return FilterError{"regular expression '" + std::string(argument) +
                       "': " + expression->error()};
  if (word == "find") return std::make_unique<Find>(std::move(next), std::move(expression));
  return std::make_unique<Match>(std::move(next), std::move(expression), word == "match");
}

Made number_filter(std::string_view word, std::string_view argument, std::unique_ptr<Filter> next,
                   size_t screen) {
  const auto value = argument.empty() && word != "trim" ? screen : number_of(argument);
  if (!value) return FilterError{"invalid numeric value: '" + std::string(argument) + "'"};
  if (word == "trim") return std::make_unique<Trim>(std::move(next), *value);
  if (word == "first") return std::make_unique<First>(std::move(next), *value);
  if (*value > kMaxLast)
    return FilterError{"number of lines must be at most " + std::to_string(kMaxLast)};
  return std::make_unique<Last>(std::move(next), *value);
}

}  // namespace

std::optional<size_t> number_of(std::string_view text) {
  size_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

Made make_filter(std::string_view word, std::string_view argument, std::unique_ptr<Filter> next,
                 size_t screen) {
  if (word == "match" || word == "except" || word == "find")
    return expression_filter(word, argument, std::move(next));
  if (word == "first" || word == "last" || word == "trim")
    return number_filter(word, argument, std::move(next), screen);
  if (word == "count") return std::make_unique<Count>(std::move(next));
  return next;  // the others are the terminal's business
}

void LineFilter::write(std::string_view text) {
  while (!text.empty()) {
    const size_t feed = text.find('\n');
    const size_t room = kMaxLine - held_.size();
    const size_t size = std::min(feed == text.npos ? text.size() : feed + 1, room);
    held_ += text.substr(0, size);
    text.remove_prefix(size);
    if (held_.ends_with('\n') || held_.size() >= kMaxLine) give();
  }
}

void LineFilter::end() {
  if (!held_.empty()) give();
  if (finish()) next_->end();
}

void LineFilter::give() {
  line(held_);
  held_.clear();
}

std::unique_ptr<Filter> wrap_at(size_t columns, std::unique_ptr<Filter> next) {
  return std::make_unique<Wrap>(std::move(next), columns);
}

std::unique_ptr<Filter> write_to(grammar::Sink sink, std::function<void()> ended) {
  return std::make_unique<End>(std::move(sink), std::move(ended));
}

}  // namespace nezu::mgmt
