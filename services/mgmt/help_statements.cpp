#include "services/mgmt/help_statements.h"

#include <algorithm>

namespace nezu::mgmt {
namespace {
using grammar::Kind;
using grammar::LineProblem;
using grammar::Statement;

constexpr size_t kMostSections = 10;

std::string slot(const grammar::Type* type) {
  if (!type) return "";
  std::string text = "<" + type->placeholder() + ">";
  if (type->choices().empty()) return text;
  text = "(";
  for (const auto& choice : type->choices()) text += (text.size() > 1 ? " | " : "") + choice.word;
  return text + ")";
}

// "unit <interface-unit-number>"
std::string head(const Statement& statement) {
  std::string text = statement.no_keyword ? "" : statement.name.str();
  const auto add = [&](const std::string& more) { text += (text.empty() ? "" : " ") + more; };
  for (const auto* key : statement.keys) add(slot(key->type));
  if (statement.kind == Kind::kLeaf) add(slot(statement.type));
  if (statement.kind == Kind::kLeafList) add("[ " + slot(statement.type) + " ... ]");
  return text;
}

std::string level_text(const Statement& statement) {
  const std::string above = statement.parent ? path_text(*statement.parent) : "";
  return above.empty() ? "[edit]" : "[edit " + above + "]";
}

std::string facts(const Statement& statement) {
  std::string text;
  const auto* value = statement.type           ? statement.type.get()
                      : statement.keys.empty() ? nullptr
                                               : statement.keys[0]->type.get();
  if (value && !value->range().empty()) text += "  Range: " + value->range() + "\n";
  if (statement.default_value) text += "  Default: " + *statement.default_value + "\n";
  if (statement.mandatory) text += "  It must be configured where it can be.\n";
  if (statement.user_ordered) text += "  Its order is kept, and changed by 'insert'.\n";
  if (!statement.reference.empty())
    text += "  It names an entry of [edit " + statement.reference + "].\n";
  if (statement.secret) text += "  It is a secret: shown encoded, and not to everybody.\n";
  if (statement.not_modelled) text += "  It is accepted and kept; nothing acts upon it.\n";
  return text;
}

// `help topic WORDS`: what a statement is for.
std::string topic_text(const Statement& statement) {
  std::string text = level_text(statement) + " " + head(statement) + "\n\n  " + statement.help +
                     ".\n" + facts(statement);
  if (!statement.type) return text;
  for (const auto& choice : statement.type->choices())
    text += "    " + choice.word + (choice.help.empty() ? "" : ": " + choice.help) + "\n";
  return text;
}

// `help reference WORDS`: how it is written.
std::string reference_text(const Statement& statement) {
  std::string text = (statement.no_keyword ? statement.parent->name : statement.name) +
                     "\n\nSyntax\n  " + head(statement);
  std::string options;
  if (statement.holds_statements()) text += " {\n";
  for (const auto* child : statement.children) {
    if (child->hidden || child->inheritance != grammar::Inheritance::kNone) continue;
    const bool more = child->holds_statements();
    text += "      " + head(*child) + (more ? " { ... }\n" : ";\n");
    options +=
        "  " + (child->no_keyword ? head(*child) : child->name.str()) + ": " + child->help + "\n";
  }
  text += statement.holds_statements() ? "  }\n" : ";\n";
  text += "\nHierarchy level\n  " + level_text(statement) + "\n\nDescription\n  " + statement.help +
          "\n" + facts(statement);
  return options.empty() ? text : text + "\nOptions\n" + options;
}

// All statements whose names end with `names`, those nearest to the top first.
std::vector<const Statement*> named(const Statement& root, const std::string& names) {
  std::vector<const Statement*> found;
  each_statement(root, [&](const Statement& statement) {
    const std::string path = names_text(statement);
    if (path == names || path.ends_with(" " + names)) found.push_back(&statement);
  });
  const auto depth = [](const Statement* at) {
    size_t steps = 0;
    for (; at->parent; at = at->parent) ++steps;
    return steps;
  };
  std::stable_sort(found.begin(), found.end(),
                   [&](const Statement* a, const Statement* b) { return depth(a) < depth(b); });
  return found;
}

std::string sections(const Statement& root, const std::string& names,
                     std::string (*text)(const Statement&)) {
  const auto found = named(root, names);
  std::string all;
  for (size_t i = 0; i < std::min(found.size(), kMostSections); ++i)
    all += (all.empty() ? "" : "\n\n") + text(*found[i]);
  if (found.size() <= kMostSections) return all;
  all += "\n\n" + std::to_string(found.size() - kMostSections) + " more have this name:\n";
  for (size_t i = kMostSections; i < found.size(); ++i) all += "  " + names_text(*found[i]) + "\n";
  return all;
}

std::string joined(Words words) {
  std::string text;
  for (const auto& word : words) text += (text.empty() ? "" : " ") + word.text;
  return text;
}

class NamesTail : public Tail {
 public:
  grammar::Completion complete(const Place& place, Words words,
                               std::string_view partial) const override {
    grammar::Completion out;
    out.enter = !words.empty();
    const auto offer = [&](const Statement& level) {
      for (const auto* child : level.children) {
        if (child->hidden || child->inheritance != grammar::Inheritance::kNone) continue;
        if (child->no_keyword || !child->name.starts_with(partial)) continue;
        const bool known = std::any_of(out.candidates.begin(), out.candidates.end(),
                                       [&](const auto& each) { return each.name == child->name; });
        const char marker = child->holds_statements() ? '>' : ' ';
        if (!known) out.candidates.push_back({marker, child->name, child->help, false});
      }
    };
    if (words.empty()) {
      out.candidates.push_back({' ', "<string>", "Names of a statement", true});
      offer(place.root);
    } else {
      for (const auto* level : named(place.root, joined(words))) offer(*level);
    }
    return out;
  }
  std::vector<std::string> full_words(const Place&, Words words) const override {
    return {typed_words(words)};
  }
  std::optional<LineProblem> check(const Place&, Words words) const override {
    if (!words.empty()) return std::nullopt;
    return LineProblem{LineProblem::Kind::kMissing, 0, "missing argument.", {}};
  }
};
}  // namespace

std::string path_text(const Statement& statement) {
  std::string text;
  for (const auto* at = &statement; at->parent; at = at->parent)
    text = head(*at) + (text.empty() ? "" : " ") + text;
  return text;
}

std::string names_text(const Statement& statement) {
  std::string text;
  for (const auto* at = &statement; at->parent; at = at->parent)
    if (!at->no_keyword) text = at->name + (text.empty() ? "" : " ") + text;
  return text;
}

std::string topic(const Statement& root, const std::string& names) {
  return sections(root, names, topic_text);
}

std::string reference(const Statement& root, const std::string& names) {
  return sections(root, names, reference_text);
}

TailPtr names_tail() {
  return std::make_shared<NamesTail>();
}

}  // namespace nezu::mgmt
