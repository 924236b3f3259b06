#include <algorithm>
#include <array>
#include <charconv>
#include <span>

#include "grammar/command_line.h"
#include "grammar/edit_level.h"
#include "grammar/lexer.h"
#include "grammar/line_resolver.h"
#include "grammar/reader.h"
#include "grammar/resolve.h"
#include "grammar/word_range.h"

namespace nezu::grammar {
namespace {

constexpr int kMostProblems = 1000;

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
constexpr std::array<std::string_view, 6> kMoves = {"annotate", "edit", "up",
                                                    "top",      "exit", "wildcard"};

const VerbWord* verb_of(std::string_view word) {
  for (const auto& verb : kVerbs)
    if (verb.word == word) return &verb;
  return nullptr;
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
    if (line.words.empty()) return;
    const auto& first = line.words.front();
    const auto arguments = Arguments(line.words).subspan(1);
    if (const auto verb = verb_of(first.text)) return edit(*verb, arguments);
    if (first.text == "annotate") return annotate(arguments);
    if (first.text == "wildcard") return ranges(arguments);
    if (first.text == "edit") return move(arguments);
    if (first.text == "up" || first.text == "exit") return up(arguments);
    if (first.text == "top") return top(arguments);
    complain(first.column, "unknown command", first.text);
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

  // `wildcard range VERB …`, which stands for several lines.
  void ranges(Arguments arguments) {
    const bool range = arguments.size() > 1 && arguments[0].text == "range";
    const auto verb = range ? verb_of(arguments[1].text) : nullptr;
    if (!verb) return complain(arguments.empty() ? 0 : arguments[0].column, "syntax error", "");
    const auto words = arguments.subspan(2);
    const auto found = expand_ranges(words);
    if (!found.error.empty()) return complain(words[found.word].column, found.error, "");
    for (const Words& line : found.lines) {
      const int before = problems_;
      edit(*verb, line);
      if (problems_ > before) return;  // the others would say the same
    }
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
    level_ = found.paths.front();
    lines_.forget();
  }

  void up(Arguments arguments) {
    size_t steps = 1;
    if (!arguments.empty()) {
      const auto& text = arguments.front().text;
      const auto end = text.data() + text.size();
      const auto [behind, error] = std::from_chars(text.data(), end, steps);
      if (error != std::errc() || behind != end || steps == 0 || arguments.size() > 1)
        return complain(arguments.front().column, "syntax error", text);
    }
    level_ = level_above(std::move(level_), steps);
    if (level_.size() < base_.size()) level_ = base_;
    lines_.forget();
  }

  // `top` alone, or before a command of its own.
  void top(Arguments arguments) {
    const auto back = level_;
    level_ = base_;
    lines_.forget();
    if (arguments.empty()) return;
    const auto& first = arguments.front();
    if (first.text == "edit") return move(arguments.subspan(1));
    if (const auto verb = verb_of(first.text))
      edit(*verb, arguments.subspan(1));
    else
      complain(first.column, "unknown command", first.text);
    level_ = back;
    lines_.forget();
  }

  void complain_of(const LineProblem& problem, Arguments arguments) {
    auto message = problem.message.empty() ? "missing argument." : problem.message;
    if (message.ends_with('.')) message.pop_back();
    if (problem.word < arguments.size())
      return complain(arguments[problem.word].column, message, arguments[problem.word].text);
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
  Edits& edits_;
  CommandLineReader reader_;
  LineResolver lines_{root_};
  int line_ = 0;
  int problems_ = 0;
};

bool is_set_form(std::string_view text) {
  Lexer lexer(Lexer::Language::kConfiguration, text);
  Token token;
  if (lexer.next(token) != Lexer::Outcome::kToken || token.kind != TokenKind::kWord) return false;
  return verb_of(token.text) || std::find(kMoves.begin(), kMoves.end(), token.text) != kMoves.end();
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
