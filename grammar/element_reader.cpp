#include "grammar/element_reader.h"

#include <algorithm>
#include <utility>

#include "grammar/lexer.h"
#include "grammar/value_word.h"

namespace nezu::grammar {
namespace {

const Statement* child_named(const Statement& container, std::string_view name) {
  for (const auto child : container.children)
    if (child->name == name) return child;
  return nullptr;
}

std::optional<size_t> key_named(const Statement& list, std::string_view name) {
  for (size_t i = 0; i < list.keys.size(); ++i)
    if (list.keys[i]->name == name) return i;
  return std::nullopt;
}

bool has_value(const Statement& statement) {
  return statement.kind == Kind::kLeaf || statement.kind == Kind::kLeafList;
}

}  // namespace

TextPlace TextPlaces::at(size_t offset) {
  offset = std::min(offset, text_.size());
  if (offset < counted_) *this = TextPlaces(text_);
  for (; counted_ < offset; ++counted_) {
    if (text_[counted_] != '\n') continue;
    ++line_;
    line_begin_ = counted_ + 1;
  }
  return {line_, static_cast<int>(offset - line_begin_)};
}

ElementReader::ElementReader(const Statement& root, const Path& level, Edits& edits)
    : root_(root), edits_(edits), path_(level) {}

const Statement& ElementReader::container() const {
  return path_.empty() ? root_ : *path_.back().statement;
}

const Statement* ElementReader::statement(std::string_view name) const {
  if (skipped_ > 0) return nullptr;
  if (frames_.empty()) return child_named(container(), name);
  const Frame& frame = frames_.back();
  if (frame.held_depth > 0 || has_value(*frame.statement)) return nullptr;
  if (frame.statement->kind == Kind::kList)
    if (const auto key = key_named(*frame.statement, name)) return frame.statement->keys[*key];
  return child_named(*frame.statement, name);
}

std::string_view ElementReader::entry_above() const {
  for (auto step = path_.rbegin(); step != path_.rend(); ++step)
    if (step->statement->kind == Kind::kList) return step->value;
  return "";
}

// Whether the item has to wait for the key of the innermost entry, which keeps it.
bool ElementReader::hold(Held item) {
  if (frames_.empty() || !frames_.back().waiting) return false;
  Frame& frame = frames_.back();
  if (item.kind == Held::Kind::kOpen && frame.held_depth == 0 &&
      key_named(*frame.statement, item.text))
    return false;
  if (frame.held_depth == 0 && item.kind != Held::Kind::kOpen) return false;
  if (item.kind == Held::Kind::kOpen) ++frame.held_depth;
  if (item.kind == Held::Kind::kClose) --frame.held_depth;
  if (frame.held.size() < kMostHeld)
    frame.held.push_back(std::move(item));
  else if (frame.held.size() == kMostHeld)
    give_up("too much before the key of its entry", item.place);
  return true;
}

void ElementReader::replay(const std::vector<Held>& held) {
  for (const Held& item : held) {
    switch (item.kind) {
      case Held::Kind::kOpen:
        open(item.text, item.marks, item.place);
        break;
      case Held::Kind::kValue:
        value(item.text, item.place);
        break;
      case Held::Kind::kClose:
        close(item.place);
        break;
      case Held::Kind::kMark:
        mark(item.marks);
        break;
    }
  }
}

void ElementReader::open(std::string_view name, const ElementMarks& marks, const TextPlace& place) {
  began_ = true;
  if (skipped_ > 0) {
    ++skipped_;
    return;
  }
  if (hold({Held::Kind::kOpen, std::string(name), marks, place})) return;
  const Statement* found = statement(name);
  if (!found) return skip_after("syntax error", name, place);
  const bool in_entry = !frames_.empty() && frames_.back().statement->kind == Kind::kList;
  const auto key = in_entry ? key_named(*frames_.back().statement, name) : std::nullopt;
  if (!key) return push(*found, marks, place);
  open_key(*found, *key, place);
}

void ElementReader::open_key(const Statement& key, size_t index, const TextPlace& place) {
  const Frame& entry = frames_.back();
  if (!entry.waiting || entry.keys[index]) return skip_after("syntax error", key.name, place);
  Frame frame;
  frame.statement = &key;
  frame.is_key = true;
  frame.place = place;
  frames_.push_back(std::move(frame));
}

void ElementReader::push(const Statement& statement, const ElementMarks& marks,
                         const TextPlace& place) {
  Frame frame;
  frame.statement = &statement;
  frame.marks = marks;
  frame.place = place;
  frame.waiting = statement.kind == Kind::kList;
  frame.keys.resize(statement.kind == Kind::kList ? statement.keys.size() : 0);
  frames_.push_back(std::move(frame));
  if (statement.kind != Kind::kContainer && statement.kind != Kind::kPresence) return;
  path_.push_back({&statement, ""});
  if (!remove_here()) begin(frames_.back(), path_);
}

// If the innermost statement is to be deleted it is, and what else is said of it is passed over.
bool ElementReader::remove_here() {
  if (!frames_.back().marks.remove) return false;
  edits_.edit(Verb::kDelete, path_, "");
  path_.pop_back();
  frames_.pop_back();
  ++skipped_;
  return true;
}

// An entry whose keys are all there.
void ElementReader::enter(Frame& frame) {
  std::string key;
  for (const auto& part : frame.keys)
    if (part) key += (key.empty() ? "" : " ") + *part;
  frame.waiting = false;
  path_.push_back({frame.statement, std::move(key)});
  if (remove_here()) return;
  begin(frame, path_);
  replay(std::exchange(frame.held, {}));
}

// What comes before the contents. What is to be renamed is not made for it.
void ElementReader::begin(const Frame& frame, const Path& path) {
  if (frame.marks.replace && !frame.marks.create) edits_.edit(Verb::kReplace, path, "");
  if (frame.marks.remove)
    edits_.edit(Verb::kDelete, path, "");
  else if (frame.marks.create)
    edits_.edit(Verb::kCreate, path, "");
  else if (frame.marks.move != ElementMarks::Move::kRename &&
           path.back().statement->kind != Kind::kContainer)
    edits_.edit(Verb::kSet, path, "");
}

// What comes after them: a container that is empty cannot be marked. The new name last: where it is
// refused, everything else belongs to the old one.
void ElementReader::end(const Frame& frame, const Path& path) {
  using Move = ElementMarks::Move;
  const Move move = frame.marks.move;
  if (frame.marks.remove) return;
  if (move != Move::kNone && !may_move(frame, path)) return;
  if (move == Move::kBefore || move == Move::kAfter) insert(frame, path);
  substitute(frame.marks, path, frame.place);
  if (frame.marks.inactive) edits_.edit(Verb::kDeactivate, path, "");
  if (frame.marks.active) edits_.edit(Verb::kActivate, path, "");
  if (frame.marks.unprotect) edits_.edit(Verb::kUnprotect, path, "");
  if (!frame.marks.comment.empty()) edits_.edit(Verb::kAnnotate, path, frame.marks.comment);
  if (move == Move::kRename) rename(frame, path);
  if (frame.marks.protect) edits_.edit(Verb::kProtect, path, "");
}

void ElementReader::mark(const ElementMarks& marks) {
  if (skipped_ > 0 || frames_.empty()) return;
  if (hold({Held::Kind::kMark, "", marks, {}})) return;
  auto& frame = frames_.back();
  if (const char* why = frame.marks.add(marks)) complain(why, "", frame.place);
  if (frame.waiting || !frame.statement->holds_statements()) return;
  if (remove_here()) return;
  if (marks.create) complain("'create' comes before what is created", "create", frame.place);
  if (marks.replace) begin(frame, path_);
}

void ElementReader::value(std::string_view text, const TextPlace& place) {
  if (skipped_ > 0) return;
  if (hold({Held::Kind::kValue, std::string(text), {}, place})) return;
  const bool blank = trimmed(text).empty();
  if (frames_.empty() || !has_value(*frames_.back().statement)) {
    const bool flag = !frames_.empty() && frames_.back().statement->kind == Kind::kFlag;
    if (!blank && !(flag && trimmed(text) == "true"))
      complain("syntax error", trimmed(text), place);
    return;
  }
  auto& mine = frames_.back().text;
  if (mine.size() <= kLongestWord) mine += text.substr(0, kLongestWord + 1);
}

void ElementReader::close(const TextPlace& place) {
  if (skipped_ > 0) {
    --skipped_;
    return;
  }
  if (hold({Held::Kind::kClose, "", {}, place}) || frames_.empty()) return;
  Frame frame = std::move(frames_.back());
  frames_.pop_back();
  if (frame.is_key) return close_key(frame, place);
  if (!frame.statement->holds_statements()) return close_leaf(frame, place);
  if (frame.waiting) return complain("missing key", frame.statement->name, frame.place);
  end(frame, path_);
  path_.pop_back();
}

void ElementReader::close_key(const Frame& frame, const TextPlace& place) {
  const bool wildcard =
      !path_.empty() && path_.front().statement->groups && is_wildcard(trimmed(frame.text));
  auto value =
      wildcard ? std::string(trimmed(frame.text)) : read(*frame.statement, frame.text, place);
  Frame& entry = frames_.back();
  if (!value) {  // the entry is skipped; it was reported by its key
    frames_.pop_back();
    ++skipped_;
    return;
  }
  if (frame.statement->type && !wildcard)
    value = frame.statement->type->canonical_below(*value, entry_above());
  entry.keys[*key_named(*entry.statement, frame.statement->name)] = std::move(value);
  bool all = true;
  for (size_t i = 0; i < entry.keys.size() && all; ++i)
    all = entry.keys[i] || (i > 0 && absent_after(*entry.statement->keys[i], *entry.keys[i - 1]));
  if (all) enter(entry);
}

void ElementReader::close_leaf(const Frame& frame, const TextPlace& place) {
  Path path = path_;
  path.push_back({frame.statement, ""});
  const bool valued = has_value(*frame.statement);
  if (valued && !(frame.marks.remove && trimmed(frame.text).empty())) {
    auto value = read(*frame.statement, frame.text, place);
    if (!value) return;
    path.back().value = std::move(*value);
  }
  // A leaf is deleted by its name, whatever it is said to hold.
  if (frame.marks.remove && frame.statement->kind == Kind::kLeaf) path.back().value.clear();
  begin(frame, path);
  if (frame.statement->kind == Kind::kLeaf) path.back().value.clear();
  end(frame, path);
}

// Text as it is; if its type refuses that, without the blanks around it.
std::optional<std::string> ElementReader::read(const Statement& statement, const std::string& text,
                                               const TextPlace& place) {
  if (text.size() > kLongestWord) {
    complain("word too long", statement.name, place);
    return std::nullopt;
  }
  std::string value;
  if (!text.empty() && !read_value(statement, {text, 0, 0, Word::Form::kQuoted}, 0, value))
    return value;
  const std::string bare(trimmed(text));
  if (bare.empty()) {
    complain("missing argument", statement.name, place);
    return std::nullopt;
  }
  const auto problem = read_value(statement, {bare, 0, 0, Word::Form::kQuoted}, 0, value);
  if (!problem) return value;
  auto message = problem->message;
  if (message.ends_with('.')) message.pop_back();
  const std::string shown = statement.secret ? "" : bare.substr(0, kLongestQuotation);
  complain(message, shown, place, statement.name + (shown.empty() ? "" : " ") + shown);
  return std::nullopt;
}

void ElementReader::skip_after(const std::string& message, std::string_view token,
                               const TextPlace& place) {
  complain(message, token, place);
  ++skipped_;
}

void ElementReader::complain(const std::string& message, std::string_view token,
                             const TextPlace& place, std::string_view statement) {
  if (gave_up()) return;
  if (++problems_ == kMostProblems) return give_up("too many errors", place);
  ReadProblem problem;
  problem.line = place.line;
  problem.column = place.column;
  problem.message = message;
  problem.token = token.substr(0, kLongestQuotation);
  problem.path = path_;
  problem.statement = statement.empty() ? problem.token : std::string(statement);
  edits_.problem(problem);
}

void ElementReader::give_up(const std::string& message, const TextPlace& place) {
  problems_ = kMostProblems;
  ReadProblem problem;
  problem.line = place.line;
  problem.column = place.column;
  problem.message = message;
  problem.fatal = true;
  edits_.problem(problem);
}

}  // namespace nezu::grammar
