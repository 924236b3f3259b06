#include "configdb/compare_xml.h"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "configdb/comparison.h"
#include "configdb/text.h"
#include "grammar/markup.h"

namespace nezu::configdb {
namespace {

using grammar::Kind;
using grammar::Path;

/// Passes the lines of an XML writer on, the next element with attributes of ours.
class Attributes {
 public:
  explicit Attributes(grammar::TextSink sink) : sink_(std::move(sink)) {}

  void next(std::string attributes) { attributes_ = std::move(attributes); }
  void write(std::string_view line) {
    const size_t at = line.find_first_not_of(' ');
    const std::string_view element = line.substr(std::min(at, line.size()));
    if (attributes_.empty() || element.starts_with("</") || element.starts_with("<junos:"))
      return sink_(line);
    const size_t name = line.find_first_of(" />", at + 1);
    std::string marked(line.substr(0, name));
    marked += std::exchange(attributes_, {});
    sink_(marked.append(line.substr(name)));
  }

 private:
  grammar::TextSink sink_;
  std::string attributes_;
};

std::string operation(const char* name) {
  return std::string(" nc:operation=\"") + name + "\"";
}

class XmlComparison {
 public:
  XmlComparison(const Path& at, int indent, grammar::TextSink sink)
      : sink_(std::move(sink)),
        indent_(indent),
        depth_(at.size() + 1),
        attributes_(sink_),
        writer_(grammar::xml_writer([this](std::string_view line) { attributes_.write(line); }, at,
                                    indent)) {}

  // What is gone comes first: another member of a choice may take its place.
  void level(const NodePtr& before, const NodePtr& after) {
    const auto walk = [&](bool gone) {
      differing_children(before.get(), after.get(), [&](const NodePtr& left, const NodePtr& right) {
        if (!right == gone) child(left, right);
      });
    };
    walk(true);
    walk(false);
  }

  void child(const NodePtr& before, const NodePtr& after) {
    const Node& either = after ? *after : *before;
    if (either.role == Node::Role::kHolder) return list(before, after);
    if (before && after && equal(before, after)) return;
    if (before && after && is_level(either)) return both(before, after);
    if (before && after && before->text == after->text) return marked(*before, *after);
    if (before) gone(*before);
    if (after) whole(after, "");
  }

  void finish() { writer_->finish(); }

 private:
  void list(const NodePtr& before, const NodePtr& after) {
    if (!before) return whole(after, "");  // in the list's own order
    if (!after) return gone(*before);
    after->statement->user_ordered ? ordered(*before, *after) : level(before, after);
  }

  struct Item {
    NodePtr old, entry;
  };

  // What is gone first, then what is new or elsewhere, in the order of the list.
  void ordered(const Node& before, const Node& after) {
    std::vector<Item> items;
    differing_children(&before, &after, [&](const NodePtr& left, const NodePtr& right) {
      if (!right) return gone(*left);
      items.push_back({left, right});
    });
    std::sort(items.begin(), items.end(),
              [](const Item& a, const Item& b) { return a.entry->order() < b.entry->order(); });
    for (const Item& item : items) {
      if (!item.old)
        whole(item.entry, place(before, after, *item.entry));
      else if (moved(before, *item.old, after, *item.entry))
        named(*item.entry, operation("merge") + place(before, after, *item.entry));
      if (item.old && !equal(item.old, item.entry)) child(item.old, item.entry);
    }
  }

  // ` yang:insert="after" yang:key="[name='a']"`
  static std::string place(const Node& before, const Node& after, const Node& entry) {
    const NodePtr previous = after.children.previous(entry);
    NodePtr beside = previous ? previous : after.children.next(entry);
    // At the front: what stands behind it must be there already.
    while (!previous && beside && !entry_of(before, beside->text))
      beside = after.children.next(*beside);
    if (!beside) return "";
    const std::string where =
        std::string(" yang:insert=\"") + (previous ? "after" : "before") + "\" ";
    if (beside->statement->kind == Kind::kLeafList)
      return where + "yang:value=\"" + grammar::xml_text(beside->text) + "\"";
    std::string keys;
    std::string_view rest = beside->text;
    const auto& names = beside->statement->keys;
    for (size_t i = 0; i < names.size(); ++i) {
      const size_t end = i + 1 < names.size() ? std::min(rest.find(' '), rest.size()) : rest.size();
      keys += "[" + names[i]->name.str() + "='" + std::string(rest.substr(0, end)) + "']";
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    return where + "yang:key=\"" + grammar::xml_text(keys) + "\"";
  }

  void both(const NodePtr& before, const NodePtr& after) {
    annotation(*before, *after);
    attributes_.next(marks(*before, *after));
    writer_->open(*after->statement, after->text);
    ++depth_;
    level(before, after);
    --depth_;
    writer_->close();
  }

  // A leaf that is the same but for its marks.
  void marked(const Node& before, const Node& after) {
    annotation(before, after);
    named(after, marks(before, after), after.text);
  }

  static std::string marks(const Node& before, const Node& after) {
    std::string text;
    if (before.inactive != after.inactive)
      text += after.inactive ? " inactive=\"inactive\"" : " active=\"active\"";
    if (before.protect != after.protect)
      text += after.protect ? " protect=\"protect\"" : " unprotect=\"unprotect\"";
    return text;
  }

  void annotation(const Node& before, const Node& after) {
    if (same_annotation(before, after)) return;
    comment("delete", before);
    comment("create", after);
  }

  void comment(const char* what, const Node& node) {
    if (!node.annotation()) return;
    line("<junos:comment" + operation(what) + ">/* " + grammar::xml_text(*node.annotation()) +
         " */</junos:comment>");
  }

  void line(const std::string& text) {
    sink_(std::string(static_cast<size_t>(indent_) + depth_ * 4, ' ') + text + "\n");
  }

  void gone(const Node& node) {
    if (node.role == Node::Role::kHolder)
      return node.children.each([&](const NodePtr& each) { gone(*each); });
    // A leaf is named, a value of several is said.
    if (is_level(node) || node.statement->kind == Kind::kLeafList)
      return named(node, operation("delete"));
    line("<" + node.statement->name.str() + operation("delete") + "/>");
  }

  // An element with no more than what tells it from others.
  void named(const Node& node, std::string attributes, const std::string& value = {}) {
    attributes_.next(std::move(attributes));
    if (is_level(node)) {
      writer_->open(*node.statement, node.text);
      writer_->close();
    } else if (node.statement->kind == Kind::kLeafList) {
      writer_->leaf_list(*node.statement, {node.text});
    } else {
      writer_->leaf(*node.statement, value);
    }
  }

  void whole(const NodePtr& node, const std::string& where) {
    if (node->role == Node::Role::kHolder)
      return node->children.each([&](const NodePtr& each) { whole(each, ""); });
    attributes_.next(operation("create") + where);
    write_node(node, *writer_);
  }

  grammar::TextSink sink_;
  int indent_;
  size_t depth_;  ///< of elements that are open
  Attributes attributes_;
  std::unique_ptr<grammar::ConfigurationWriter> writer_;
};
}  // namespace

void compare_xml(const NodePtr& before, const NodePtr& after, const Path& path, int indent,
                 const grammar::TextSink& sink) {
  const NodePtr left = find(before, path), right = find(after, path);
  if (left == right || (left && right && equal(left, right))) return;
  const Node& either = right ? *right : *left;
  const bool level = is_level(either) && left && right;
  Path at = path;
  if (!level && !at.empty()) at.pop_back();
  XmlComparison comparison(at, indent, sink);
  level ? comparison.level(left, right) : comparison.child(left, right);
  comparison.finish();
}

}  // namespace nezu::configdb
