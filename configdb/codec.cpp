#include "configdb/codec.h"

#include <algorithm>
#include <map>
#include <stdexcept>

#include "configdb/node.h"
#include "configdb/twins.h"

namespace nezu::configdb {
namespace {

using grammar::Statement;

enum Op : uint8_t { kRemove, kPut, kEnter };
enum Mark : uint8_t { kInactive = 1, kProtect = 2, kAnnotated = 4, kLabelled = 8 };

class Writer {
 public:
  std::string take() && { return std::move(bytes_); }

  void patch(const Node* before, const Node& after) {
    header(after);
    const size_t count_at = bytes_.size();
    size_t count = 0;
    differing_children(before, &after, [&](const NodePtr& left, const NodePtr& right) {
      difference(left, right);
      ++count;
    });
    insert_number(count_at, count);
  }

 private:
  void difference(const NodePtr& before, const NodePtr& after) {
    const bool same_kind = before && after;
    bytes_.push_back(!after ? kRemove : same_kind ? kEnter : kPut);
    const Node& either = after ? *after : *before;
    name(either);
    if (after) patch(before.get(), *after);
  }

  // What finds the child in its parent.
  void name(const Node& node) {
    if (node.role == Node::Role::kEntry) return string(node.text);
    const std::string& word = node.statement->name;
    const auto [at, fresh] = dictionary_.emplace(word, dictionary_.size());
    number(at->second);
    if (fresh) string(word);
  }

  void header(const Node& node) {
    const bool labelled = node.role == Node::Role::kEntry && node.order();
    bytes_.push_back((node.inactive ? kInactive : 0) | (node.protect ? kProtect : 0) |
                     (node.annotation() ? kAnnotated : 0) | (labelled ? kLabelled : 0));
    if (node.role == Node::Role::kStatement) string(node.text);
    if (node.annotation()) string(*node.annotation());
    if (labelled) number(node.order());
  }

  static std::string leb128(uint64_t value) {
    std::string out;
    for (; value >= 0x80; value >>= 7) out.push_back(static_cast<char>(value | 0x80));
    out.push_back(static_cast<char>(value));
    return out;
  }
  void number(uint64_t value) { bytes_ += leb128(value); }
  void insert_number(size_t at, uint64_t value) { bytes_.insert(at, leb128(value)); }
  void string(std::string_view text) {
    number(text.size());
    bytes_ += text;
  }

  std::string bytes_;
  std::map<std::string, uint64_t, std::less<>> dictionary_;
};

// Throws inside, so that decoding reads straight; decode() turns that into a value.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : rest_(bytes) {}

  bool done() const { return rest_.empty(); }

  NodePtr patch(const NodePtr& before, Node node) {
    header(node);
    uint64_t left = number();
    // A long new list is built in one go.
    if (!before && node.children.empty() && left > 1)
      return twins_.freeze(whole(std::move(node), left));
    for (; left; --left) node = difference(std::move(node));
    return twins_.freeze(std::move(node));
  }

 private:
  [[noreturn]] static void fail() { throw std::runtime_error("it is damaged"); }

  // `node`, which is empty, with the `count` children that come; in order, as the writer walks.
  Node whole(Node node, uint64_t count) {
    std::vector<NodePtr> children;
    for (; count; --count) {
      if (byte() != kPut) fail();
      children.push_back(patch(nullptr, name(node)));
    }
    if (node.role != Node::Role::kHolder || !node.statement->user_ordered) {
      auto sorted = Children::of(std::move(children), Children::Sorting::kPlace);
      if (!sorted) fail();
      node.children = std::move(*sorted);
      return node;
    }
    if (!put_ordered(node, std::move(children))) fail();
    return node;
  }

  Node difference(Node parent) {
    const uint8_t op = byte();
    if (op > kEnter) fail();
    Node blank = name(parent);
    const bool entry = blank.role == Node::Role::kEntry;
    const NodePtr old = entry ? entry_of(parent, blank.text) : child_of(parent, *blank.statement);
    if ((op == kPut) != (old == nullptr)) fail();
    if (op == kRemove) return without_child(std::move(parent), *old);
    const NodePtr child = patch(old, op == kEnter ? Node(*old) : std::move(blank));
    return with_child(std::move(parent), child);
  }

  // A blank node for the child that is named next.
  Node name(const Node& parent) {
    if (parent.role == Node::Role::kHolder) return make_entry(*parent.statement, string());
    const uint64_t id = number();
    if (id > dictionary_.size()) fail();
    if (id == dictionary_.size()) dictionary_.push_back(string());
    const Statement* statement = parent.statement->child(dictionary_[id]);
    if (!statement)
      throw std::runtime_error("it has the statement '" + dictionary_[id] +
                               "', which this version does not know");
    return has_entries(*statement) ? make_holder(*statement) : make_statement(*statement);
  }

  void header(Node& node) {
    const uint8_t marks = byte();
    node.inactive = marks & kInactive;
    node.protect = marks & kProtect;
    if (node.role == Node::Role::kStatement) node.text = string();
    const std::string annotation = marks & kAnnotated ? string() : "";
    node.annotate(marks & kAnnotated ? &annotation : nullptr);
    if (node.role != Node::Role::kEntry) return;
    node.set_label(marks & kLabelled ? number() : 0);
    if ((node.order() != 0) != node.statement->user_ordered) fail();
  }

  uint8_t byte() {
    if (rest_.empty()) fail();
    const uint8_t value = rest_.front();
    rest_.remove_prefix(1);
    return value;
  }
  uint64_t number() {
    uint64_t value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      const uint8_t part = byte();
      value |= uint64_t{part & 0x7fu} << shift;
      if (!(part & 0x80)) return value;
    }
    fail();
  }
  std::string string() {
    const uint64_t size = number();
    if (size > rest_.size()) fail();
    std::string text(rest_.substr(0, size));
    rest_.remove_prefix(size);
    return text;
  }

  std::string_view rest_;
  std::vector<std::string> dictionary_;
  Twins twins_;
};

}  // namespace

std::string encode(const NodePtr& before, const NodePtr& after) {
  Writer writer;
  writer.patch(before.get(), *after);
  return std::move(writer).take();
}

Decoded decode(const grammar::Schema& schema, const NodePtr& before, std::string_view patch) {
  try {
    Reader reader(patch);
    NodePtr root = reader.patch(nullptr, before ? *before : *make_root(schema));
    if (!reader.done()) return {nullptr, "it is damaged"};
    return {std::move(root), {}};
  } catch (const std::runtime_error& broken) {
    return {nullptr, broken.what()};
  }
}

}  // namespace nezu::configdb
