#include "cli/paged_text.h"

#include <algorithm>
#include <utility>

namespace nezu::cli {
namespace {
constexpr size_t kLineCost = 64;  // what a kept line takes besides its text
}

void PagedText::add(std::string_view text) {
  while (true) {
    const size_t feed = text.find('\n');
    partial_ += text.substr(0, feed == text.npos ? feed : feed + 1);
    if (feed == text.npos) return;
    text.remove_prefix(feed + 1);
    push(std::exchange(partial_, {}));
  }
}

void PagedText::end() {
  if (!partial_.empty()) push(std::exchange(partial_, {}));
}

void PagedText::push(std::string text) {
  const size_t size = text.size();
  lines_.push_back({std::move(text), bytes_});
  bytes_ += size;
}

std::string_view PagedText::line(size_t number) const {
  return number < size() ? std::string_view(lines_[number - first_].text) : partial_;
}

size_t PagedText::bytes_from(size_t number) const {
  return number < size() ? bytes_ - lines_[number - first_].before : 0;
}

bool PagedText::too_much() const {
  return bytes_from(first_) + lines_.size() * kLineCost > kMost;
}

void PagedText::may_drop_before(size_t number) {
  while (first_ < number && too_much()) {
    lines_.pop_front();
    ++first_;
  }
}

std::string PagedText::filter(const std::string& expression, bool wanted) {
  std::string error;
  auto compiled = line_expression(expression, error);
  if (compiled) filters_.push_back({std::move(compiled), wanted});
  return error;
}

bool PagedText::visible(size_t number) const {
  return std::all_of(filters_.begin(), filters_.end(), [&](const Condition& each) {
    return matches(*each.expression, line(number)) == each.wanted;
  });
}

std::shared_ptr<const re2::RE2> line_expression(const std::string& text, std::string& error) {
  re2::RE2::Options options(re2::RE2::POSIX);
  options.set_case_sensitive(false);
  options.set_log_errors(false);
  options.set_max_mem(4 << 20);
  auto compiled = std::make_shared<const re2::RE2>(text, options);
  if (compiled->ok()) return compiled;
  error = "regular expression '" + text + "': " + compiled->error();
  return nullptr;
}

bool matches(const re2::RE2& expression, std::string_view line) {
  if (line.ends_with('\n')) line.remove_suffix(1);
  return re2::RE2::PartialMatch(re2::StringPiece(line.data(), line.size()), expression);
}

}  // namespace nezu::cli
