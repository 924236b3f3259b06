#pragma once
#include <string_view>
#include <vector>

#include "configdb/edit.h"
#include "configdb/twins.h"

namespace nezu::configdb {

/// Many settings of one tree, each near the last: the containers on the way stay open, and what
/// comes into one of them is put into the tree together. A line of a long `load` costs what it
/// adds, not the way from the root.
class Assembly {
 public:
  explicit Assembly(NodePtr root);

  /// configdb::set() of a path whose values are canonical, as readers give them.
  Edited set(const Path& path);

  /// The tree as it is now; nothing is open after it.
  const NodePtr& root();
  void replace(NodePtr root);
  /// Something in the tree is protected from now on.
  void heed_protection() { protected_ = true; }

 private:
  static constexpr size_t kMostHeld = 64;

  // A node that is open, and those of its children that are not in it yet, in their order.
  struct Open {
    Node node;
    size_t depth = 0;  ///< steps of path_ up to it; a list is as deep as its open entry
    bool changed = false;
    std::vector<NodePtr> held;
  };

  void close_down(const Path& path);
  void close_one();
  void enter(const Step& step, size_t depth);
  void open(const grammar::Statement& statement, std::string_view entry, size_t depth);
  void add_value(const Step& step);

  static NodePtr child(const Open& parent, const grammar::Statement& statement,
                       std::string_view entry);
  static void put(Open& parent, NodePtr child);
  static void drop_rivals(Open& parent, const grammar::Statement& chosen);
  static uint64_t label_after(const Open& holder);
  static void settle(Open& open);

  NodePtr root_;
  bool protected_ = false;  ///< something is: every path has to be looked at for it
  std::vector<Open> open_;  ///< empty: root_ is whole
  Path path_;               ///< the steps that are open
  Twins twins_;
};

}  // namespace nezu::configdb
