#include "grammar/syntax.h"

#include <algorithm>
#include <array>

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

// Verdicts by the kinds of the tokens, since nothing else counts for a grammar without keywords. A
// long text has few shapes of lines; ANTLR takes ten times as long as to look one up.
class Syntax::Shapes {
 public:
  /// The place of the verdict on these tokens; null if there is no room for a new shape.
  std::optional<int>* verdict(const std::vector<Token>& tokens) {
    if (tokens.size() > kLongest) return nullptr;
    size_t at = 0;
    for (const auto& token : tokens) {
      const auto kind = static_cast<size_t>(token.kind);
      if (shapes_[at].next[kind] == 0) {
        if (shapes_.size() == kMost) return nullptr;
        shapes_[at].next[kind] = static_cast<uint32_t>(shapes_.size());
        shapes_.emplace_back();
      }
      at = shapes_[at].next[kind];
    }
    return &shapes_[at].verdict;
  }

 private:
  static constexpr size_t kLongest = 64;
  static constexpr size_t kMost = 4096;
  struct Shape {
    std::array<uint32_t, kTokenKinds> next = {};  ///< by the kind of the next token; 0: none yet
    std::optional<int> verdict;                   ///< index of the first error; -1: none
  };
  std::vector<Shape> shapes_ = std::vector<Shape>(1);
};

Syntax::Syntax(Lexer::Language language) : shapes_(std::make_unique<Shapes>()) {
  using namespace syntax;
  parser_ = language == Lexer::Language::kCommandLine
                ? parser_of<CommandLine>(&CommandLine::line, command_line_type)
                : parser_of<ConfigurationText>(&ConfigurationText::piece, configuration_type);
}

Syntax::~Syntax() = default;

std::optional<size_t> Syntax::first_error(const std::vector<Token>& tokens) {
  const auto verdict = shapes_->verdict(tokens);
  if (!verdict) return parse(tokens);
  if (!*verdict) {
    const auto error = parse(tokens);
    *verdict = error ? static_cast<int>(*error) : -1;
  }
  if (**verdict < 0) return std::nullopt;
  return static_cast<size_t>(**verdict);
}

std::optional<size_t> Syntax::parse(const std::vector<Token>& tokens) {
  return parser_->run(tokens);
}

}  // namespace nezu::grammar
