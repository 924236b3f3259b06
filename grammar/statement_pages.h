#pragma once
#include <string>
#include <vector>

#include "grammar/schema.h"

namespace nezu::grammar {

/// A page of the statement reference, in Markdown.
struct StatementPage {
  std::string file;  ///< "security.md"
  std::string text;
};

/// The statement reference: README.md, which says how to read it, and one page for each hierarchy
/// at the top. A level is a section: its statements with their values, ranges, defaults, order,
/// references and checks, and whether something acts on them. What is under several levels stands
/// once, and the others refer to it.
std::vector<StatementPage> statement_pages(const Schema& schema);

/// What a value of this type may be, in a few words: "1..65535", "IPv4 prefix", "one of a, b".
std::string value_words(const Type& type);

}  // namespace nezu::grammar
