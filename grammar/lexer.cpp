#include "grammar/lexer.h"

#include <algorithm>
#include <array>
#include <utility>

#include "grammar/schema.h"

namespace nezu::grammar {
namespace {

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v' || c == '\0';
}

bool is_tag(std::string_view word) {
  static constexpr std::array<std::string_view, 7> kTags = {
      "inactive:", "active:", "protect:", "unprotect:", "replace:", "delete:", "activate:"};
  return std::find(kTags.begin(), kTags.end(), word) != kTags.end();
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

// What a backslash and `c` stand for. Of a regular expression's "\." and "\1" it stays.
std::string unescape(char c) {
  if (c == 'n') return "\n";
  if (c == 't') return "\t";
  return c == '"' || c == '\\' ? std::string(1, c) : std::string{'\\', c};
}

}  // namespace

void Lexer::advance() {
  if (text_[at_++] == '\n') {
    ++line_;
    line_begin_ = at_;
  }
}

void Lexer::begin(Token& token) const {
  token.text.clear();
  token.begin = at_;
  token.line = line_;
  token.line_begin = line_begin_;
}

void Lexer::skip_line() {
  while (at_ < text_.size() && text_[at_] != '\n') ++at_;
}

std::string Lexer::take_comment() {
  return std::exchange(comment_, {});
}

// Several comments before one statement become one annotation.
void Lexer::note_comment(std::string_view comment) {
  comment = trim(comment);
  if (comment.empty() || comment_.size() + comment.size() > kLongestWord) return;
  if (!comment_.empty()) comment_ += '\n';
  comment_ += comment;
}

// False: a comment does not end.
bool Lexer::skip_comment(Token& token, bool& skipped) {
  // `| except ##`
  skipped = !in_pipe_ && (peek() == '#' || (peek() == '/' && peek(1) == '*'));
  if (!skipped) return true;
  begin(token);
  if (peek() == '#') {
    skip_line();
    const auto comment = text_.substr(token.begin, at_ - token.begin);
    if (!comment.starts_with("##")) note_comment(comment.substr(1));
    return true;
  }
  const auto stop = text_.find("*/", at_ + 2);
  if (stop == std::string_view::npos) {
    at_ = text_.size();  // not line by line: each would look for its end through all that follows
    return false;
  }
  note_comment(text_.substr(at_ + 2, stop - at_ - 2));
  while (at_ < stop + 2) advance();
  return true;
}

bool Lexer::skip_blanks(Token& token) {
  for (bool skipped = true; skipped;) {
    while (at_ < text_.size() && is_blank(text_[at_])) advance();
    if (!skip_comment(token, skipped)) return false;
  }
  return true;
}

Lexer::Outcome Lexer::quoted(Token& token) {
  token.kind = TokenKind::kQuoted;
  const auto restart = *this;
  advance();
  while (at_ < text_.size() && peek() != '"') {
    if (peek() == '\\' && at_ + 1 < text_.size()) {
      advance();
      token.text += unescape(peek());
    } else {
      token.text += peek();
    }
    advance();
    if (token.text.size() > kLongestWord) break;
  }
  if (peek() == '"' && at_ < text_.size()) {
    advance();
    token.end = at_;
    return Outcome::kToken;
  }
  const bool too_long = token.text.size() > kLongestWord;
  at_ = restart.at_;
  line_ = restart.line_;
  line_begin_ = restart.line_begin_;
  skip_line();
  token.end = at_;
  return too_long ? Outcome::kTooLong : Outcome::kUnterminated;
}

bool Lexer::ends_word(char c) const {
  if (is_blank(c) || c == '"') return true;
  if (language_ == Language::kConfiguration)
    return c == '{' || c == '}' || c == ';' || c == '[' || c == ']';
  return c == '|' || (!in_pipe_ && (c == '[' || c == ']'));
}

// Of "<ge-0/0/[0-3]>" or "<\"ge-[0-3]*\">" where a word begins: one word, brackets and all. 0:
// none.
size_t Lexer::wildcard_length() const {
  if (peek() != '<' || in_pipe_) return 0;
  size_t end = at_ + 1;
  while (end < text_.size() && end - at_ < kLongestWildcard && text_[end] != '>') {
    if (is_blank(text_[end]) || text_[end] == ';' || text_[end] == '{') return 0;
    ++end;
  }
  return end < text_.size() && text_[end] == '>' ? end + 1 - at_ : 0;
}

Lexer::Outcome Lexer::word(Token& token) {
  const auto first = at_;
  const size_t wildcard = wildcard_length();
  at_ += wildcard;
  while (at_ < text_.size() && (at_ == first || !ends_word(text_[at_]))) ++at_;
  token.end = at_;
  if (at_ - first > kLongestWord) return Outcome::kTooLong;
  token.text = text_.substr(first, at_ - first);
  if (wildcard) std::erase(token.text, '"');
  const bool tag = language_ == Language::kConfiguration && statement_start_ && is_tag(token.text);
  token.kind = tag ? TokenKind::kTag : TokenKind::kWord;
  return Outcome::kToken;
}

bool Lexer::single(Token& token) {
  const char c = peek();
  const bool configuration = language_ == Language::kConfiguration;
  if (c == '[' && !in_pipe_)
    token.kind = TokenKind::kOpenBracket;
  else if (c == ']' && !in_pipe_)
    token.kind = TokenKind::kCloseBracket;
  else if (c == '|' && !configuration)
    token.kind = TokenKind::kPipe;
  else if (c == '{' && configuration)
    token.kind = TokenKind::kOpenBrace;
  else if (c == '}' && configuration)
    token.kind = TokenKind::kCloseBrace;
  else if (c == ';' && configuration)
    token.kind = TokenKind::kSemicolon;
  else
    return false;
  token.text = c;
  advance();
  token.end = at_;
  if (token.kind == TokenKind::kPipe) in_pipe_ = true;
  return true;
}

Lexer::Outcome Lexer::next(Token& token) {
  if (!skip_blanks(token)) {
    token.end = at_;
    return Outcome::kUnterminated;
  }
  begin(token);
  if (at_ == text_.size()) return Outcome::kEnd;
  auto outcome = Outcome::kToken;
  if (peek() == '"')
    outcome = quoted(token);
  else if (!single(token))
    outcome = word(token);
  statement_start_ = token.kind == TokenKind::kOpenBrace || token.kind == TokenKind::kCloseBrace ||
                     token.kind == TokenKind::kSemicolon || token.kind == TokenKind::kTag;
  return outcome;
}

}  // namespace nezu::grammar
