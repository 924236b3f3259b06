// What attributes say of the place and name of an element: insert, rename, replace-pattern.
#include <charconv>

#include "grammar/element_reader.h"
#include "grammar/value_word.h"

namespace nezu::grammar {

void ElementReader::mark_whole(const ElementMarks& marks, const TextPlace& place) {
  if (marks.move != ElementMarks::Move::kNone || marks.inactive || marks.active || marks.protect ||
      marks.unprotect || marks.create)
    complain("not possible for the whole configuration", "configuration", place);
  if (began_ && marks.say_anything())
    return complain("what is said of the whole configuration comes first", "configuration", place);
  if (marks.replace) edits_.edit(Verb::kReplace, path_, "");
  if (marks.remove) edits_.edit(Verb::kDelete, path_, "");
  substitute(marks, path_, place);
}

// Only what has neighbours of its kind has a name to change or a place among them.
bool ElementReader::may_move(const Frame& frame, const Path& path) {
  const Kind kind = path.back().statement->kind;
  const bool renamed = frame.marks.move == ElementMarks::Move::kRename;
  if (renamed && frame.marks.protect) {  // under which of its names, if the new one is refused?
    complain("cannot be renamed and protected at once", path.back().statement->name, frame.place);
    return false;
  }
  if (kind == Kind::kList || kind == Kind::kLeafList) return true;
  complain(
      renamed ? "only entries of a list can be renamed" : "only entries of a list have an order",
      path.back().statement->name, frame.place);
  return false;
}

void ElementReader::rename(const Frame& frame, const Path& path) {
  if (const auto name = target(frame, *path.back().statement))
    edits_.edit(Verb::kRename, path, *name);
}

void ElementReader::insert(const Frame& frame, const Path& path) {
  const auto other = target(frame, *path.back().statement);
  if (!other) return;
  const bool before = frame.marks.move == ElementMarks::Move::kBefore;
  edits_.edit(before ? Verb::kInsertBefore : Verb::kInsertAfter, path, *other);
}

// The entry that the attributes name; nullopt: none, and that was reported.
std::optional<std::string> ElementReader::target(const Frame& frame, const Statement& list) {
  const auto parts = frame.marks.target(list);
  if (!parts) {
    complain("missing attribute that names the other entry", list.name, frame.place);
    return std::nullopt;
  }
  std::string joined;
  for (size_t i = 0; i < parts->size(); ++i) {
    const Statement& key = list.kind == Kind::kList ? *list.keys[i] : list;
    const auto value = read(key, (*parts)[i], frame.place);
    if (!value) return std::nullopt;
    joined += (i ? " " : "") + *value;
  }
  return joined;
}

void ElementReader::substitute(const ElementMarks& marks, const Path& level,
                               const TextPlace& place) {
  const std::string* const pattern = marks.other("replace-pattern");
  if (!pattern) return;
  const std::string* const with = marks.other("with");
  const std::string* const upto = marks.other("upto");
  if (!with) return complain("missing attribute 'with'", "replace-pattern", place);
  Substitution what{*pattern, *with, 0};
  if (upto) {
    const auto end = upto->data() + upto->size();
    const auto [behind, error] = std::from_chars(upto->data(), end, what.upto);
    if (error != std::errc() || behind != end || what.upto == 0)
      return complain("syntax error", *upto, place);
  }
  edits_.substitute(level, what);
}

}  // namespace nezu::grammar
