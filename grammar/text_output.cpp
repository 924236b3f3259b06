#include <deque>
#include <list>
#include <set>
#include <vector>

#include "grammar/layout.h"
#include "grammar/layout_part.h"

namespace nezu::grammar {
namespace {

using Part = Layout::Part;

constexpr size_t kMostWaiting = 256 << 10;  ///< bytes of one top-level element

// A part of a section without the conditions around it: those stand beside it.
struct Piece {
  const Part* part;
  std::vector<const Part*> conditions;
};
using Pieces = std::vector<Piece>;

bool is_condition(const Part& part) {
  return part.kind == Part::Kind::kIf || part.kind == Part::Kind::kUnless ||
         part.kind == Part::Kind::kBetween;
}

void flatten(const std::vector<Part>& parts, const std::vector<const Part*>& around, Pieces& to) {
  for (const auto& part : parts) {
    if (is_condition(part)) {
      auto conditions = around;
      conditions.push_back(&part);
      flatten(part.parts, conditions, to);
    } else {
      to.push_back({&part, around});
    }
  }
}

// Something that was written and not printed yet.
struct Node {
  std::string name;
  std::string value;
  bool is_leaf = false;
  std::list<Node> children;  // a list: open elements stay where they are
  // Of an element that is printed while it is still open:
  bool begun = false;
  bool first = true;                        ///< of its name in its parent
  Pieces pieces;                            ///< of its section
  size_t cursor = 0;                        ///< the piece that comes next
  std::set<std::string, std::less<>> gone;  ///< names of elements printed and forgotten

  void begin(const std::vector<Part>& parts) {
    begun = true;
    flatten(parts, {}, pieces);
  }

  const Node* child(std::string_view wanted) const {
    for (const auto& node : children)
      if (node.name == wanted) return &node;
    return nullptr;
  }
  bool has(std::string_view wanted) const { return child(wanted) || gone.contains(wanted); }
};

// The element a name is looked up in, and those around it.
struct Scope {
  const Node* node;
  const Scope* outer;
  bool first = true;  ///< no element of that name was printed before it

  const Node* find(std::string_view name) const {
    for (auto scope = this; scope; scope = scope->outer) {
      if (scope->node->is_leaf && scope->node->name == name) return scope->node;
      if (const auto found = scope->node->child(name)) return found;
    }
    return nullptr;
  }
  bool has(std::string_view name) const {
    if (name.starts_with('.')) return node->has(name.substr(1));
    for (auto scope = this; scope; scope = scope->outer)
      if (scope->node->has(name)) return true;
    return false;
  }
};

class TextOutput : public Output {
 public:
  TextOutput(const Layout& layout, Sink sink) : sink_(std::move(sink)) {
    root_.begin(layout.root().parts);
    open_.push_back(&root_);
  }

  ~TextOutput() override {
    while (open_.size() > 1) TextOutput::close();
    print_rest(root_, nullptr);
    send();
  }

  void open(std::string_view name) override {
    Node& node = open_.back()->children.emplace_back();
    node.name = name;
    open_.push_back(&node);
  }

  void leaf(std::string_view name, std::string_view value) override {
    Node& node = open_.back()->children.emplace_back();
    node.name = name;
    node.value = value;
    node.is_leaf = true;
    waiting_ += sizeof(Node) + value.size();
  }

  void close() override {
    if (open_.size() == 1) return;
    const bool top = open_.size() == 2;
    open_.pop_back();
    waiting_ += sizeof(Node);
    // An element that is half printed is finished at once; whole ones wait for their turn.
    Node& parent = *open_.back();
    if (parent.children.back().begun || top || waiting_ > kMostWaiting) {
      print_open();
      send();
      waiting_ = 0;
    }
  }

 private:
  // Prints what is complete in all open elements, as far as the order of the layout allows.
  void print_open() {
    std::deque<Scope> scopes;
    for (size_t depth = 0; depth < open_.size(); ++depth) {
      Node& node = *open_[depth];
      if (!node.begun) return;
      scopes.push_back({&node, scopes.empty() ? nullptr : &scopes.back(), node.first});
      print_complete(node, scopes.back(), depth + 1 < open_.size() ? open_[depth + 1] : nullptr);
    }
  }

  // Prints and forgets the complete elements of `node`; begins `next`, which is still open.
  void print_complete(Node& node, const Scope& scope, Node* next) {
    for (auto child = node.children.begin(); child != node.children.end();) {
      if (child->is_leaf) {
        ++child;
        continue;
      }
      const Part* section = child->begun ? nullptr : reach(node, child->name, scope);
      if (!child->begun) child->first = !node.gone.contains(child->name);
      if (&*child == next) {
        if (section) next->begin(section->parts);
        return;
      }
      if (child->begun)
        print_rest(*child, &scope);
      else if (section)
        print_element(section->parts, {&*child, &scope, child->first});
      node.gone.insert(child->name);
      child = node.children.erase(child);
    }
  }

  // Moves to the section for elements `name`, printing what stands before it; null: there is none.
  const Part* reach(Node& node, std::string_view name, const Scope& scope) {
    for (size_t at = node.cursor; at < node.pieces.size(); ++at) {
      const Part& part = *node.pieces[at].part;
      if (part.kind != Part::Kind::kEach || part.text != name) continue;
      for (; node.cursor < at; ++node.cursor) print_piece(node.pieces[node.cursor], scope);
      return &part;
    }
    return nullptr;
  }

  void print_rest(Node& node, const Scope* outer) {
    const Scope scope{&node, outer, node.first};
    print_complete(node, scope, nullptr);
    for (; node.cursor < node.pieces.size(); ++node.cursor)
      print_piece(node.pieces[node.cursor], scope);
  }

  static bool holds(const Part& condition, const Scope& scope) {
    if (condition.kind == Part::Kind::kBetween) return !scope.first;
    return scope.has(condition.text) == (condition.kind == Part::Kind::kIf);
  }

  void print_piece(const Piece& piece, const Scope& scope) {
    for (const auto condition : piece.conditions)
      if (!holds(*condition, scope)) return;
    print(*piece.part, scope);
  }

  void print_element(const std::vector<Part>& parts, const Scope& scope) {
    for (const auto& part : parts) print(part, scope);
  }

  void print_each(const Part& part, const Scope& scope) {
    bool first = true;
    for (const auto& node : scope.node->children) {
      if (node.name != part.text) continue;
      print_element(part.parts, {&node, &scope, first});
      first = false;
    }
  }

  void print(const Part& part, const Scope& scope) {
    switch (part.kind) {
      case Part::Kind::kText:
        text_ += part.text;
        break;
      case Part::Kind::kValue:
        print_value(part, scope.find(part.text));
        break;
      case Part::Kind::kEach:
        print_each(part, scope);
        break;
      case Part::Kind::kIf:
      case Part::Kind::kUnless:
      case Part::Kind::kBetween:
        if (!holds(part, scope)) break;
        for (const auto& inner : part.parts) print(inner, scope);
        break;
    }
  }

  void print_value(const Part& part, const Node* node) {
    const std::string_view value = node ? std::string_view(node->value) : "";
    const auto width = static_cast<size_t>(part.width);
    const std::string padding(width > value.size() ? width - value.size() : 0, ' ');
    if (part.right) text_ += padding;
    text_ += value;
    if (!part.right) text_ += padding;
    if (part.wrap && value.size() > width) text_ += "\n" + std::string(width, ' ');
  }

  void send() {
    if (!text_.empty()) sink_(text_);
    text_.clear();
  }

  Sink sink_;
  Node root_;
  std::vector<Node*> open_;
  size_t waiting_ = 0;
  std::string text_;
};

}  // namespace

std::unique_ptr<Output> text_output(const Layout& layout, Sink sink) {
  return std::make_unique<TextOutput>(layout, std::move(sink));
}

}  // namespace nezu::grammar
