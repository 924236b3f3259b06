#include "grammar/syntax.h"

#include <algorithm>

#include "antlr4-runtime.h"
#include "grammar/CommandLine.h"
#include "grammar/ConfigurationText.h"

namespace nezu::grammar {
namespace {

using antlr4::misc::Interval;

// What ANTLR sees of a token: its kind and its place.
class PlainToken : public antlr4::Token {
 public:
  PlainToken(size_t type, size_t index) : type_(type), index_(index) {}
  std::string getText() const override { return ""; }
  size_t getType() const override { return type_; }
  size_t getLine() const override { return 1; }
  size_t getCharPositionInLine() const override { return index_; }
  size_t getChannel() const override { return DEFAULT_CHANNEL; }
  size_t getTokenIndex() const override { return index_; }
  size_t getStartIndex() const override { return index_; }
  size_t getStopIndex() const override { return index_; }
  antlr4::TokenSource* getTokenSource() const override { return nullptr; }
  antlr4::CharStream* getInputStream() const override { return nullptr; }
  std::string toString() const override { return ""; }

 private:
  size_t type_;
  size_t index_;
};

// Our tokens as ANTLR's stream: no copies of text, storage used again for every line.
class PlainStream : public antlr4::TokenStream {
 public:
  void fill(const std::vector<Token>& tokens, size_t (*type_of)(TokenKind)) {
    tokens_.clear();
    at_ = 0;
    for (const auto& token : tokens) tokens_.emplace_back(type_of(token.kind), tokens_.size());
    tokens_.emplace_back(antlr4::Token::EOF, tokens_.size());
  }
  antlr4::Token* LT(ssize_t k) override {
    const size_t wanted = k > 0 ? at_ + k - 1 : at_ + k;
    return &tokens_[std::min(wanted, tokens_.size() - 1)];
  }
  size_t LA(ssize_t k) override { return LT(k)->getType(); }
  void consume() override { at_ += at_ + 1 < tokens_.size(); }
  antlr4::Token* get(size_t index) const override { return &tokens_[index]; }
  ssize_t mark() override { return 0; }
  void release(ssize_t) override {}
  size_t index() override { return at_; }
  void seek(size_t index) override { at_ = std::min(index, tokens_.size() - 1); }
  size_t size() override { return tokens_.size(); }
  antlr4::TokenSource* getTokenSource() const override { return nullptr; }
  std::string getSourceName() const override { return ""; }
  std::string getText(const Interval&) override { return ""; }
  std::string getText() override { return ""; }
  std::string getText(antlr4::RuleContext*) override { return ""; }
  std::string getText(antlr4::Token*, antlr4::Token*) override { return ""; }

 private:
  mutable std::vector<PlainToken> tokens_ = {PlainToken(antlr4::Token::EOF, 0)};
  size_t at_ = 0;
};

// The first error ends the piece; what it means is said by our readers.
class StopAtError : public antlr4::BailErrorStrategy {
 public:
  void reportError(antlr4::Parser*, const antlr4::RecognitionException&) override {}
};

size_t command_line_type(TokenKind kind) {
  using syntax::CommandLine;
  switch (kind) {
    case TokenKind::kQuoted:
      return CommandLine::QUOTED;
    case TokenKind::kOpenBracket:
      return CommandLine::OPEN_BRACKET;
    case TokenKind::kCloseBracket:
      return CommandLine::CLOSE_BRACKET;
    case TokenKind::kPipe:
      return CommandLine::PIPE;
    default:
      return CommandLine::WORD;
  }
}

size_t configuration_type(TokenKind kind) {
  using syntax::ConfigurationText;
  switch (kind) {
    case TokenKind::kQuoted:
      return ConfigurationText::QUOTED;
    case TokenKind::kOpenBracket:
      return ConfigurationText::OPEN_BRACKET;
    case TokenKind::kCloseBracket:
      return ConfigurationText::CLOSE_BRACKET;
    case TokenKind::kOpenBrace:
      return ConfigurationText::OPEN_BRACE;
    case TokenKind::kCloseBrace:
      return ConfigurationText::CLOSE_BRACE;
    case TokenKind::kSemicolon:
      return ConfigurationText::SEMICOLON;
    case TokenKind::kTag:
      return ConfigurationText::TAG;
    default:
      return ConfigurationText::WORD;
  }
}

}  // namespace

struct Syntax::Parser {
  virtual ~Parser() = default;
  virtual std::optional<size_t> run(const std::vector<Token>& tokens) = 0;
};

namespace {

template <typename Generated, typename Rule>
struct ParserOf : Syntax::Parser {
  ParserOf(Rule rule_of_start, size_t (*types)(TokenKind))
      : parser(&stream), rule(rule_of_start), type_of(types) {
    parser.removeErrorListeners();
    parser.setBuildParseTree(false);
    parser.setErrorHandler(std::make_shared<StopAtError>());
  }
  std::optional<size_t> run(const std::vector<Token>& tokens) override {
    stream.fill(tokens, type_of);
    parser.reset();
    try {
      (parser.*rule)();
    } catch (const antlr4::ParseCancellationException&) {
      return stream.index();
    }
    return std::nullopt;
  }

  PlainStream stream;
  Generated parser;
  Rule rule;
  size_t (*type_of)(TokenKind);
};

template <typename Generated, typename Rule>
std::unique_ptr<Syntax::Parser> parser_of(Rule rule, size_t (*types)(TokenKind)) {
  return std::make_unique<ParserOf<Generated, Rule>>(rule, types);
}

}  // namespace

Syntax::Syntax(Lexer::Language language) {
  using namespace syntax;
  parser_ = language == Lexer::Language::kCommandLine
                ? parser_of<CommandLine>(&CommandLine::line, command_line_type)
                : parser_of<ConfigurationText>(&ConfigurationText::piece, configuration_type);
}

Syntax::~Syntax() = default;

std::optional<size_t> Syntax::first_error(const std::vector<Token>& tokens) {
  return parser_->run(tokens);
}

}  // namespace nezu::grammar
