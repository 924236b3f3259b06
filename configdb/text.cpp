#include "configdb/text.h"

namespace nezu::configdb {
namespace {

using grammar::ConfigurationWriter;
using grammar::Kind;
using grammar::Marks;

// Walks a tree for a writer. `shown`: with the origins of what is inherited.
class TreeWriter {
 public:
  explicit TreeWriter(ConfigurationWriter& writer, const Inherited* shown = nullptr,
                      bool defaults = false)
      : writer_(writer), shown_(shown), defaults_(defaults) {}

  void at(const NodePtr& node) {
    if (node && node->statement->holds_statements())
      children(*node);
    else if (node)
      this->node(*node);
    writer_.finish();
  }

  void node(const Node& node) {
    const auto& statement = *node.statement;
    if (node.role == Node::Role::kHolder)
      return statement.kind == Kind::kLeafList ? values(node) : children(node);
    if (statement.kind == Kind::kLeafList)
      return writer_.leaf_list(statement, {node.text}, marks_of(node));
    if (!statement.holds_statements()) return writer_.leaf(statement, node.text, marks_of(node));
    writer_.open(statement, node.text, marks_of(node));
    children(node);
    writer_.close();
  }

 private:
  void children(const Node& node) {
    if (defaults_ && node.role != Node::Role::kHolder) return children_and_defaults(node);
    node.children.each([&](const NodePtr& child) { this->node(*child); });
  }

  void children_and_defaults(const Node& node) {
    for (const auto* child : node.statement->children) {
      if (const NodePtr there = child_of(node, *child)) {
        this->node(*there);
      } else if (child->default_value && !child->hidden && !child->secret) {
        Marks marks;
        marks.origins = {"'" + *child->default_value +
                         "' was inherited from group 'junos-defaults'"};
        writer_.leaf(*child, *child->default_value, marks);
      }
    }
  }

  // Neighbours with the same marks stand in one statement; an annotation begins a new one.
  void values(const Node& holder) {
    std::vector<std::string> values;
    Marks marks;
    const auto give = [&] {
      if (!values.empty()) writer_.leaf_list(*holder.statement, values, marks);
      values.clear();
    };
    holder.children.each([&](const NodePtr& value) {
      Marks mine = marks_of(*value);
      if (!mine.annotation.empty() || mine.inactive != marks.inactive ||
          mine.protect != marks.protect || values.empty()) {
        give();
        marks = std::move(mine);
      } else {
        marks.origins.insert(marks.origins.end(), mine.origins.begin(), mine.origins.end());
      }
      values.push_back(value->text);
    });
    give();
  }

  Marks marks_of(const Node& node) const {
    Marks marks{node.inactive, node.protect, node.annotation() ? *node.annotation() : "", {}};
    if (shown_) add_origins(node, marks.origins);
    return marks;
  }

  void add_origins(const Node& node, std::vector<std::string>& to) const {
    if (const auto at = shown_->expanded.find(&node); at != shown_->expanded.end()) {
      to.push_back(node.statement->name + " was expanded to:");
      for (const auto& value : at->second) to.push_back("    " + value + ";");
    }
    const auto at = shown_->origins.find(&node);
    if (at == shown_->origins.end()) return;
    // A secret is not said in clear.
    const bool named = node.text.empty() || node.statement->secret;
    const std::string what =
        "'" + std::string(named ? std::string_view(node.statement->name) : node.text.view()) +
        "' was ";
    to.push_back(what +
                 (at->second.kind == Origin::Kind::kRange ? "expanded from interface-range '"
                                                          : "inherited from group '") +
                 at->second.name + "'");
  }

  ConfigurationWriter& writer_;
  const Inherited* shown_;
  bool defaults_;
};

}  // namespace

void write_node(const NodePtr& node, ConfigurationWriter& writer) {
  TreeWriter(writer).node(*node);
}

void write(const NodePtr& root, const Path& path, ConfigurationWriter& writer) {
  TreeWriter(writer).at(find(root, path));
}

void write_inherited(const Inherited& shown, const Path& path, bool defaults,
                     ConfigurationWriter& writer) {
  TreeWriter(writer, &shown, defaults).at(find(shown.root, path));
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
