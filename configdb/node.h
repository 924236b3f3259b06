#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "configdb/children.h"
#include "configdb/node_text.h"
#include "configdb/tree.h"
#include "grammar/schema.h"

namespace nezu::configdb {

/// One immutable node of a tree. Made through the functions below, never changed.
///
/// A list or leaf-list is a holder whose children are its entries or values, so a container has at
/// most one child for each of its statements.
class Node {
 public:
  enum class Role : uint8_t {
    kStatement,  ///< container, leaf or flag
    kHolder,     ///< a list or leaf-list
    kEntry,      ///< an entry of a list, a value of a leaf-list
  };

  Node() = default;
  Node(const Node& other) = default;
  Node(Node&& other) = default;
  Node& operator=(const Node& other) = default;
  Node& operator=(Node&& other) = default;

  const grammar::Statement* statement = nullptr;
  NodeText text;  ///< a leaf's or leaf-list value; an entry's key
  Children children;

  /// Place among its siblings: the statement's place in the schema; for an entry of a user-ordered
  /// list its label, 0 for other entries.
  uint64_t order() const {
    return role == Role::kEntry ? text.label() : statement ? statement->place : 0;
  }
  void set_label(uint64_t label) { text.set_label(label); }
  /// The comment of the statement; null: none.
  const std::string* annotation() const { return text.annotation(); }
  void annotate(const std::string* comment) { text.annotate(comment); }  ///< null: takes it away
  /// Of the holder of a user-ordered list with many entries: its children by name. Of others it is
  /// empty; see by_name().
  const Children& names() const { return text.names(); }
  void set_names(Children names) { text.set_names(std::move(names)); }

  /// Whether neither this nor anything below is inactive, protected or annotated.
  bool plain() const { return !inactive && !protect && !annotation() && children.plain(); }

  /// Why this, or anything below, is not its own effective tree although it is plain: a sum of
  /// kInheritsHere, kAppliesPath, kNamesRange and group_bit() of each group that is applied or
  /// excepted. 0: it is.
  uint64_t inherits() const;

 private:
  friend void hold(const Node* node);
  friend void release(const Node* node);
  friend NodePtr freeze(Node node);

  mutable Count holders_;

 public:
  Role role = Role::kStatement;
  bool inactive = false;
  bool protect = false;
};

inline constexpr uint64_t kInheritsHere = 1;  ///< groups, a wildcard, an interface-range
inline constexpr uint64_t kAppliesPath = 2;   ///< apply-path
inline constexpr uint64_t kNamesRange = 4;    ///< an entry that may be named by an interface-range
/// What is looked at wherever it is, and not for a group's sake.
inline constexpr uint64_t kNoGroup = kInheritsHere | kAppliesPath | kNamesRange;
/// One of 61 bits; several groups may have the same.
uint64_t group_bit(std::string_view group);

/// The label distance between neighbours when entries are appended.
inline constexpr uint64_t kLabelGap = uint64_t{1} << 32;

NodePtr make_root(const grammar::Schema& schema);
/// A container, leaf or flag; `text` is the leaf's value.
Node make_statement(const grammar::Statement& statement, std::string_view text = {});
Node make_holder(const grammar::Statement& list);
/// Of a user-ordered list, `label` is where it stands; see next_label().
Node make_entry(const grammar::Statement& list, std::string_view text, uint64_t label = 0);
uint64_t next_label(const Node& holder);  ///< 0 unless user-ordered

NodePtr freeze(Node node);

/// The child of a container or entry; null if there is none.
NodePtr child_of(const Node& parent, const grammar::Statement& statement);
/// How many entries an ordered list may have before it keeps an index of their names.
inline constexpr size_t kMostUnnamed = 16;
/// The children of the holder of a user-ordered list, sorted by name.
Children by_name(const Node& holder);
/// Gives the holder of a user-ordered list all its entries at once, by their labels, and those with
/// one label by their names. False: two have the same name.
bool put_ordered(Node& holder, std::vector<NodePtr> entries);
/// The entry or value of a holder; null if there is none.
NodePtr entry_of(const Node& holder, std::string_view text);

/// `parent` with or without a child (by statement, or by entry text in a holder).
Node with_child(Node parent, NodePtr child);
Node without_child(Node parent, const Node& child);

/// Whether it stands in a tree as a holder: a list or leaf-list.
bool has_entries(const grammar::Statement& statement);
/// Whether an entry of this list with this key may stand for those of an interface-range.
bool may_name_range(const grammar::Statement& list, std::string_view key);
/// Whether both have the same comment, or none.
bool same_annotation(const Node& a, const Node& b);

/// Whether it exists by its contents only, and has none: a container or a holder.
bool empty_vessel(const Node& node);
/// The children of `parent` that a choice excludes beside a statement of it.
std::vector<NodePtr> rivals_of(const Node& parent, const grammar::Statement& chosen);

/// Children::difference of two nodes with the same statement, either of which may be null. Entries
/// of a user-ordered list are matched by name, so one that only moved is one difference.
void differing_children(const Node* before, const Node* after, const Children::Differs& differs);

/// Same content: statements, texts, marks and order of entries. Equal pointers cost nothing.
bool equal(const NodePtr& a, const NodePtr& b);

}  // namespace nezu::configdb
