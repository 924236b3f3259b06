#include "configdb/patch.h"

#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "grammar/command_line.h"
#include "grammar/lexer.h"
#include "grammar/resolve.h"

namespace nezu::configdb {
namespace {

using grammar::Kind;
using grammar::Reach;
using grammar::ReadProblem;
using grammar::Verb;

// The statements that a block of lines consists of, with problems at their place in the patch.
class Block : public grammar::Edits {
 public:
  /// `adding`: the edits go on to the loader.
  Block(Loader& loader, size_t level, int first_line, bool adding)
      : loader_(loader), level_(level), first_line_(first_line), adding_(adding) {}

  void edit(Verb verb, const Path& path, std::string_view text) override {
    if (verb == Verb::kSet) note(path);
    if (adding_) loader_.edit(verb, path, text);
  }
  void substitute(const Path& level, const grammar::Substitution& substitution) override {
    if (adding_) loader_.substitute(level, substitution);
  }
  void problem(const ReadProblem& problem) override {
    ReadProblem moved = problem;
    moved.line += first_line_ - 1;
    ++moved.column;  // the sign
    loader_.problem(moved);
  }

  std::vector<Path> statements;

 private:
  void note(const Path& path) {
    Path statement(path.begin(),
                   path.begin() + static_cast<long>(grammar::statement_end(path, level_)));
    if (statement.back().statement->kind == Kind::kLeaf) statement.back().value.clear();
    if (statements.empty() || statements.back() != statement)
      statements.push_back(std::move(statement));
  }

  Loader& loader_;
  size_t level_;
  int first_line_;
  bool adding_;
};

class Patch {
 public:
  Patch(const grammar::Statement& root, const Path& base, Loader& loader)
      : root_(root), base_(base), loader_(loader) {}

  // What goes does so first: a member of a choice that comes would take its rival along.
  void read(std::string_view text) {
    for (const bool deleting : {true, false}) {
      deleting_ = deleting;
      begin();
      read_lines(text);
      if (loader_.errors() >= kMostErrors) return give_up();
    }
    for (const Note& note : vanished_)
      if (find(loader_.root(), note.path)) loader_.edit(note.verb, note.path, note.text);
    for (const Note& note : notes_) loader_.edit(note.verb, note.path, note.text);
  }

 private:
  static constexpr size_t kMostErrors = 1000;

  // What the lines before say to those that follow, from the first line again.
  void begin() {
    line_ = 0;
    place_.clear();
    known_ = grouped_ = headed_ = false;
    comment_.reset();
    previous_of_.clear();
    previous_ = nullptr;
  }

  void give_up() {
    ReadProblem problem;
    problem.line = line_;
    problem.message = "too many errors";
    problem.fatal = true;
    loader_.problem(problem);
  }

  void read_lines(std::string_view text) {
    while (!text.empty() && loader_.errors() < kMostErrors) {
      const auto end = std::min(text.find('\n'), text.size());
      ++line_;
      take(text.substr(0, end));
      text.remove_prefix(std::min(end + 1, text.size()));
    }
    flush();
    end_list();
  }

  void take(std::string_view line) {
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.find_first_not_of(' ') == line.npos) return flush();
    if (line.starts_with("[edit")) return header(line);
    const char sign = line[0];
    if (sign == '+' || sign == '-') return gather(sign, line.substr(1));
    flush();
    if (deleting_) return;
    if (sign == '!') return change(line.substr(1));
    if (sign == ' ') return neighbour(line);
    complain(0, "syntax error", std::string(1, sign));
  }

  void header(std::string_view line) {
    flush();
    known_ = false;
    headed_ = true;
    end_list();
    comment_.reset();
    const auto close = line.rfind(']');
    if (close == line.npos) return complain(line.size(), "syntax error", "");
    auto found = path_of(line.substr(5, close - 5), 5, base_, Reach::kAny);
    if (!found) return;
    if (found->empty()) *found = base_;
    place_ = std::move(*found);
    known_ = true;
    const auto& list = place_;
    grouped_ =
        !list.empty() && list.back().statement->kind == Kind::kList && list.back().value.empty();
    previous_ = &previous_of_[grammar::path_words(list)];
  }

  // What no neighbour has followed in common braces comes last.
  void end_list() {
    waiting_.clear();
    for (const Path& entry : std::exchange(moved_, {})) {
      Path list = entry;
      list.back().value.clear();
      const NodePtr holder = grouped_ ? find(loader_.root(), list) : nullptr;
      if (holder && holder->children.last()->text != entry.back().value)
        loader_.place(entry, false, holder->children.last()->text);
    }
  }

  // A path typed at `column`; nothing typed is the empty path.
  std::optional<Path> path_of(std::string_view words, size_t column, const Path& level,
                              Reach reach) {
    const auto& line = reader_.read(words);
    if (line.error) {
      complain(column + line.error->column, line.error->message, "");
      return std::nullopt;
    }
    if (line.words.empty()) return Path();
    auto result = grammar::resolve(root_, level, line.words, reach);
    if (!result.problem) return std::move(result.paths.front());
    const auto& wrong = line.words[std::min(result.problem->word, line.words.size() - 1)];
    complain(column + wrong.column, "syntax error", wrong.text);
    return std::nullopt;
  }

  void gather(char sign, std::string_view line) {
    if (sign_ != sign) flush();
    if (block_.empty()) first_line_ = line_;
    sign_ = sign;
    block_ += line;
    block_ += '\n';
  }

  void flush() {
    const std::string text = std::exchange(block_, {});
    if (text.empty()) return;
    if (!known_) return no_place(first_line_);
    bool any = false;
    if (auto comment = last_comment(text, any); !comment.empty())
      comment_ = sign_ == '+' ? std::move(comment) : "";
    if (!any || deleting_ == (sign_ == '+')) return;
    const size_t level = place_.size() - (grouped_ ? 1 : 0);
    Block block(loader_, level, grouped_ ? first_line_ - 1 : first_line_, sign_ == '+');
    const Path around(place_.begin(), place_.begin() + static_cast<long>(level));
    const std::string wrapped =
        grouped_ ? place_.back().statement->name + " {\n" + text + "}" : text;
    grammar::read_configuration(root_, around, wrapped, block, grammar::TextForm::kCurly);
    for (const Path& statement : block.statements) {
      if (sign_ == '-')
        go(statement);
      else
        come(statement);
    }
  }

  // The comment behind the last statement: it belongs to the line that follows the block.
  // `any`: there are statements.
  static std::string last_comment(std::string_view text, bool& any) {
    grammar::Lexer lexer(grammar::Lexer::Language::kConfiguration, text);
    grammar::Token token;
    for (; lexer.next(token) == grammar::Lexer::Outcome::kToken; any = true) lexer.take_comment();
    return lexer.take_comment();
  }

  void go(const Path& statement) {
    if (is_ordered(statement)) note_place(statement);
    const NodePtr before = loader_.root();
    loader_.edit(Verb::kDelete, statement, "");
    for (Path around = statement; around.size() > 1;) {
      around.pop_back();
      const NodePtr old = find(before, around);
      if (old && !find(loader_.root(), around)) note_marks(*old, around);
    }
  }

  // A container vanishes with its last statement; when others come it is what it was.
  void note_marks(const Node& node, const Path& path) {
    if (node.inactive) vanished_.push_back({Verb::kDeactivate, path, ""});
    if (node.protect) vanished_.push_back({Verb::kProtect, path, ""});
    if (node.annotation()) vanished_.push_back({Verb::kAnnotate, path, *node.annotation()});
  }

  // An entry that goes and comes again as another stays where it was.
  void note_place(const Path& entry) {
    Path list = entry;
    list.back().value.clear();
    const NodePtr holder = find(loader_.root(), list);
    const NodePtr node = holder ? entry_of(*holder, entry.back().value) : nullptr;
    if (!node) return;
    const NodePtr before = holder->children.previous(*node), after = holder->children.next(*node);
    if (const NodePtr other = before ? before : after)
      place_of_[grammar::path_words(entry)] = {other == after, other->text};
  }

  static bool is_ordered(const Path& path) {
    return !path.empty() && path.back().statement->kind == Kind::kList &&
           path.back().statement->user_ordered;
  }

  // An entry that is new, or moved, stands behind the line before it or before the line after it.
  void come(const Path& entry) {
    if (!is_ordered(entry)) return;
    if (const auto old = place_of_.find(grammar::path_words(entry)); old != place_of_.end()) {
      Path other = entry;
      other.back().value = old->second.second;
      if (find(loader_.root(), other)) loader_.place(entry, old->second.first, other.back().value);
    }
    if (!previous_->empty() && previous_->back().statement == entry.back().statement)
      loader_.place(entry, false, previous_->back().value);
    else
      waiting_.push_back(entry);
    *previous_ = entry;
  }

  // "!   inactive: unit 0 { ... }", or without a tag: moved.
  void change(std::string_view line) {
    static constexpr std::pair<std::string_view, Verb> kTags[] = {
        {"inactive: ", Verb::kDeactivate},
        {"active: ", Verb::kActivate},
        {"protect: ", Verb::kProtect},
        {"unprotect: ", Verb::kUnprotect}};
    const auto first = std::min(line.find_first_not_of(' '), line.size());
    for (const auto& [tag, verb] : kTags) {
      if (!line.substr(first).starts_with(tag)) continue;
      const size_t column = first + tag.size();
      if (const auto path = statement(line.substr(column), column + 1))
        notes_.push_back({verb, *path, ""});
      return;
    }
    const auto path = statement(line, 1);
    if (!path) return;
    if (previous_->empty()) moved_.push_back(*path);
    come(*path);
  }

  // "     proposal c { ... }"
  void neighbour(std::string_view line) {
    const auto path = statement(line, 0);
    if (!path) return;
    if (comment_) {  // the line says whose comment it is, and nothing of places
      notes_.push_back({Verb::kAnnotate, *path, *std::exchange(comment_, {})});
      return;
    }
    for (const Path& entry : waiting_)
      if (entry.back().statement == path->back().statement)
        loader_.place(entry, true, path->back().value);
    waiting_.clear();
    moved_.clear();
    *previous_ = *path;
  }

  std::optional<Path> statement(std::string_view words, size_t column) {
    static constexpr std::string_view kRest = "{ ... }";
    if (words.ends_with(kRest)) words.remove_suffix(kRest.size());
    if (!known_) return no_place(line_), std::nullopt;
    if (grouped_) {
      const std::string name = place_.back().statement->name + " ";
      const Path around(place_.begin(), place_.end() - 1);
      return path_of(name + std::string(words), column - name.size(), around, Reach::kAny);
    }
    return path_of(words, column, place_, Reach::kAny);
  }

  // Lines without a header; those whose header was refused are passed over in silence.
  void no_place(int line) {
    if (!headed_) complain_at(line, 0, "syntax error, expecting '[edit'", "");
  }

  void complain(size_t column, const std::string& message, const std::string& token) {
    complain_at(line_, column, message, token);
  }

  void complain_at(int line, size_t column, const std::string& message, const std::string& token) {
    if (deleting_) return;  // it is said the second time
    ReadProblem problem;
    problem.line = line;
    problem.column = static_cast<int>(column);
    problem.message = message;
    problem.token = token;
    loader_.problem(problem);
  }

  struct Note {
    Verb verb;
    Path path;
    std::string text;
  };

  const grammar::Statement& root_;
  const Path& base_;
  Loader& loader_;
  grammar::CommandLineReader reader_;
  int line_ = 0;
  Path place_;             ///< of the header above
  bool headed_ = false;    ///< there is one
  bool known_ = false;     ///< and it is right
  bool grouped_ = false;   ///< it names a list whose entries stand in common braces
  bool deleting_ = false;  ///< the first time through the text
  char sign_ = ' ';
  std::string block_;
  int first_line_ = 0;
  std::optional<std::string> comment_;       ///< for the next neighbour
  std::vector<Path> moved_;                  ///< of these, those that were there before
  std::vector<Path> waiting_;                ///< entries whose place the next neighbour says
  std::map<std::string, Path> previous_of_;  ///< by place: the entry of the line before
  Path* previous_ = nullptr;
  std::vector<Note> vanished_;
  std::vector<Note> notes_;  ///< for the end, when all that they stand at is there
  /// Of entries that went: before or behind which other one they stood.
  std::map<std::string, std::pair<bool, std::string>> place_of_;
};

}  // namespace

void read_patch(const grammar::Statement& root, const Path& level, std::string_view text,
                Loader& loader) {
  Patch(root, level, loader).read(text);
}

}  // namespace nezu::configdb
