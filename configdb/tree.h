#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "configdb/shared.h"
#include "grammar/schema.h"

/// Reading a configuration tree.
///
/// A tree is immutable and shares structure with its neighbours in time: a snapshot is a pointer,
/// equal pointers mean equal subtrees. Services see only the EFFECTIVE tree (groups expanded,
/// inactive statements gone), and only through View.
namespace nezu::configdb {

class Node;
using NodePtr = Shared<Node>;
void hold(const Node* node);
void release(const Node* node);

/// A place in a tree that may or may not exist. Cheap to copy; keeps its node alive.
class View {
 public:
  View() = default;
  View(NodePtr node, const grammar::Statement* statement);

  explicit operator bool() const { return node_ != nullptr; }
  const grammar::Statement* statement() const { return statement_; }
  const NodePtr& node() const { return node_; }

  /// The child container, leaf or flag `name`; a View that is false if it is not configured.
  View operator[](std::string_view name) const;
  /// The entry of list `name` with this key.
  View entry(std::string_view name, std::string_view key) const;
  /// All entries of list `name`, in their order.
  std::vector<View> entries(std::string_view name) const;
  /// All values of leaf-list `name`, in their order.
  std::vector<std::string> values(std::string_view name) const;

  /// A list entry's key (several keys: joined by a blank).
  std::string_view key() const;
  /// A leaf's value, its schema default if it is not configured, or "". Secrets are clear text.
  std::string value() const;
  /// value() of a numeric leaf; 0 if there is none.
  uint64_t number() const;

  bool operator==(const View& other) const { return node_ == other.node_; }

 private:
  NodePtr node_;
  const grammar::Statement* statement_ = nullptr;  ///< set even where nothing is configured
};

}  // namespace nezu::configdb
