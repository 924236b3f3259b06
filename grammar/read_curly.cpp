#include <algorithm>
#include <utility>

#include "grammar/lexer.h"
#include "grammar/reader.h"
#include "grammar/resolve.h"
#include "grammar/syntax.h"

namespace nezu::grammar {
namespace {

constexpr int kMostProblems = 1000;
constexpr size_t kLongestQuotation = 200;  ///< of a statement in a problem, in bytes

struct Tags {
  bool inactive = false, active = false, protect = false, unprotect = false;
  bool replace = false, remove = false;
};

// What is said beside a statement, and of what.
struct Notes {
  std::vector<Path> targets;
  Tags tags;
  std::string comment;
};

// A statement whose `}` has not come yet.
struct Frame {
  Path level;
  Words prefix;  ///< the keyword of a list whose entries stand in one pair of braces
  std::string head;
  Notes notes;  ///< for the end: what is empty yet cannot be marked
  bool has_contents = false;
};

Tags tags_of(const std::vector<Token>& tokens) {
  Tags tags;
  for (const auto& token : tokens) {
    if (token.kind != TokenKind::kTag) break;
    tags.inactive |= token.text == "inactive:";
    tags.active |= token.text == "active:" || token.text == "activate:";
    tags.protect |= token.text == "protect:";
    tags.unprotect |= token.text == "unprotect:";
    tags.replace |= token.text == "replace:";
    tags.remove |= token.text == "delete:";
  }
  return tags;
}

Word word_of(const Token& token) {
  auto form = Word::Form::kPlain;
  if (token.kind == TokenKind::kQuoted) form = Word::Form::kQuoted;
  if (token.kind == TokenKind::kOpenBracket) form = Word::Form::kOpenBracket;
  if (token.kind == TokenKind::kCloseBracket) form = Word::Form::kCloseBracket;
  return {token.text, token.column(), token.end - token.line_begin, form};
}

class CurlyReader {
 public:
  CurlyReader(const Statement& root, const Path& level, std::string_view text, Edits& edits)
      : root_(root), edits_(edits), text_(text), lexer_(Lexer::Language::kConfiguration, text) {
    frames_.push_back({level, {}, {}, {}, false});
  }

  void read() {
    while (problems_ < kMostProblems && next_piece()) take_piece();
    if (problems_ >= kMostProblems)
      end_with("too many errors");
    else if (!broken_ && (frames_.size() > 1 || ignored_ > 0))
      end_with("missing closing brace");
  }

 private:
  // The tokens up to and with the next `{`, `;` or `}`; false at the end of the text.
  bool next_piece() {
    tokens_.clear();
    comment_.clear();
    for (Token token;;) {
      const auto outcome = lexer_.next(token);
      if (tokens_.empty()) comment_ = lexer_.take_comment();
      if (outcome == Lexer::Outcome::kEnd) return end_of_text();
      if (outcome != Lexer::Outcome::kToken) return broken_token(token, outcome);
      if (tokens_.size() < kMostTokens) tokens_.push_back(token);
      switch (token.kind) {
        case TokenKind::kOpenBrace:
        case TokenKind::kSemicolon:
        case TokenKind::kCloseBrace:
          tokens_.back() = token;
          return true;
        default:
          break;
      }
    }
  }

  bool end_of_text() {
    if (tokens_.empty() || ignored_ > 0) return false;
    broken_ = true;
    complain_of_statement(tokens_.back(), "syntax error, expecting ';' or '{'");
    return false;
  }

  bool broken_token(Token& token, Lexer::Outcome outcome) {
    token.text.clear();
    broken_ = true;
    complain(
        token,
        outcome == Lexer::Outcome::kTooLong ? "word too long" : "unterminated string or comment",
        "");
    return false;
  }

  void take_piece() {
    if (tokens_.empty()) return;
    const bool opens = tokens_.back().kind == TokenKind::kOpenBrace;
    const bool closes = tokens_.back().kind == TokenKind::kCloseBrace;
    if (ignored_ > 0) return ignore(opens, closes);
    const auto wrong = syntax_.first_error(tokens_);
    if (wrong) {
      complain_of_statement(tokens_[std::min(*wrong, tokens_.size() - 1)], "syntax error");
      ignored_ += opens;
    }
    if (closes)
      close();
    else if (!wrong)
      take_head(opens);
  }

  // Inside a statement that was refused.
  void ignore(bool opens, bool closes) {
    ignored_ += opens;
    if (!closes || --ignored_ > 0) return;
    complain(tokens_.back(), "error recovery ignores input until this point", "");
  }

  void close() {
    if (frames_.size() == 1) return complain(tokens_.back(), "syntax error", "");
    const Frame frame = std::move(frames_.back());
    frames_.pop_back();
    const bool contents = frame.has_contents || is_kept_empty(frame);
    frames_.back().has_contents |= contents;
    if (contents && frame.prefix.empty()) return take_notes(frame.notes);
    if (contents) return;
    ReadProblem problem;
    problem.path = frames_.back().level;
    problem.statement = frame.head;
    problem.message = "statement has no contents; ignored";
    problem.warning = true;
    edits_.problem(problem);
  }

  static bool is_kept_empty(const Frame& frame) {
    return frame.prefix.empty() && frame.level.back().statement->kind != Kind::kContainer;
  }

  void take_head(bool opens) {
    Tags tags = tags_of(tokens_);
    if (!frames_.back().prefix.empty()) share_notes(tags);
    words_ = frames_.back().prefix;
    for (const auto& token : tokens_)
      if (token.kind != TokenKind::kTag) words_.push_back(word_of(token));
    words_.pop_back();  // the `{` or `;`
    const auto reach = opens ? Reach::kLevel : tags.remove ? Reach::kAny : Reach::kSet;
    auto found = resolve(root_, frames_.back().level, words_, reach);
    if (found.problem && opens && opens_list(*found.problem, tags)) return;
    if (found.problem) return refuse(*found.problem, opens);
    if (tags.remove) return remove(found.paths, opens);
    frames_.back().has_contents |= !opens;
    Notes notes = emit(tags, found.paths);
    if (!opens) return take_notes(notes);
    frames_.push_back(
        {std::move(found.paths.front()), {}, statement_text(), std::move(notes), false});
  }

  // `name-server { 10.0.0.1; 10.0.0.2; }`: the entries come one by one.
  bool opens_list(const LineProblem& problem, const Tags& tags) {
    if (problem.kind != LineProblem::Kind::kMissing || !frames_.back().prefix.empty()) return false;
    const auto list = resolve(root_, frames_.back().level, words_, Reach::kAny);
    if (list.problem || list.paths.front().back().statement->kind != Kind::kList) return false;
    if (tags.remove) return remove(list.paths, true), true;
    if (tags.replace) edits_.edit(Verb::kReplace, list.paths.front(), "");
    auto level = frames_.back().level;
    auto prefix = words_;
    Notes shared{{}, tags, comment_};
    frames_.push_back(
        {std::move(level), std::move(prefix), statement_text(), std::move(shared), false});
    return true;
  }

  // What stands before the list's name is said of each entry; the comment of the first.
  void share_notes(Tags& tags) {
    Notes& shared = frames_.back().notes;
    tags.inactive |= shared.tags.inactive && !tags.active;
    tags.active |= shared.tags.active && !tags.inactive;
    tags.protect |= shared.tags.protect && !tags.unprotect;
    tags.unprotect |= shared.tags.unprotect && !tags.protect;
    const std::string comment = std::exchange(shared.comment, {});
    if (comment_.empty()) comment_ = comment;
  }

  void remove(const std::vector<Path>& paths, bool opens) {
    for (const auto& path : paths) edits_.edit(Verb::kDelete, path, "");
    frames_.back().has_contents = true;
    ignored_ += opens;
  }

  // Tags and comments belong to the first statement of the head, not to what it holds.
  Path marked(const Path& path) const {
    Path target = path;
    target.resize(statement_end(path, frames_.back().level.size()));
    if (!target.empty() && target.back().statement->kind == Kind::kLeaf)
      target.back().value.clear();
    return target;
  }

  // What the tags belong to: each value of a leaf-list, else the one statement.
  std::vector<Path> targets(const std::vector<Path>& paths) const {
    const Path first = marked(paths.front());
    if (first.empty() || first.back().statement->kind != Kind::kLeafList) return {first};
    std::vector<Path> all;
    for (const auto& path : paths)
      if (path.size() == first.size() && path.back().statement == first.back().statement)
        all.push_back(path);
    return all;
  }

  Notes emit(const Tags& tags, const std::vector<Path>& paths) {
    auto marked = targets(paths);
    if (tags.replace) replace(marked.front());
    for (const auto& path : paths)
      if (path.back().statement->kind != Kind::kContainer || tags.replace)
        edits_.edit(Verb::kSet, path, "");
    return {std::move(marked), tags, comment_};
  }

  void take_notes(const Notes& notes) {
    const auto& tags = notes.tags;
    for (const auto& target : notes.targets) {
      if (tags.inactive) edits_.edit(Verb::kDeactivate, target, "");
      if (tags.active) edits_.edit(Verb::kActivate, target, "");
      if (tags.unprotect) edits_.edit(Verb::kUnprotect, target, "");
    }
    if (!notes.comment.empty()) edits_.edit(Verb::kAnnotate, notes.targets.front(), notes.comment);
    if (!tags.protect) return;
    // Last: what is protected takes no comment.
    for (const auto& target : notes.targets) edits_.edit(Verb::kProtect, target, "");
  }

  // The whole of a leaf-list, whatever value the tag stands before.
  void replace(Path target) {
    if (target.back().statement->kind == Kind::kLeafList) target.back().value.clear();
    edits_.edit(Verb::kReplace, target, "");
  }

  void refuse(const LineProblem& problem, bool opens) {
    ignored_ += opens;
    auto message = problem.message;
    if (message.ends_with('.')) message.pop_back();
    // words_ are the tokens without tags, behind the prefix.
    const size_t tags = tokens_.size() - 1 - (words_.size() - frames_.back().prefix.size());
    const size_t at =
        std::min(problem.word + tags - frames_.back().prefix.size(), tokens_.size() - 1);
    complain_of_statement(tokens_[at], message);
  }

  // Where the first secret of the statement stands in the text.
  std::optional<size_t> secret_begin() const {
    auto words = frames_.back().prefix;
    const size_t before = words.size();
    std::vector<size_t> begins;
    for (const auto& token : tokens_) {
      if (token.kind == TokenKind::kTag || ends_piece(token.kind)) continue;
      words.push_back(word_of(token));
      begins.push_back(token.begin);
    }
    const auto secret = resolve(root_, frames_.back().level, words, Reach::kSet).secret_from;
    const bool here = secret && *secret >= before && *secret - before < begins.size();
    return here ? std::optional(begins[*secret - before]) : std::nullopt;
  }

  // With the statement as typed, as far as its first secret, which nobody repeats.
  void complain_of_statement(Token token, const std::string& message) {
    const auto secret = secret_begin();
    if (secret && token.begin == *secret) token.text = {};
    complain(token, message, statement_text(secret.value_or(tokens_.back().end)));
  }

  static bool ends_piece(TokenKind kind) {
    return kind == TokenKind::kSemicolon || kind == TokenKind::kOpenBrace ||
           kind == TokenKind::kCloseBrace;
  }

  std::string statement_text() const { return statement_text(tokens_.back().end); }

  // The statement as typed, on one line, up to a place of the text.
  std::string statement_text(size_t end) const {
    const auto begin = tokens_.front().begin;
    std::string text;
    for (const char c : text_.substr(begin, end - begin)) {
      const bool blank = c == ' ' || c == '\t' || c == '\n' || c == '\r';
      if (!blank || !text.ends_with(' ')) text += blank ? ' ' : c;
      if (text.size() > kLongestQuotation) break;
    }
    if (text.ends_with('{')) text.pop_back();
    while (text.ends_with(' ')) text.pop_back();
    return text;
  }

  void complain(const Token& token, const std::string& message, const std::string& statement) {
    ReadProblem problem;
    problem.line = token.line;
    problem.column = static_cast<int>(token.end - token.line_begin);
    problem.message = message;
    problem.token = token.text.substr(0, kLongestQuotation);
    problem.path = frames_.back().level;
    problem.statement = statement;
    problem.fatal = broken_;
    ++problems_;
    edits_.problem(problem);
  }

  // Nothing of the text is to be kept: what came is only a part, or no configuration at all.
  void end_with(const std::string& message) {
    Token here;
    here.line = lexer_.line();
    here.line_begin = lexer_.line_begin();
    here.end = lexer_.offset();
    broken_ = true;
    complain(here, message, "");
  }

  const Statement& root_;
  Edits& edits_;
  std::string_view text_;
  Lexer lexer_;
  Syntax syntax_{Lexer::Language::kConfiguration};
  std::vector<Frame> frames_;
  size_t ignored_ = 0;  ///< braces open inside a statement that was refused
  std::vector<Token> tokens_;
  Words words_;
  std::string comment_;
  int problems_ = 0;
  bool broken_ = false;  ///< the text cannot be read to its end
};

}  // namespace

void read_curly(const Statement& root, const Path& level, std::string_view text, Edits& edits) {
  CurlyReader(root, level, text, edits).read();
}

}  // namespace nezu::grammar
