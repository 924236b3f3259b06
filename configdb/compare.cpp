#include <algorithm>
#include <functional>
#include <utility>
#include <vector>

#include "configdb/comparison.h"
#include "configdb/text.h"

namespace nezu::configdb {
namespace {

using grammar::Kind;

bool is_list_holder(const Node& node) {
  return node.role == Node::Role::kHolder && node.statement->kind == Kind::kList;
}

class Comparison {
 public:
  explicit Comparison(Path at) : path_(std::move(at)) {}

  std::string take() && { return std::move(text_); }

  /// The children of two nodes at `at`; either may be null.
  void level(const NodePtr& before, const NodePtr& after) {
    differing_children(before.get(), after.get(),
                       [&](const NodePtr& left, const NodePtr& right) { child(left, right); });
  }

  /// A node that stands below `at`.
  void child(const NodePtr& before, const NodePtr& after) {
    const Node& either = after ? *after : *before;
    if (is_list_holder(either)) return list(before, after);
    if (before && after && equal(before, after)) return;
    if (before && after && is_level(either) && !either.statement->one_line)
      return both(before, after);
    if (before) whole('-', before);
    if (after) whole('+', after);
  }

 private:
  void list(const NodePtr& before, const NodePtr& after) {
    const NodePtr& either = after ? after : before;
    if (grouped(*either)) return group(before, after);
    if (after && after->statement->user_ordered) return ordered(before, after);
    level(before, after);
  }

  static bool grouped(const Node& holder) {
    return holder.statement->homogeneous && !holder.statement->no_keyword;
  }

  // A list whose entries stand in common braces: those are a level of their own when both sides
  // have them, though they do not count as depth.
  void group(const NodePtr& before, const NodePtr& after) {
    if (!before || !after) return whole(after ? '+' : '-', after ? after : before);
    group_ = after->statement;
    if (after->statement->user_ordered)
      ordered(before, after);
    else
      level(before, after);
    group_ = nullptr;
  }

  // An entry of a user-ordered list that is new, elsewhere or changed.
  struct Item {
    NodePtr old;  ///< null: new
    NodePtr entry;
    bool placed = false;  ///< new, or behind another entry than before
  };

  // What is gone first, then what is new or changed in the order of the list, with the neighbours
  // of what is new. Cost: what differs.
  void ordered(const NodePtr& before, const NodePtr& after) {
    std::vector<Item> items;
    differing_children(before.get(), after.get(), [&](const NodePtr& left, const NodePtr& right) {
      if (!right) return whole('-', left);
      items.push_back({left, right, !left || moved(*before, *left, *after, *right)});
    });
    std::sort(items.begin(), items.end(),
              [](const Item& a, const Item& b) { return a.entry->order() < b.entry->order(); });
    NodePtr shown;
    for (size_t i = 0; i < items.size(); ++i) {
      const Item& item = items[i];
      if (item.placed) {
        const bool next_comes = i + 1 < items.size() && items[i + 1].placed;
        place_entry(*after, item, next_comes ? items[i + 1].entry : nullptr, shown);
      }
      if (item.old && !equal(item.old, item.entry)) child(item.old, item.entry);
    }
  }

  // The entry between its neighbours; `next_item` prints itself, `shown` was printed last.
  void place_entry(const Node& holder, const Item& item, const NodePtr& next_item, NodePtr& shown) {
    const NodePtr previous = holder.children.previous(*item.entry);
    const NodePtr next = holder.children.next(*item.entry);
    const bool plain_end = group_ && !next;  // as it comes without a word
    if (previous && previous != shown && !plain_end) context(*previous);
    if (item.old)
      line('!', head(*item.entry) + " { ... }");
    else
      whole('+', item.entry);
    shown = item.entry;
    if (!next || next == next_item) return;
    context(*next);
    shown = next;
  }

  void both(const NodePtr& before, const NodePtr& after) {
    marks(*before, *after);
    const auto group = std::exchange(group_, nullptr);
    path_.push_back({after->statement, after->text});
    level(before, after);
    path_.pop_back();
    group_ = group;
  }

  // "!    inactive: unit 0 { ... }"
  void marks(const Node& before, const Node& after) {
    const std::string words = head(after) + " { ... }";
    if (before.inactive != after.inactive)
      line('!', (after.inactive ? "inactive: " : "active: ") + words);
    if (before.protect != after.protect)
      line('!', (after.protect ? "protect: " : "unprotect: ") + words);
    if (same_annotation(before, after)) return;
    comment('-', before);
    comment('+', after);
    line(' ', words);
  }

  void comment(char sign, const Node& node) {
    if (!node.annotation()) return;
    std::string words = "/* " + *node.annotation() + " */";
    for (size_t at = 0; (at = words.find('\n', at)) != std::string::npos;)
      words.insert(++at, 1, sign);
    line(sign, words);
  }

  void context(const Node& entry) { line(' ', head(entry) + " { ... }"); }

  std::string head(const Node& node) const {
    if (group_) return grammar::quote(node.text);
    const grammar::Statement* parent = node.statement->parent;
    const std::string joined = parent && parent->joined ? parent->name + " " : "";
    return joined + grammar::step_words({node.statement, node.text});
  }

  void line(char sign, const std::string& words) {
    header();
    text_ += sign + std::string(place().size() + 2, ' ') + words + "\n";
  }

  void whole(char sign, const NodePtr& node) {
    header();
    const int depth = static_cast<int>(place().size());
    auto writer = grammar::curly_writer([&](std::string_view part) { text_ += part; },
                                        {depth + 1, depth + 2, std::string(1, sign), group_});
    write_node(node, *writer);
    writer->finish();
  }

  // Again whenever the walk comes back from below.
  void header() {
    Path at = place();
    if (group_) at.push_back({group_, ""});
    const std::string words = grammar::path_words(at);
    std::string wanted = words.empty() ? "[edit]\n" : "[edit " + words + "]\n";
    if (wanted != header_) text_ += wanted;
    header_ = std::move(wanted);
  }

  // Where the statements stand that are printed now: a container whose name is printed before its
  // containers' names ("family inet") is no level.
  Path place() const {
    Path place = path_;
    if (!place.empty() && place.back().statement->joined) place.pop_back();
    return place;
  }

  Path path_;
  const grammar::Statement* group_ = nullptr;  ///< the list whose common braces it is in
  std::string text_;
  std::string header_;
};

}  // namespace

bool is_level(const Node& node) {
  return node.role != Node::Role::kHolder && node.statement->holds_statements();
}

bool moved(const Node& before, const Node& old, const Node& after, const Node& entry) {
  if (old.order() == entry.order()) return false;
  const NodePtr was = before.children.previous(old), is = after.children.previous(entry);
  return !was != !is || (was && was->text != is->text);
}

std::string compare(const NodePtr& before, const NodePtr& after, const Path& path) {
  const NodePtr left = find(before, path), right = find(after, path);
  if (left == right) return {};
  const Node& either = right ? *right : *left;
  const bool level = is_level(either) && left && right;
  Path at = path;
  if (!level && !at.empty()) at.pop_back();
  Comparison comparison(at);
  if (level)
    comparison.level(left, right);
  else
    comparison.child(left, right);
  return std::move(comparison).take();
}

}  // namespace nezu::configdb
