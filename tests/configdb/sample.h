#pragma once
#include <gtest/gtest.h>

#include <sstream>
#include <string>

#include "configdb/edit.h"
#include "configdb/node.h"
#include "grammar/schema.h"

/// The router's schema and short ways to build trees from it.
namespace nezu::configdb::sample {

inline std::shared_ptr<const grammar::Schema> schema() {
  static const auto kSchema = grammar::Schema::open(grammar::schema_file());
  return kSchema;
}

inline const grammar::Statement* unnamed_child(const grammar::Statement& statement) {
  for (const auto* child : statement.children)
    if (child->no_keyword) return child;
  return nullptr;
}

/// "interfaces et-0/0/0 unit 0 family inet": words without quotes or blanks inside.
inline Path path(const std::string& text) {
  std::istringstream words(text);
  Path path;
  const grammar::Statement* at = &schema()->configuration();
  for (std::string word; words >> word;) {
    const grammar::Statement* next = at->child(word);
    const bool named = next && !next->no_keyword;
    if (!named) next = unnamed_child(*at);
    if (!next) throw std::invalid_argument(text + ": " + word);
    Step step{next, named ? "" : word};
    const bool valued =
        next->kind != grammar::Kind::kFlag && (next->type || next->kind == grammar::Kind::kList);
    if (named && valued) words >> step.value;
    path.push_back(step);
    at = next;
  }
  return path;
}

inline NodePtr with(NodePtr root, const std::string& text) {
  Edited edited = set(root, path(text));
  if (!edited.ok()) throw std::invalid_argument(text + ": " + edited.error + edited.warning);
  return edited.root;
}

inline NodePtr without(const NodePtr& root, const std::string& text) {
  return remove(root, path(text)).root;
}

/// One statement a line.
inline NodePtr tree(const std::string& lines) {
  NodePtr root = make_root(*schema());
  std::istringstream in(lines);
  for (std::string line; std::getline(in, line);)
    if (line.find_first_not_of(' ') != std::string::npos) root = with(root, line);
  return root;
}

inline View view(const NodePtr& root) {
  return {root, root->statement};
}

}  // namespace nezu::configdb::sample
