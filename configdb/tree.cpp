#include "configdb/tree.h"

#include <charconv>

#include "configdb/node.h"

namespace nezu::configdb {

View::View(NodePtr node, const grammar::Statement* statement)
    : node_(std::move(node)), statement_(statement) {}

View View::operator[](std::string_view name) const {
  const grammar::Statement* statement = statement_ ? statement_->child(name) : nullptr;
  if (!statement) return {};
  return {node_ ? child_of(*node_, *statement) : nullptr, statement};
}

View View::entry(std::string_view name, std::string_view key) const {
  const View holder = (*this)[name];
  return {holder ? entry_of(*holder.node_, key) : nullptr, holder.statement_};
}

std::vector<View> View::entries(std::string_view name) const {
  const View holder = (*this)[name];
  std::vector<View> found;
  if (!holder) return found;
  found.reserve(holder.node_->children.size());
  holder.node_->children.each(
      [&](const NodePtr& node) { found.emplace_back(node, holder.statement_); });
  return found;
}

std::vector<std::string> View::values(std::string_view name) const {
  std::vector<std::string> found;
  for (const View& value : entries(name)) found.emplace_back(value.node_->text);
  return found;
}

std::string_view View::key() const {
  return node_ ? std::string_view(node_->text) : std::string_view();
}

std::string View::value() const {
  if (node_) return node_->text;
  return statement_ && statement_->default_value ? statement_->default_value->str() : "";
}

uint64_t View::number() const {
  const std::string text = value();
  uint64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

}  // namespace nezu::configdb
