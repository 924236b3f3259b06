#include "grammar/json_scanner.h"

#include <algorithm>
#include <charconv>

#include "grammar/lexer.h"
#include "grammar/markup.h"

namespace nezu::grammar {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

}  // namespace

void JsonScanner::skip_blanks() {
  while (at_ < text_.size() &&
         std::string_view(" \t\r\n").find(text_[at_]) != std::string_view::npos)
    ++at_;
}

char JsonScanner::peek() {
  skip_blanks();
  return at_ < text_.size() ? text_[at_] : '\0';
}

JsonScanner::Kind JsonScanner::fail(const char* message) {
  token_ = message;
  return Kind::kError;
}

JsonScanner::Kind JsonScanner::next() {
  const char first = peek();
  token_.clear();
  if (at_ == text_.size()) return Kind::kEnd;
  if (first == '"') return string();
  if (first == '-' || is_digit(first)) return number();
  if (first >= 'a' && first <= 'z') return word();
  ++at_;
  if (std::string_view("{}[]:,").find(first) == std::string_view::npos) return fail("syntax error");
  token_ = first;
  return Kind::kPunctuation;
}

JsonScanner::Kind JsonScanner::word() {
  while (at_ < text_.size() && text_[at_] >= 'a' && text_[at_] <= 'z' && token_.size() < 8)
    token_ += text_[at_++];
  const bool known = token_ == "true" || token_ == "false" || token_ == "null";
  return known ? Kind::kWord : fail("syntax error");
}

// -? ( 0 | [1-9][0-9]* ) ( . [0-9]+ )? ( [eE] [+-]? [0-9]+ )?
JsonScanner::Kind JsonScanner::number() {
  const size_t first = at_;
  const auto digits = [&] {
    const size_t from = at_;
    while (at_ < text_.size() && is_digit(text_[at_])) ++at_;
    return at_ > from;
  };
  const auto take = [&](std::string_view any) {
    const bool found = at_ < text_.size() && any.find(text_[at_]) != std::string_view::npos;
    at_ += found;
    return found;
  };
  take("-");
  const bool zero = take("0");
  if (!zero && !digits()) return fail("syntax error");
  if (zero && at_ < text_.size() && is_digit(text_[at_])) return fail("syntax error");
  if (take(".") && !digits()) return fail("syntax error");
  if (take("eE")) {
    take("+-");
    if (!digits()) return fail("syntax error");
  }
  if (at_ - first > kLongestWord) return fail("word too long");
  token_ = text_.substr(first, at_ - first);
  return Kind::kNumber;
}

JsonScanner::Kind JsonScanner::string() {
  for (++at_; at_ < text_.size() && text_[at_] != '"';) {
    const char c = text_[at_];
    if (token_.size() > kLongestWord) return fail("word too long");
    if (c >= 0 && c < 0x20) return fail("control character in a string");
    if (c != '\\') {
      const size_t length = utf8_sequence(text_, at_);
      if (length == 0) return fail("the text is not UTF-8");
      token_ += text_.substr(at_, length);
      at_ += length;
    } else if (!escape()) {
      return fail("invalid escape in a string");
    }
  }
  if (at_ == text_.size()) return fail("unterminated string");
  ++at_;
  return Kind::kString;
}

bool JsonScanner::escape() {
  if (at_ + 1 >= text_.size()) return false;
  const char c = text_[at_ + 1];
  at_ += 2;
  if (c == 'u') return unicode_escape();
  static constexpr std::string_view kFrom = "\"\\/bfnrt", kTo = "\"\\/\b\f\n\r\t";
  const auto at = kFrom.find(c);
  if (at == std::string_view::npos) return false;
  token_ += kTo[at];
  return true;
}

bool JsonScanner::hex4(unsigned& code) {
  if (at_ + 4 > text_.size()) return false;
  const auto digits = text_.data() + at_;
  const auto [end, error] = std::from_chars(digits, digits + 4, code, 16);
  at_ += 4;
  return error == std::errc() && end == digits + 4;
}

// Behind `\u`; the second half of a pair of surrogates as well.
bool JsonScanner::unicode_escape() {
  unsigned code = 0;
  if (!hex4(code) || code == 0) return false;
  if (code >= 0xdc00 && code <= 0xdfff) return false;
  if (code >= 0xd800 && code <= 0xdbff) {
    unsigned low = 0;
    if (!text_.substr(at_).starts_with("\\u")) return false;
    at_ += 2;
    if (!hex4(low) || low < 0xdc00 || low > 0xdfff) return false;
    code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
  }
  append_utf8(code, token_);
  return true;
}

}  // namespace nezu::grammar
