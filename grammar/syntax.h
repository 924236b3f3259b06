#pragma once
#include <memory>
#include <optional>
#include <vector>

#include "grammar/lexer.h"

/// The two ANTLR grammars, behind one door: nothing else includes ANTLR.
namespace nezu::grammar {

/// Holds tokens against a grammar. No parse tree is built and memory stays flat over any number of
/// calls.
class Syntax {
 public:
  explicit Syntax(Lexer::Language language);
  ~Syntax();

  /// Where `tokens` (a line, or one piece of configuration text) stop following the grammar: an
  /// index, tokens.size() if they end too early, nullopt if all is well.
  std::optional<size_t> first_error(const std::vector<Token>& tokens);

  /// The same by ANTLR in any case. first_error() asks it once for each sequence of kinds of
  /// tokens, up to a few thousand of them.
  std::optional<size_t> parse(const std::vector<Token>& tokens);

  struct Parser;

 private:
  class Shapes;
  std::unique_ptr<Parser> parser_;
  std::unique_ptr<Shapes> shapes_;
};

}  // namespace nezu::grammar
