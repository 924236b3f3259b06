#pragma once
#include <optional>
#include <vector>

#include "grammar/resolve.h"

namespace nezu::grammar {

/// Walks the schema word by word: the machine behind resolve() and complete().
class Walker {
 public:
  enum class Expect {
    kStatement,  ///< a keyword, or the value of something without one
    kKey,        ///< a key of pending()
    kValue,      ///< a value of pending()
    kInBrackets,
    kNothing,  ///< the line is complete
  };

  Walker(const Statement& root, const Path& level, Reach reach);

  std::optional<LineProblem> take(const Word& word, size_t index);
  /// The end of the line, `words` words long.
  std::optional<LineProblem> finish(size_t words);

  std::vector<Path> paths;  ///< what has been named so far

  Expect expect() const { return expect_; }
  const Statement* pending() const { return pending_; }
  /// What the next value is for: pending(), or the key of it that is due.
  const Statement& value_statement() const;
  const Path& here() const { return here_; }
  /// The container whose statements may follow, then those it may be left for.
  std::vector<const Statement*> containers() const;
  /// The statement of `container` whose name is not typed; null if there is none or it is given.
  const Statement* unnamed(const Statement& container) const;
  Reach reach() const { return reach_; }
  /// Whether nothing has been named in here() yet.
  bool fresh() const { return fresh_; }
  /// After a problem: an entry that the words have reached, and nothing in it, is named.
  void name_entry();
  /// Whether keys may be wildcards here.
  bool in_group() const { return !here_.empty() && here_.front().statement->groups; }

 private:
  using Result = std::optional<LineProblem>;
  Result take_statement(const Word& word, size_t index);
  Result take_value(const Word& word, size_t index);
  Result take_in_brackets(const Word& word, size_t index);
  Result descend(const Statement& statement, size_t index);
  std::string_view entry_above() const;
  std::optional<Word> split_unit(Word word, Word& unit) const;
  Result enter_key(const Word& word, size_t index);
  void name(const Statement& statement, std::string value);
  void open(const Statement& statement, std::string key);
  void leave_to(const Statement* container);
  bool may_hold_brackets() const;

  const Statement& root_;
  Reach reach_;
  Path here_;
  size_t start_;  ///< steps of here_ at the start
  const Statement* container_;
  Expect expect_ = Expect::kStatement;
  const Statement* pending_ = nullptr;
  std::vector<std::string> keys_;  ///< of pending_, so far
  bool fresh_ = true;              ///< nothing has been named in here_ yet
};

}  // namespace nezu::grammar
