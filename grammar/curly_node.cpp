#include "grammar/curly_node.h"

#include <algorithm>

namespace nezu::grammar {
namespace {

bool is_marked(const CurlyNode& node) {
  const auto& marks = node.marks;
  return marks.inactive || marks.protect || !marks.annotation.empty() || !marks.remarks.empty();
}

bool is_bare(const CurlyNode& node) {
  return std::none_of(node.children.begin(), node.children.end(), is_marked);
}

}  // namespace

std::string head_text(const CurlyNode& node) {
  if (node.bare) return value_words({node.statement, node.values.front()});
  if (node.values.size() == 1) return step_words({node.statement, node.values.front()});
  std::string text = node.statement->name;
  if (node.values.empty()) return text;
  text += " [";
  for (const auto& value : node.values) text += " " + quote(value);
  return text + " ]";
}

std::string one_line_text(const CurlyNode& node) {
  std::string text = head_text(node);
  for (const auto& child : node.children) text += " " + one_line_text(child);
  return text;
}

bool fits_one_line(const CurlyNode& node) {
  if (node.omitted) return false;
  if (node.children.empty()) return true;
  const bool short_enough = node.statement->one_line_plus && node.children.size() == 1;
  if (!is_bare(node) || !(node.statement->one_line || short_enough)) return false;
  return std::all_of(node.children.begin(), node.children.end(), fits_one_line);
}

std::vector<std::string> all_origins(const CurlyNode& node) {
  auto all = node.marks.origins;
  for (const auto& child : node.children) {
    const auto more = all_origins(child);
    all.insert(all.end(), more.begin(), more.end());
  }
  return all;
}

bool holds_secret(const CurlyNode& node) {
  return node.statement->secret ||
         std::any_of(node.children.begin(), node.children.end(), holds_secret);
}

}  // namespace nezu::grammar
