#include <algorithm>
#include <array>
#include <charconv>
#include <span>

#include "grammar/command_line.h"
#include "grammar/configuration_commands.h"
#include "grammar/edit_level.h"
#include "grammar/lexer.h"
#include "grammar/line_resolver.h"
#include "grammar/reader.h"
#include "grammar/resolve.h"
#include "grammar/two_paths.h"
#include "grammar/word_range.h"

namespace nezu::grammar {
namespace {

constexpr int kMostProblems = 1000;
constexpr size_t kMostLevels = 100;  ///< that `exit` goes back through

struct VerbWord {
  std::string_view word;
  Verb verb;
  Reach reach;
};
constexpr std::array<VerbWord, 6> kVerbs = {{{"set", Verb::kSet, Reach::kSet},
                                             {"delete", Verb::kDelete, Reach::kAny},
                                             {"deactivate", Verb::kDeactivate, Reach::kAny},
                                             {"activate", Verb::kActivate, Reach::kAny},
                                             {"protect", Verb::kProtect, Reach::kAny},
                                             {"unprotect", Verb::kUnprotect, Reach::kAny}}};
// Those beside kVerbs that set text may begin with.
constexpr std::array<std::string_view, 11> kOthers = {"annotate", "copy", "edit",    "exit",
                                                      "insert",   "quit", "rename",  "replace",
                                                      "top",      "up",   "wildcard"};

const VerbWord* verb_of(std::string_view word) {
  for (const auto& verb : kVerbs)
    if (verb.word == word) return &verb;
  return nullptr;
}

// The command that a word is or abbreviates; "" if none, or more than one.
std::string_view command_of(const Word& word) {
  std::string_view found;
  if (word.form != Word::Form::kPlain) return found;
  for (const std::string_view each : configuration_commands()) {
    if (each == word.text) return each;
    if (!each.starts_with(word.text)) continue;
    if (!found.empty()) return {};
    found = each;
  }
  return found;
}

bool abbreviates(const Word& word, std::string_view keyword) {
  return word.form == Word::Form::kPlain && keyword.starts_with(word.text);
}

class SetReader {
 public:
  SetReader(const Statement& root, const Path& base, Edits& edits)
      : root_(root), base_(base), level_(base), edits_(edits) {}

  void read(std::string_view text) {
    while (!text.empty() && problems_ < kMostProblems) {
      const auto end = std::min(text.find('\n'), text.size());
      ++line_;
      read_line(text.substr(0, end));
      text.remove_prefix(std::min(end + 1, text.size()));
    }
    if (problems_ == kMostProblems) give_up();
  }

 private:
  using Arguments = std::span<const Word>;

  void read_line(std::string_view text) {
    const auto& line = reader_.read(text);
    if (line.error) return complain(line.error->column, line.error->message, "");
    if (!line.pipes.empty()) return complain(text.find('|'), "syntax error", "|");
    if (!line.words.empty()) command(line.words);
  }

  void command(Arguments words) {
    const auto arguments = words.subspan(1);
    const bool spelled = words.front().form == Word::Form::kPlain && verb_of(words.front().text);
    const auto name = spelled ? std::string_view(words.front().text) : command_of(words.front());
    if (const auto verb = verb_of(name)) return edit(*verb, arguments);
    if (name == "annotate") return annotate(arguments);
    if (name == "copy") return beside(Verb::kCopy, arguments);
    if (name == "rename") return beside(Verb::kRename, arguments);
    if (name == "insert") return insert(arguments);
    if (name == "replace") return replace(arguments);
    if (name == "wildcard") return wildcard(arguments);
    if (name == "edit") return move(arguments);
    if (name == "exit" || name == "quit") return exit(arguments);
    if (name == "up") return up(arguments);
    if (name == "top") return top(arguments);
    complain(words.front().column, "unknown command", words.front().text);
  }

  void edit(const VerbWord& verb, Arguments arguments) {
    // An empty line after `delete` would mean everything: not from a file.
    if (arguments.empty()) return complain_of({}, arguments);
    if (verb.verb == Verb::kSet) return set(arguments);
    const auto found = resolve(root_, level_, arguments, verb.reach);
    if (found.problem) return complain_of(*found.problem, arguments);
    for (const auto& path : found.paths) edits_.edit(verb.verb, path, "");
  }

  // What a line names before its first wrong word is set all the same.
  void set(Arguments arguments) {
    const auto found = lines_.resolve(level_, arguments);
    for (const auto& path : found.paths) edits_.edit(Verb::kSet, path, "");
    if (found.problem) complain_of(*found.problem, arguments);
  }

  void wildcard(Arguments arguments) {
    if (arguments.empty()) return complain_of({}, arguments);
    const Word& what = arguments.front();
    if (abbreviates(what, "range")) return ranges(arguments.subspan(1));
    if (abbreviates(what, "delete")) return delete_matching(arguments.subspan(1));
    complain(what.column, "syntax error", what.text);
  }

  // `wildcard range VERB …`, which stands for several lines.
  void ranges(Arguments arguments) {
    const auto verb = arguments.empty() ? nullptr : verb_of(arguments[0].text);
    if (!verb) return complain(arguments.empty() ? 0 : arguments[0].column, "syntax error", "");
    const auto words = arguments.subspan(1);
    const auto found = expand_ranges(words);
    if (!found.error.empty()) return complain(words[found.word].column, found.error, "");
    for (const Words& line : found.lines) {
      const int before = problems_;
      edit(*verb, line);
      if (problems_ > before) return;  // the others would say the same
    }
  }

  // `wildcard delete STATEMENT PATTERN`, without the question.
  void delete_matching(Arguments arguments) {
    const Words words = join_ranges(arguments);
    if (words.empty()) return complain_of({}, words);
    const Arguments statement = Arguments(words).first(words.size() - 1);
    if (statement.empty()) return edits_.edit(Verb::kDeleteMatching, level_, words.back().text);
    const auto found = resolve(root_, level_, statement, Reach::kAny);
    if (found.problem) return complain_of(*found.problem, statement);
    for (const auto& path : found.paths)
      edits_.edit(Verb::kDeleteMatching, path, words.back().text);
  }

  // `replace pattern OLD with NEW [upto COUNT]`.
  void replace(Arguments arguments) {
    static constexpr std::string_view kKeywords[] = {"pattern", "", "with", "", "upto", ""};
    Substitution what;
    for (size_t i = 0; i < arguments.size(); ++i)
      if (i >= std::size(kKeywords) || (i % 2 == 0 && !abbreviates(arguments[i], kKeywords[i])))
        return complain(arguments[i].column, "syntax error", arguments[i].text);
    if (arguments.size() != 4 && arguments.size() != std::size(kKeywords))
      return complain_of({LineProblem::Kind::kMissing, arguments.size(), "", {}}, arguments);
    if (arguments.size() > 4 && !read_number(arguments[5], what.upto)) return;
    what.old_pattern = arguments[1].text;
    what.new_text = arguments[3].text;
    edits_.substitute(level_, what);
  }

  // `copy` and `rename`.
  void beside(Verb verb, Arguments arguments) {
    static const std::vector<const char*> kTo = {"to"};
    TwoPaths paths;
    if (read_two(arguments, kTo, paths)) edits_.edit(verb, paths.from, paths.to.back().value);
  }

  void insert(Arguments arguments) {
    static const std::vector<const char*> kSides = {"before", "after"};
    TwoPaths paths;
    if (!read_two(arguments, kSides, paths)) return;
    edits_.edit(paths.keyword == "before" ? Verb::kInsertBefore : Verb::kInsertAfter, paths.from,
                paths.to.back().value);
  }

  bool read_two(Arguments arguments, const std::vector<const char*>& keywords, TwoPaths& paths) {
    const auto problem = read_two_paths(root_, level_, arguments, keywords, paths);
    if (problem) complain_of(*problem, arguments);
    return !problem;
  }

  void annotate(Arguments arguments) {
    if (arguments.size() < 2) return complain_of({}, {});
    const auto statement = arguments.first(arguments.size() - 1);
    const auto found = resolve(root_, level_, statement, Reach::kAny);
    if (found.problem) return complain_of(*found.problem, statement);
    for (const auto& path : found.paths) edits_.edit(Verb::kAnnotate, path, arguments.back().text);
  }

  void move(Arguments arguments) {
    const auto found = resolve(root_, level_, arguments, Reach::kLevel);
    if (found.problem) return complain_of(*found.problem, arguments);
    if (levels_.size() == kMostLevels) levels_.erase(levels_.begin());
    levels_.push_back(level_);
    moved_ = true;
    go(found.paths.front());
  }

  // Back to where `edit` was said; there is nothing to leave at the level that reading began at.
  void exit(Arguments arguments) {
    if (!arguments.empty()) return complain(arguments[0].column, "syntax error", arguments[0].text);
    if (level_ == base_) return levels_.clear();
    go(levels_.empty() ? base_ : levels_.back());
    if (!levels_.empty()) levels_.pop_back();
  }

  void top(Arguments arguments) {
    if (arguments.empty()) levels_.clear();
    at(base_, arguments);
  }

  // `up`, `up 2`, or either before a command.
  void up(Arguments arguments) {
    size_t steps = 1;
    const bool counted =
        !arguments.empty() && arguments[0].text[0] >= '0' && arguments[0].text[0] <= '9';
    if (counted && !read_number(arguments[0], steps)) return;
    Path level = level_above(level_, steps);
    at(level.size() < base_.size() ? base_ : level, arguments.subspan(counted));
  }

  // `top` and `up`: a move, or one command as if it were given there.
  void at(const Path& level, Arguments words) {
    if (words.empty()) return go(level);
    const auto name = command_of(words.front());
    if (name == "top" || name == "up")
      return complain(words.front().column, "syntax error", words.front().text);
    const Path back = level_;
    moved_ = false;
    go(level);
    command(words);
    if (!moved_) return go(back);
    levels_.back() = back;  // the command was `edit`
  }

  void go(Path level) {
    level_ = std::move(level);
    lines_.forget();
  }

  // A number from 1 on; false: it is none, and that was reported.
  bool read_number(const Word& word, size_t& number) {
    const auto end = word.text.data() + word.text.size();
    const auto [behind, error] = std::from_chars(word.text.data(), end, number);
    const bool good = error == std::errc() && behind == end && number > 0;
    if (!good) complain(word.column, "syntax error", word.text);
    return good;
  }

  void complain_of(const LineProblem& problem, Arguments arguments) {
    auto message = problem.message.empty() ? "missing argument." : problem.message;
    if (message.ends_with('.')) message.pop_back();
    if (problem.word < arguments.size())
      return complain(arguments[problem.word].column, message,
                      problem.secret ? "" : arguments[problem.word].text);
    complain(arguments.empty() ? 0 : arguments.back().end, message, "");
  }

  void complain(size_t column, const std::string& message, const std::string& token) {
    ++problems_;
    ReadProblem problem;
    problem.line = line_;
    problem.column = static_cast<int>(column);
    problem.message = message;
    problem.token = token;
    edits_.problem(problem);
  }

  void give_up() {
    ReadProblem problem;
    problem.line = line_;
    problem.message = "too many errors";
    problem.fatal = true;
    edits_.problem(problem);
  }

  const Statement& root_;
  const Path& base_;
  Path level_;
  std::vector<Path> levels_;  ///< where each `edit` was said, the last kMostLevels
  bool moved_ = false;        ///< by `edit`
  Edits& edits_;
  CommandLineReader reader_;
  LineResolver lines_{root_};
  int line_ = 0;
  int problems_ = 0;
};

// A verb with words behind it on its line. A statement may be called as a verb is, but it ends with
// a semicolon or opens a brace.
bool is_set_form(std::string_view text) {
  Lexer lexer(Lexer::Language::kConfiguration, text);
  Token token;
  if (lexer.next(token) != Lexer::Outcome::kToken || token.kind != TokenKind::kWord) return false;
  if (!verb_of(token.text) &&
      std::find(kOthers.begin(), kOthers.end(), token.text) == kOthers.end())
    return false;
  auto last = token.kind;
  for (const int line = token.line; lexer.next(token) == Lexer::Outcome::kToken;) {
    if (token.line != line) break;
    last = token.kind;
  }
  return last != TokenKind::kSemicolon && last != TokenKind::kOpenBrace &&
         last != TokenKind::kCloseBrace;
}

std::string_view without_blanks(std::string_view text) {
  return text.substr(std::min(text.find_first_not_of(" \t\r\n"), text.size()));
}

TextForm form_of(std::string_view text) {
  const auto begin = without_blanks(text);
  if (begin.starts_with('<')) return TextForm::kXml;
  if (begin.starts_with('{') && without_blanks(begin.substr(1)).starts_with('"'))
    return TextForm::kJson;
  return is_set_form(text) ? TextForm::kSet : TextForm::kCurly;
}

}  // namespace

std::span<const std::string_view> configuration_commands() {
  static constexpr std::array<std::string_view, 26> kCommands = {
      "activate", "annotate",  "commit", "copy",   "deactivate", "delete", "edit",
      "exit",     "help",      "insert", "load",   "protect",    "quit",   "rename",
      "replace",  "rollback",  "run",    "save",   "set",        "show",   "status",
      "top",      "unprotect", "up",     "update", "wildcard"};
  return kCommands;
}

void read_set(const Statement& root, const Path& level, std::string_view text, Edits& edits) {
  SetReader(root, level, edits).read(text);
}

void read_configuration(const Statement& root, const Path& level, std::string_view text,
                        Edits& edits, TextForm form) {
  constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  switch (form == TextForm::kAny ? form_of(text) : form) {
    case TextForm::kSet:
      return read_set(root, level, text, edits);
    case TextForm::kXml:
      return read_xml(root, level, text, edits);
    case TextForm::kJson:
      return read_json(root, level, text, edits);
    default:
      return read_curly(root, level, text, edits);
  }
}

}  // namespace nezu::grammar
