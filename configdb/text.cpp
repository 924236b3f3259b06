#include "configdb/text.h"

namespace nezu::configdb {
namespace {

using grammar::ConfigurationWriter;
using grammar::Kind;
using grammar::Marks;

Marks marks_of(const Node& node) {
  return {node.inactive, node.protect, node.annotation ? *node.annotation : "", {}};
}

void write_children(const Node& node, ConfigurationWriter& writer) {
  node.children.each([&](const NodePtr& child) { write_node(child, writer); });
}

// Values with marks of their own stand in a statement of their own.
void write_values(const Node& holder, ConfigurationWriter& writer) {
  std::vector<std::string> values;
  holder.children.each([&](const NodePtr& value) {
    if (value->plain()) values.push_back(value->text);
  });
  if (!values.empty()) writer.leaf_list(*holder.statement, values, marks_of(holder));
  holder.children.each([&](const NodePtr& value) {
    if (!value->plain()) writer.leaf_list(*holder.statement, {value->text}, marks_of(*value));
  });
}

}  // namespace

void write_node(const NodePtr& node, ConfigurationWriter& writer) {
  const auto& statement = *node->statement;
  if (node->role == Node::Role::kHolder)
    return statement.kind == Kind::kLeafList ? write_values(*node, writer)
                                             : write_children(*node, writer);
  if (statement.kind == Kind::kLeafList)
    return writer.leaf_list(statement, {node->text}, marks_of(*node));
  if (!statement.holds_statements()) return writer.leaf(statement, node->text, marks_of(*node));
  writer.open(statement, node->text, marks_of(*node));
  write_children(*node, writer);
  writer.close();
}

void write(const NodePtr& root, const Path& path, ConfigurationWriter& writer) {
  if (const NodePtr node = find(root, path)) {
    const bool level = node->statement->holds_statements();
    if (level)
      write_children(*node, writer);
    else
      write_node(node, writer);
  }
  writer.finish();
}

std::string curly_text(const NodePtr& root, const Path& path) {
  std::string text;
  write(root, path, *grammar::curly_writer([&](std::string_view part) { text += part; }));
  return text;
}

std::string set_text(const NodePtr& root, const Path& path) {
  std::string text;
  Path level = path;
  // A list or leaf is written with its own keyword.
  if (!level.empty()) {
    const auto& last = level.back();
    if (!last.statement->holds_statements() ||
        (last.statement->kind == Kind::kList && last.value.empty()))
      level.pop_back();
  }
  write(root, path, *grammar::set_writer([&](std::string_view part) { text += part; }, level));
  return text;
}

}  // namespace nezu::configdb
