#pragma once
#include <string>
#include <vector>

#include "grammar/writer.h"

namespace nezu::grammar {

/// A statement with what it holds, kept only while its form (one line or braces) is open.
struct CurlyNode {
  const Statement* statement = nullptr;
  std::vector<std::string> values;  ///< the key, or the value(s)
  Marks marks;
  std::vector<CurlyNode> children;
  bool omitted = false;  ///< what it holds is not shown
  bool bare = false;     ///< an entry inside its list's common braces: the keyword is there already
};

/// "route 2.2.2.0/24 next-hop st0.1": the node and all it holds; no `;`.
std::string one_line_text(const CurlyNode& node);
/// Whether the node is printed on one line.
bool fits_one_line(const CurlyNode& node);
/// The origins of the node and of all it holds.
std::vector<std::string> all_origins(const CurlyNode& node);
/// Whether it, or anything in it, is a secret.
bool holds_secret(const CurlyNode& node);
/// The node's own words, without what it holds: "proposals [ a b ]", "unit 0".
std::string head_text(const CurlyNode& node);

}  // namespace nezu::grammar
