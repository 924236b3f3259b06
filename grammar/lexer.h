#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

/// Cuts command lines and configuration text into tokens, by hand: ANTLR's own lexers take most of
/// the time of a long `load`.
namespace nezu::grammar {

enum class TokenKind : uint8_t {
  kWord,
  kQuoted,
  kOpenBracket,
  kCloseBracket,
  kPipe,
  kOpenBrace,
  kCloseBrace,
  kSemicolon,
  kTag,  ///< "inactive:" and its like, where a statement begins
};

constexpr size_t kTokenKinds = 9;

struct Token {
  TokenKind kind = TokenKind::kWord;
  std::string text;       ///< without quotes, escapes undone
  size_t begin = 0;       ///< offset of its first byte
  size_t end = 0;         ///< one past its last byte
  int line = 1;           ///< from 1
  size_t line_begin = 0;  ///< offset of that line
  size_t column() const { return begin - line_begin; }
};

/// Longest word and longest command line that are taken, in bytes.
constexpr size_t kLongestWord = 64 << 10;
constexpr size_t kLongestLine = 1 << 20;
/// Most tokens of one command line or one statement.
constexpr size_t kMostTokens = 100'000;

class Lexer {
 public:
  enum class Language { kCommandLine, kConfiguration };
  enum class Outcome { kToken, kEnd, kUnterminated, kTooLong };

  Lexer(Language language, std::string_view text) : language_(language), text_(text) {}

  /// Reads one token into `token`. kUnterminated: a string or comment that does not end, `token`
  /// says where it began; reading goes on after that line, or ends for a comment. kTooLong: a word,
  /// likewise.
  Outcome next(Token& token);

  /// The comment before the last token, as an annotation: from `/* x */` and `# x` the "x".
  /// Empty if there was none; `## x` is none.
  std::string take_comment();

  size_t offset() const { return at_; }
  int line() const { return line_; }
  size_t line_begin() const { return line_begin_; }
  void skip_line();

 private:
  bool skip_blanks(Token& token);
  bool skip_comment(Token& token, bool& skipped);
  void note_comment(std::string_view comment);
  Outcome quoted(Token& token);
  Outcome word(Token& token);
  bool single(Token& token);
  bool ends_word(char c) const;
  size_t wildcard_length() const;
  char peek(size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }
  void advance();
  void begin(Token& token) const;

  Language language_;
  std::string_view text_;
  size_t at_ = 0;
  int line_ = 1;
  size_t line_begin_ = 0;
  bool in_pipe_ = false;  ///< brackets belong to regular expressions there
  bool statement_start_ = true;
  std::string comment_;
};

}  // namespace nezu::grammar
