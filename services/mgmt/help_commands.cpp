// help: what there is, said by the schema.
#include <algorithm>

#include "services/mgmt/context.h"

namespace nezu::mgmt {
namespace {
using grammar::Kind;
using grammar::Statement;

constexpr size_t kMostLines = 2000;   // of an answer
constexpr size_t kMostSections = 10;  // of `help topic` and `help reference`
const TextType kString("string");

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

bool has(const std::string& text, const std::string& wanted) {
  return lower(text).find(wanted) != std::string::npos;
}

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
  std::string text = statement.no_keyword ? "" : statement.name;
  const auto add = [&](const std::string& more) { text += (text.empty() ? "" : " ") + more; };
  for (const auto* key : statement.keys) add(slot(key->type));
  if (statement.kind == Kind::kLeaf) add(slot(statement.type));
  if (statement.kind == Kind::kLeafList) add("[ " + slot(statement.type) + " ... ]");
  return text;
}

std::string path_text(const Statement& statement) {
  std::string text;
  for (const auto* at = &statement; at->parent; at = at->parent)
    text = head(*at) + (text.empty() ? "" : " ") + text;
  return text;
}

// Visits every statement below `level` once; groups and interface ranges repeat others.
template <class Visit>
void each_statement(const Statement& level, const Visit& visit) {
  for (const auto* child : level.children) {
    if (child->parent != &level || child->hidden) continue;
    if (child->inheritance != grammar::Inheritance::kNone) continue;
    visit(*child);
    if (!child->groups) each_statement(*child, visit);
  }
}

const Statement& level_of(const Context& context) {
  const auto& root = context.router().schema->configuration();
  const auto base = context.candidate() ? context.base() : grammar::Path();
  return base.empty() ? root : *base.back().statement;
}

// `help apropos STRING`: names and help texts, of this mode, from this level on.
void apropos(Context& context, const Call& call) {
  const std::string wanted = lower(*call.input("string"));
  size_t lines = 0;
  const auto say = [&](const std::string& words, const std::string& help) {
    if (++lines <= kMostLines) call.run->write(words + " \n    " + help + "\n");
  };
  if (context.mode() == Mode::kConfiguration) {
    each_statement(level_of(context), [&](const Statement& statement) {
      if (has(statement.name, wanted) || has(statement.help, wanted))
        say("set " + path_text(statement), statement.help);
    });
  } else {
    for (const auto& command : context.router().schema->commands())
      if (!command.configuration_mode &&
          (has(command.command, wanted) || has(command.help, wanted)))
        say(command.command, command.help);
  }
  if (!lines) call.run->write("No matches found\n");
  call.run->done();
}

// Statements whose path ends with the words typed.
std::vector<const Statement*> named(const Context& context, const std::string& words) {
  std::vector<const Statement*> found;
  each_statement(context.router().schema->configuration(), [&](const Statement& statement) {
    const std::string path = statement.path();
    if (path == words || path.ends_with(" " + words)) found.push_back(&statement);
  });
  std::stable_sort(found.begin(), found.end(), [](const Statement* a, const Statement* b) {
    const std::string left = a->path(), right = b->path();
    return std::count(left.begin(), left.end(), ' ') < std::count(right.begin(), right.end(), ' ');
  });
  if (found.size() > kMostSections) found.resize(kMostSections);
  return found;
}

std::string level_text(const Statement& statement) {
  const std::string above = statement.parent ? path_text(*statement.parent) : "";
  return above.empty() ? "[edit]" : "[edit " + above + "]";
}

std::string facts(const Statement& statement) {
  std::string text;
  const auto* value = statement.type           ? statement.type
                      : statement.keys.empty() ? nullptr
                                               : statement.keys[0]->type;
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
    options += "  " + (child->no_keyword ? head(*child) : child->name) + ": " + child->help + "\n";
  }
  text += statement.holds_statements() ? "  }\n" : ";\n";
  text += "\nHierarchy level\n  " + level_text(statement) + "\n\nDescription\n  " + statement.help +
          "\n" + facts(statement);
  return options.empty() ? text : text + "\nOptions\n" + options;
}

auto describe(std::string (*text)(const Statement&)) {
  return [text](Context& context, const Call& call) {
    const auto found = named(context, *call.input("string"));
    std::string all;
    for (const auto* statement : found) all += (all.empty() ? "" : "\n\n") + text(*statement);
    if (all.empty())
      return call.run->refuse("error: no statement '" + *call.input("string") +
                              "'; help apropos finds parts of names\n");
    call.run->write(all);
    call.run->done();
  };
}
}  // namespace

void add_help_commands(LocalCommands& commands) {
  for (const auto mode : {Mode::kOperational, Mode::kConfiguration}) {
    commands.describe(mode, "help", "Provide help information");
    commands.add(mode, {.words = "help apropos",
                        .help = "Find help information about a topic",
                        .arguments = {mandatory(value("string", "Text to look for", kString))},
                        .handle = apropos});
    commands.add(
        mode,
        {.words = "help reference",
         .help = "Provide help on the syntax of a configuration statement",
         .arguments = {mandatory(value("string", "Name of the statement, or \"a b\"", kString))},
         .handle = describe(reference_text)});
    commands.add(
        mode,
        {.words = "help topic",
         .help = "Provide help on what a configuration statement is for",
         .arguments = {mandatory(value("string", "Name of the statement, or \"a b\"", kString))},
         .handle = describe(topic_text)});
  }
}

}  // namespace nezu::mgmt
