#include "grammar/command_line.h"

#include <utility>

#include "grammar/syntax.h"

namespace nezu::grammar {
namespace {

Word::Form form_of(TokenKind kind) {
  switch (kind) {
    case TokenKind::kQuoted:
      return Word::Form::kQuoted;
    case TokenKind::kOpenBracket:
      return Word::Form::kOpenBracket;
    case TokenKind::kCloseBracket:
      return Word::Form::kCloseBracket;
    default:
      return Word::Form::kPlain;
  }
}

}  // namespace

struct CommandLineReader::Parser {
  Syntax syntax{Lexer::Language::kCommandLine};
  std::vector<Token> tokens;
  CommandLine line;

  // The tokens of the line; an error ends them.
  void cut(std::string_view text) {
    tokens.clear();
    if (text.size() > kLongestLine) {
      line.error = {kLongestLine, "line too long"};
      return;
    }
    Lexer lexer(Lexer::Language::kCommandLine, text);
    Token token;
    auto outcome = lexer.next(token);
    for (; outcome == Lexer::Outcome::kToken && tokens.size() < kMostTokens;
         outcome = lexer.next(token))
      tokens.push_back(std::move(token));
    if (outcome == Lexer::Outcome::kUnterminated)
      line.error = {token.begin, "unterminated string"};
    else if (outcome != Lexer::Outcome::kEnd)
      line.error = {token.begin, "line too long"};
    line.ends_in_blank = tokens.empty() || tokens.back().end < text.size();
  }

  void sort_words() {
    Words* words = &line.words;
    for (auto& token : tokens) {
      if (token.kind == TokenKind::kPipe)
        words = &line.pipes.emplace_back();
      else
        words->push_back({std::move(token.text), token.begin, token.end, form_of(token.kind)});
    }
  }
};

CommandLineReader::CommandLineReader() : parser_(std::make_unique<Parser>()) {}
CommandLineReader::~CommandLineReader() = default;

const CommandLine& CommandLineReader::read(std::string_view text) {
  auto& line = parser_->line;
  line.words.clear();
  line.pipes.clear();
  line.error.reset();
  parser_->cut(text);
  if (line.error) return line;
  if (const auto wrong = parser_->syntax.first_error(parser_->tokens)) {
    const auto& tokens = parser_->tokens;
    line.error = {*wrong < tokens.size() ? tokens[*wrong].begin : text.size(), "syntax error"};
  }
  parser_->sort_words();
  return line;
}

}  // namespace nezu::grammar
