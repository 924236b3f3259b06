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

// Neighbours with the same marks stand in one statement; an annotation begins a new one.
void write_values(const Node& holder, ConfigurationWriter& writer) {
  std::vector<std::string> values;
  Marks marks;
  const auto give = [&] {
    if (!values.empty()) writer.leaf_list(*holder.statement, values, marks);
    values.clear();
  };
  holder.children.each([&](const NodePtr& value) {
    Marks mine = marks_of(*value);
    if (!mine.annotation.empty() || mine.inactive != marks.inactive ||
        mine.protect != marks.protect || values.empty()) {
      give();
      marks = std::move(mine);
    }
    values.push_back(value->text);
  });
  give();
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

std::unique_ptr<grammar::ConfigurationWriter> writer(Form form, const Path& path,
                                                     grammar::TextSink sink, int indent) {
  Path level = path;
  // A list or leaf is written with its own keyword.
  if (!level.empty()) {
    const auto& last = level.back();
    if (!last.statement->holds_statements() ||
        (last.statement->kind == Kind::kList && last.value.empty()))
      level.pop_back();
  }
  switch (form) {
    case Form::kSet:
      return grammar::set_writer(std::move(sink), level);
    case Form::kSetRelative:
      return grammar::set_writer(std::move(sink));
    case Form::kXml:
      return grammar::xml_writer(std::move(sink), level, indent);
    case Form::kJson:
      return grammar::json_writer(std::move(sink), level);
    case Form::kText:
      break;
  }
  return grammar::curly_writer(std::move(sink));
}

std::string text(const NodePtr& root, Form form, const Path& path) {
  std::string all;
  write(root, path, *writer(form, path, [&](std::string_view part) { all += part; }));
  return all;
}

std::string curly_text(const NodePtr& root, const Path& path) {
  return text(root, Form::kText, path);
}

std::string set_text(const NodePtr& root, const Path& path) {
  return text(root, Form::kSet, path);
}

}  // namespace nezu::configdb
