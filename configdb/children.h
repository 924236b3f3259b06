#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "configdb/tree.h"

namespace nezu::configdb {

/// Numbers in names compare as numbers ("et-0/0/2" before "et-0/0/10"); a total order.
int natural_compare(std::string_view a, std::string_view b);

/// The children of a node: a persistent B+ tree of nodes. Copying is copying a pointer; put and
/// erase copy the blocks on one path and share the rest, O(log n).
class Children {
 public:
  /// What sorts and names a child: (Node::order, Node::text in natural order), or Node::text alone.
  enum class Sorting : uint8_t { kPlace, kName };

  struct Block;
  using BlockPtr = Shared<Block>;

  explicit Children(Sorting sorting = Sorting::kPlace);

  /// Of nodes that stand in strictly rising order already; nullopt if they do not. Linear.
  static std::optional<Children> of(std::vector<NodePtr> nodes, Sorting sorting);

  bool empty() const { return size() == 0; }
  size_t size() const;
  /// Whether no node below is inactive, protected or annotated: such a subtree is its own
  /// effective tree.
  bool plain() const;
  /// What below takes part in inheritance; see Node::inherits().
  uint64_t inherits() const;
  bool operator==(const Children& other) const { return root_ == other.root_; }

  /// Null if there is none. kName ignores `order`.
  NodePtr find(uint64_t order, std::string_view text) const;
  NodePtr last() const;  ///< null if empty

  /// The child that stands before or behind `node`, which need not be there; null if none does.
  NodePtr previous(const Node& node) const;
  NodePtr next(const Node& node) const;

  /// In order, those whose names begin with `text` and some others beside them; an empty `text`:
  /// all. Cost: what is visited. Of children that are sorted by place, those with this order only.
  using Take = std::function<void(const NodePtr& child)>;
  void each_beginning(uint64_t order, std::string_view text, const Take& take) const;

  /// With `node` in, or in the place of the one that sorts equal. The same root if it is there.
  Children put(NodePtr node) const;
  /// Without the child that sorts equal to `node`; the same root if there is none.
  Children erase(const Node& node) const;

  template <class Visit>
  void each(Visit visit) const;
  /// Only those whose Node::inherits() has one of `bits`, and maybe others. Cost: what is visited.
  template <class Visit>
  void each_inheriting(uint64_t bits, Visit visit) const;

  /// Calls with (before, after) for each child that is not the same node on both sides, in order;
  /// null where there is none. Cost: what differs, not what there is.
  using Differs = std::function<void(const NodePtr& before, const NodePtr& after)>;
  static void difference(const Children& before, const Children& after, const Differs& differs);

 private:
  explicit Children(BlockPtr root) : root_(std::move(root)) {}
  Sorting sorting() const;
  const BlockPtr& top() const;  ///< null if empty

  BlockPtr root_;  ///< null: empty, by place
};

void hold(const Children::Block* block);
void release(const Children::Block* block);

/// Its nodes or blocks lie right behind it.
struct alignas(8) Children::Block {
  /// `plain`, `inherits`: of all nodes together.
  static Block& make(std::vector<NodePtr> nodes, Sorting sorting, bool plain, uint64_t inherits);
  static Block& make(std::vector<BlockPtr> blocks);

  mutable Count holders;
  uint32_t size = 0;   ///< nodes below
  uint8_t height = 0;  ///< 0: holds nodes
  uint8_t width = 0;   ///< nodes or blocks
  Sorting sorting = Sorting::kPlace;
  bool plain : 1 = true;
  bool inheriting : 1 = false;  ///< inherits() stands behind the nodes or blocks

  uint64_t inherits() const {
    return inheriting ? *(reinterpret_cast<const uint64_t*>(this + 1) + width) : 0;
  }
  std::span<const NodePtr> nodes() const {
    return {reinterpret_cast<const NodePtr*>(this + 1), height ? size_t{0} : width};
  }
  std::span<const BlockPtr> blocks() const {
    return {reinterpret_cast<const BlockPtr*>(this + 1), height ? width : size_t{0}};
  }
  const Node& first() const {
    const Block* block = this;
    while (block->height) block = block->blocks().front().get();
    return *block->nodes().front();
  }
  template <class Visit>
  void each(Visit& visit) const {
    for (const auto& node : nodes()) visit(node);
    for (const auto& block : blocks()) block->each(visit);
  }
  template <class Visit>
  void each_inheriting(uint64_t bits, Visit& visit) const {
    if (!(inherits() & bits)) return;
    for (const auto& node : nodes()) visit(node);
    for (const auto& block : blocks()) block->each_inheriting(bits, visit);
  }

 private:
  template <class Item>
  static Block& of(std::vector<Item> items, uint64_t inherits);
};

template <class Visit>
void Children::each(Visit visit) const {
  if (root_) root_->each(visit);
}

template <class Visit>
void Children::each_inheriting(uint64_t bits, Visit visit) const {
  if (root_) root_->each_inheriting(bits, visit);
}

}  // namespace nezu::configdb
