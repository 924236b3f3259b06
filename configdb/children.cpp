#include "configdb/children.h"

#include <algorithm>
#include <cctype>

#include "configdb/node.h"

namespace nezu::configdb {
namespace {

using Block = Children::Block;
using BlockPtr = Children::BlockPtr;
using Sorting = Children::Sorting;

constexpr size_t kWidth = 16;  // children of a block; wider ones make differences dearer

struct Key {
  uint64_t order;
  std::string_view text;
};

// A statement is named by its place alone; its text is a value.
Key key_of(const Node& node) {
  if (node.role == Node::Role::kEntry) return {node.order(), node.text};
  return {node.order(), {}};
}

int compare(const Key& a, const Key& b, Sorting sorting) {
  if (sorting == Sorting::kName) return a.text.compare(b.text);
  if (a.order != b.order) return a.order < b.order ? -1 : 1;
  return natural_compare(a.text, b.text);
}

bool quiet(const Block& block) {
  return block.plain && !block.inheriting;
}
bool quiet(const Node& node) {
  return node.plain() && !node.inherits();
}

// `all_quiet`: nodes are known to be plain and to inherit nothing. Looking costs a cache miss a
// node.
BlockPtr leaf_block(std::vector<NodePtr> nodes, Sorting sorting, bool all_quiet = false) {
  bool plain = true;
  uint64_t inherits = 0;
  for (const auto& node : nodes) {
    if (all_quiet) break;
    plain = plain && node->plain();
    inherits |= node->inherits();
  }
  return BlockPtr(&Block::make(std::move(nodes), sorting, plain, inherits));
}

BlockPtr inner_block(std::vector<BlockPtr> blocks) {
  return BlockPtr(&Block::make(std::move(blocks)));
}

// Where `key` is or belongs in a block of nodes.
size_t place_in(std::span<const NodePtr> nodes, const Key& key, Sorting sorting) {
  auto before = [&](const NodePtr& node, const Key& k) {
    return compare(key_of(*node), k, sorting) < 0;
  };
  return std::lower_bound(nodes.begin(), nodes.end(), key, before) - nodes.begin();
}

// The child block that holds or would hold `key`: the last that does not begin after it.
size_t branch_of(std::span<const BlockPtr> blocks, const Key& key, Sorting sorting) {
  auto after = [&](const Key& k, const BlockPtr& block) {
    return compare(k, key_of(block->first()), sorting) < 0;
  };
  const size_t next = std::upper_bound(blocks.begin(), blocks.end(), key, after) - blocks.begin();
  return next ? next - 1 : 0;
}

bool holds(std::span<const NodePtr> nodes, size_t at, const Key& key, Sorting sorting) {
  return at < nodes.size() && compare(key_of(*nodes[at]), key, sorting) == 0;
}

const NodePtr& last_of(const Block& top) {
  const Block* block = &top;
  while (block->height) block = block->blocks().back().get();
  return block->nodes().back();
}

const NodePtr& first_of(const Block& top) {
  const Block* block = &top;
  while (block->height) block = block->blocks().front().get();
  return block->nodes().front();
}

// One block, or two halves when it has grown too wide. Appending keeps the left one full, since
// most lists are loaded in their order.
template <class Item, class Make>
std::vector<BlockPtr> divide(std::vector<Item> items, bool appended, Make make) {
  if (items.size() <= kWidth) return {make(std::move(items))};
  const size_t middle = appended ? items.size() - 1 : items.size() / 2;
  std::vector<Item> right(items.begin() + middle, items.end());
  items.resize(middle);
  return {make(std::move(items)), make(std::move(right))};
}

// Full blocks of all items, one after another.
template <class Item, class Make>
std::vector<BlockPtr> pack(std::vector<Item> items, Make make) {
  std::vector<BlockPtr> blocks;
  for (size_t at = 0; at < items.size(); at += kWidth) {
    const auto begin = items.begin() + at;
    const auto end = begin + std::min(kWidth, items.size() - at);
    blocks.push_back(make(std::vector<Item>(begin, end)));
  }
  return blocks;
}

template <class Item>
std::vector<Item> all(std::span<const Item> items) {
  return {items.begin(), items.end()};
}

// The block or two that replace `block` once `node` is in; empty if it was there already.
std::vector<BlockPtr> put_into(const Block& block, const NodePtr& node, Sorting sorting) {
  const Key key = key_of(*node);
  if (block.height == 0) {
    const size_t at = place_in(block.nodes(), key, sorting);
    const bool replace = holds(block.nodes(), at, key, sorting);
    if (replace && block.nodes()[at] == node) return {};
    const auto old = block.nodes();
    std::vector<NodePtr> nodes;
    nodes.reserve(old.size() + !replace);
    nodes.assign(old.begin(), old.begin() + at);
    nodes.push_back(node);
    nodes.insert(nodes.end(), old.begin() + at + replace, old.end());
    const bool known = quiet(block) && quiet(*node);
    return divide(std::move(nodes), at == old.size(), [=](std::vector<NodePtr> part) {
      return leaf_block(std::move(part), sorting, known);
    });
  }
  const size_t at = branch_of(block.blocks(), key, sorting);
  auto parts = put_into(*block.blocks()[at], node, sorting);
  if (parts.empty()) return {};
  std::vector<BlockPtr> blocks = all(block.blocks());
  const bool appended = at + 1 == blocks.size();
  blocks[at] = parts[0];
  if (parts.size() > 1) blocks.insert(blocks.begin() + at + 1, parts[1]);
  return divide(std::move(blocks), appended, inner_block);
}

BlockPtr join(const Block& left, const Block& right) {
  if (left.height == 0) {
    auto nodes = all(left.nodes());
    nodes.insert(nodes.end(), right.nodes().begin(), right.nodes().end());
    return leaf_block(std::move(nodes), left.sorting, quiet(left) && quiet(right));
  }
  auto blocks = all(left.blocks());
  blocks.insert(blocks.end(), right.blocks().begin(), right.blocks().end());
  return inner_block(std::move(blocks));
}

// Joins blocks[at] with a neighbour if together they fill at most three quarters of a block, so
// that erasing keeps the tree dense.
void settle(std::vector<BlockPtr>& blocks, size_t at) {
  const auto fits = [&](size_t left) {
    return left + 1 < blocks.size() &&
           blocks[left]->width + blocks[left + 1]->width <= kWidth * 3 / 4;
  };
  const size_t left = fits(at) ? at : at > 0 && fits(at - 1) ? at - 1 : blocks.size();
  if (left == blocks.size()) return;
  blocks[left] = join(*blocks[left], *blocks[left + 1]);
  blocks.erase(blocks.begin() + left + 1);
}

struct Erased {
  bool found = false;
  BlockPtr block;  // null: nothing is left
};

Erased erase_from(const Block& block, const Key& key, Sorting sorting) {
  if (block.height == 0) {
    const size_t at = place_in(block.nodes(), key, sorting);
    if (!holds(block.nodes(), at, key, sorting)) return {};
    if (block.nodes().size() == 1) return {true, nullptr};
    auto nodes = all(block.nodes());
    nodes.erase(nodes.begin() + at);
    return {true, leaf_block(std::move(nodes), sorting, quiet(block))};
  }
  const size_t at = branch_of(block.blocks(), key, sorting);
  Erased below = erase_from(*block.blocks()[at], key, sorting);
  if (!below.found) return {};
  auto blocks = all(block.blocks());
  if (below.block)
    blocks[at] = below.block;
  else
    blocks.erase(blocks.begin() + at);
  if (blocks.empty()) return {true, nullptr};
  if (below.block) settle(blocks, at);
  return {true, inner_block(std::move(blocks))};
}

// Walks a tree in order, a whole block at a time where the caller can skip it.
class Cursor {
 public:
  explicit Cursor(const BlockPtr& root) { push(root); }

  bool done() const { return stack_.empty(); }
  // The block the cursor stands before, or null if it stands before a node.
  const Block* block() const { return current_block().get(); }
  const NodePtr& node() const { return stack_.back().block->nodes()[stack_.back().at]; }
  void enter() { push(current_block()); }
  void next() {
    ++stack_.back().at;
    while (!stack_.empty() && stack_.back().at == stack_.back().block->width) {
      stack_.pop_back();
      if (!stack_.empty()) ++stack_.back().at;
    }
  }

 private:
  struct Frame {
    BlockPtr block;
    size_t at;
  };
  // A frame over a pretended parent lets the root be skipped like any other block.
  void push(const BlockPtr& block) {
    if (!block) return;
    if (stack_.empty()) {
      stack_.push_back({inner_block({block}), 0});
    } else {
      stack_.push_back({block, 0});
    }
  }
  const BlockPtr& current_block() const {
    static const BlockPtr kNone;
    const Frame& frame = stack_.back();
    return frame.block->height ? frame.block->blocks()[frame.at] : kNone;
  }

  std::vector<Frame> stack_;
};

// Moves both past blocks they share, then makes each stand before a node.
void align(Cursor& a, Cursor& b) {
  while (!a.done() && !b.done()) {
    const Block* left = a.block();
    const Block* right = b.block();
    if (!left && !right) return;
    if (left == right) {
      a.next();
      b.next();
    } else if (left && (!right || left->height >= right->height)) {
      a.enter();
      if (right && left->height == right->height) b.enter();
    } else {
      b.enter();
    }
  }
  for (Cursor* one : {&a, &b})
    while (!one->done() && one->block()) one->enter();
}

int digits_compare(std::string_view a, std::string_view b) {
  a.remove_prefix(std::min(a.find_first_not_of('0'), a.size()));
  b.remove_prefix(std::min(b.find_first_not_of('0'), b.size()));
  if (a.size() != b.size()) return a.size() < b.size() ? -1 : 1;
  return a.compare(b);
}

bool digit(char c) {
  return c >= '0' && c <= '9';
}

std::string_view digits_at(std::string_view text, size_t at) {
  size_t end = at;
  while (end < text.size() && digit(text[end])) ++end;
  return text.substr(at, end - at);
}

// Where two names part, and which of them is first there; 0 if one of them ends before.
struct Parting {
  size_t left = 0, right = 0;
  int order = 0;
};

Parting part(std::string_view a, std::string_view b) {
  Parting at;
  auto& [i, j, order] = at;
  while (i < a.size() && j < b.size() && !order) {
    if (digit(a[i]) && digit(b[j])) {
      const auto left = digits_at(a, i), right = digits_at(b, j);
      order = digits_compare(left, right);
      i += left.size();
      j += right.size();
    } else if (a[i] != b[j]) {
      order = static_cast<unsigned char>(a[i]) < static_cast<unsigned char>(b[j]) ? -1 : 1;
    } else {
      ++i, ++j;
    }
  }
  return at;
}

// In order, from where `key` is or belongs on. False: `go_on` has said so.
bool visit_from(const Block& block, const Key& key, Sorting sorting,
                const std::function<bool(const NodePtr&)>& go_on) {
  const auto nodes = block.nodes();
  for (size_t at = block.height ? nodes.size() : place_in(nodes, key, sorting); at < nodes.size();
       ++at)
    if (!go_on(nodes[at])) return false;
  const auto blocks = block.blocks();
  for (size_t at = block.height ? branch_of(blocks, key, sorting) : blocks.size();
       at < blocks.size(); ++at)
    if (!visit_from(*blocks[at], key, sorting, go_on)) return false;
  return true;
}

}  // namespace

int natural_compare(std::string_view a, std::string_view b) {
  const Parting at = part(a, b);
  if (at.order) return at.order;
  if (at.left < a.size() || at.right < b.size()) return at.left < a.size() ? 1 : -1;
  return a.compare(b);  // "01" and "1" are different names
}

void hold(const Block* block) {
  block->holders.up();
}

void release(const Block* block) {
  if (!block->holders.down()) return;
  for (const NodePtr& node : block->nodes()) node.~NodePtr();
  for (const BlockPtr& child : block->blocks()) child.~BlockPtr();
  block->~Block();
  ::operator delete(const_cast<Block*>(block));
}

template <class Item>
Block& Block::of(std::vector<Item> items, uint64_t inherits) {
  static_assert(sizeof(Item) == sizeof inherits);
  const size_t behind = items.size() + (inherits ? 1 : 0);
  auto* block = new (::operator new(sizeof(Block) + behind * sizeof(Item))) Block;
  auto* first = reinterpret_cast<Item*>(block + 1);
  std::uninitialized_move(items.begin(), items.end(), first);
  block->width = static_cast<uint8_t>(items.size());
  block->inheriting = inherits != 0;
  if (inherits) new (first + items.size()) uint64_t(inherits);
  return *block;
}

Block& Block::make(std::vector<NodePtr> nodes, Sorting sorting, bool plain, uint64_t inherits) {
  Block& block = of(std::move(nodes), inherits);
  block.sorting = sorting;
  block.size = block.width;
  block.plain = plain;
  return block;
}

Block& Block::make(std::vector<BlockPtr> blocks) {
  uint64_t inherits = 0;
  for (const BlockPtr& child : blocks) inherits |= child->inherits();
  Block& block = of(std::move(blocks), inherits);
  const Block& first = **reinterpret_cast<BlockPtr*>(&block + 1);
  block.sorting = first.sorting;
  block.height = static_cast<uint8_t>(first.height + 1);
  for (const BlockPtr& child : block.blocks()) {
    block.size += child->size;
    block.plain = block.plain && child->plain;
  }
  return block;
}

Children::Children(Sorting sorting) {
  static const BlockPtr kByName(&Block::make({}, Sorting::kName, true, 0));
  if (sorting == Sorting::kName) root_ = kByName;
}

Sorting Children::sorting() const {
  return root_ ? root_->sorting : Sorting::kPlace;
}

const BlockPtr& Children::top() const {
  static const BlockPtr kNone;
  return empty() ? kNone : root_;
}

size_t Children::size() const {
  return root_ ? root_->size : 0;
}

bool Children::plain() const {
  return !root_ || root_->plain;
}

uint64_t Children::inherits() const {
  return root_ ? root_->inherits() : 0;
}

NodePtr Children::find(uint64_t order, std::string_view text) const {
  const Block* block = top().get();
  if (!block) return nullptr;
  const Key key{order, text};
  while (block->height) block = block->blocks()[branch_of(block->blocks(), key, sorting())].get();
  const size_t at = place_in(block->nodes(), key, sorting());
  return holds(block->nodes(), at, key, sorting()) ? block->nodes()[at] : nullptr;
}

NodePtr Children::last() const {
  return empty() ? nullptr : last_of(*root_);
}

NodePtr Children::previous(const Node& node) const {
  const Key key = key_of(node);
  NodePtr found;
  const Block* block = top().get();
  while (block && block->height) {
    const size_t at = branch_of(block->blocks(), key, sorting());
    if (at > 0) found = last_of(*block->blocks()[at - 1]);
    block = block->blocks()[at].get();
  }
  const size_t at = block ? place_in(block->nodes(), key, sorting()) : 0;
  return at > 0 ? block->nodes()[at - 1] : found;
}

NodePtr Children::next(const Node& node) const {
  const Key key = key_of(node);
  NodePtr found;
  const Block* block = top().get();
  while (block && block->height) {
    const size_t at = branch_of(block->blocks(), key, sorting());
    if (at + 1 < block->blocks().size()) found = first_of(*block->blocks()[at + 1]);
    block = block->blocks()[at].get();
  }
  if (!block) return nullptr;
  size_t at = place_in(block->nodes(), key, sorting());
  at += holds(block->nodes(), at, key, sorting());
  return at < block->nodes().size() ? block->nodes()[at] : found;
}

// In natural order a number at the end may go on in the names: they stand apart then, so it is left
// out of what they are looked up by.
void Children::each_beginning(uint64_t order, std::string_view text, const Take& take) const {
  const bool by_name = sorting() == Sorting::kName;
  while (!by_name && !text.empty() && digit(text.back())) text.remove_suffix(1);
  if (empty()) return;
  visit_from(*top(), {order, text}, sorting(), [&](const NodePtr& node) {
    const std::string_view name = node->text;
    const Parting at = part(text, name);
    const bool here = by_name ? name.starts_with(text)
                              : node->order() == order && !at.order && at.left == text.size();
    if (here) take(node);
    return here;
  });
}

std::optional<Children> Children::of(std::vector<NodePtr> nodes, Sorting sorting) {
  for (size_t i = 1; i < nodes.size(); ++i)
    if (compare(key_of(*nodes[i - 1]), key_of(*nodes[i]), sorting) >= 0) return std::nullopt;
  if (nodes.empty()) return Children(sorting);
  auto blocks = pack(std::move(nodes), [=](std::vector<NodePtr> part) {
    return leaf_block(std::move(part), sorting);
  });
  while (blocks.size() > 1) blocks = pack(std::move(blocks), inner_block);
  return Children(blocks.front());
}

Children Children::put(NodePtr node) const {
  if (empty()) return Children(leaf_block({std::move(node)}, sorting()));
  auto parts = put_into(*root_, node, sorting());
  if (parts.empty()) return *this;
  return Children(parts.size() == 1 ? parts[0] : inner_block(std::move(parts)));
}

Children Children::erase(const Node& node) const {
  if (empty()) return *this;
  Erased erased = erase_from(*root_, key_of(node), sorting());
  if (!erased.found) return *this;
  BlockPtr root = std::move(erased.block);
  if (!root) return Children(sorting());
  while (root->height && root->width == 1) root = BlockPtr(root->blocks().front());
  return Children(std::move(root));
}

void Children::difference(const Children& before, const Children& after, const Differs& differs) {
  static const NodePtr kNone;
  // Whole subtrees come and go: nothing is compared then.
  if (before.empty()) return after.each([&](const NodePtr& node) { differs(kNone, node); });
  if (after.empty()) return before.each([&](const NodePtr& node) { differs(node, kNone); });
  const Sorting sorting = after.sorting();
  Cursor a(before.top()), b(after.top());
  for (align(a, b); !a.done() || !b.done(); align(a, b)) {
    int order = a.done()   ? 1
                : b.done() ? -1
                           : compare(key_of(*a.node()), key_of(*b.node()), sorting);
    const NodePtr left = order <= 0 ? a.node() : kNone;
    const NodePtr right = order >= 0 ? b.node() : kNone;
    if (left) a.next();
    if (right) b.next();
    if (left != right) differs(left, right);
  }
}

}  // namespace nezu::configdb
