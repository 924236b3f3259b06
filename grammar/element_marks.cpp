#include "grammar/element_marks.h"

#include <algorithm>

namespace nezu::grammar {
namespace {

constexpr char kInvalidOperation[] = "invalid operation";
constexpr std::string_view kBlanks = " \t\r\n";

// The value of `name` in "[name='x'][other="y"]"; null if there is none.
std::optional<std::string> in_predicates(std::string_view text, std::string_view name) {
  while (text.starts_with('[')) {
    const size_t equals = text.find('='), quote = equals + 1;
    if (equals == text.npos || quote >= text.size() || (text[quote] != '\'' && text[quote] != '"'))
      return std::nullopt;
    const size_t end = text.find(text[quote], quote + 1);
    if (end == text.npos || end + 1 >= text.size() || text[end + 1] != ']') return std::nullopt;
    std::string_view called = trimmed(text.substr(1, equals - 1));
    called = called.substr(called.find(':') + 1);  // npos + 1 is 0
    if (called == name) return std::string(text.substr(quote + 1, end - quote - 1));
    text.remove_prefix(end + 2);
  }
  return std::nullopt;
}

bool* mark_named(ElementMarks& marks, std::string_view name) {
  const std::pair<std::string_view, bool*> all[] = {
      {"inactive", &marks.inactive},   {"active", &marks.active},   {"protect", &marks.protect},
      {"unprotect", &marks.unprotect}, {"replace", &marks.replace}, {"delete", &marks.remove}};
  for (const auto& [word, mark] : all)
    if (word == name) return mark;
  return nullptr;
}

}  // namespace

std::string_view trimmed(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(kBlanks), text.size()));
  return text.substr(0, text.find_last_not_of(kBlanks) + 1);
}

std::string comment_text(std::string_view text) {
  text = trimmed(text);
  if (text.starts_with("/*") && text.ends_with("*/") && text.size() >= 4)
    text = trimmed(text.substr(2, text.size() - 4));
  return std::string(text);
}

const char* ElementMarks::add(std::string_view name, std::string_view value) {
  name = name.substr(name.find(':') + 1);  // npos + 1 is 0
  const bool on = value != "false" && value != "null";
  if (name == "operation") return operate(value) ? nullptr : kInvalidOperation;
  if (name == "insert") {
    if (value == "before") move = Move::kBefore;
    if (value == "after") move = Move::kAfter;
    return value == "before" || value == "after" ? nullptr : kInvalidOperation;
  }
  if (name == "comment")
    comment = comment_text(value);
  else if (name == "rename")
    move = on ? Move::kRename : move;
  else if (bool* const mark = mark_named(*this, name))
    *mark |= on;
  else
    return keep(name, value);
  return nullptr;
}

bool ElementMarks::operate(std::string_view operation) {
  const bool removes = operation == "delete" || operation == "remove";
  remove |= removes;
  replace |= operation == "replace";
  create |= operation == "create";
  return removes || replace || create || operation == "merge" || operation == "none";
}

const char* ElementMarks::keep(std::string_view name, std::string_view value) {
  size_t bytes = name.size() + value.size();
  for (const auto& [each, text] : others) bytes += sizeof(others[0]) + each.size() + text.size();
  if (bytes > kMostOthers) return "attributes are too long";
  others.emplace_back(name, value);
  return nullptr;
}

bool ElementMarks::say_anything() const {
  return inactive || active || protect || unprotect || replace || remove || create ||
         move != Move::kNone || !comment.empty() || other("replace-pattern");
}

const char* ElementMarks::add(const ElementMarks& more) {
  inactive |= more.inactive;
  active |= more.active;
  protect |= more.protect;
  unprotect |= more.unprotect;
  replace |= more.replace;
  remove |= more.remove;
  create |= more.create;
  if (more.move != Move::kNone) move = more.move;
  if (!more.comment.empty()) comment = more.comment;
  for (const auto& [name, value] : more.others)
    if (const char* why = keep(name, value)) return why;
  return nullptr;
}

const std::string* ElementMarks::other(std::string_view name) const {
  for (const auto& [each, value] : others)
    if (each == name) return &value;
  return nullptr;
}

std::optional<std::vector<std::string>> ElementMarks::target(const Statement& list) const {
  if (list.kind == Kind::kLeafList) {
    for (const char* name : {"name", "value"})
      if (const auto found = other(name)) return std::vector<std::string>{*found};
    return std::nullopt;
  }
  std::vector<std::string> parts;
  const std::string* predicates = other("key");
  for (const Statement* key : list.keys) {
    if (const auto given = other(key->name))
      parts.push_back(*given);
    else if (auto part = predicates ? in_predicates(*predicates, key->name) : std::nullopt)
      parts.push_back(std::move(*part));
    else
      return std::nullopt;
  }
  return parts;
}

}  // namespace nezu::grammar
