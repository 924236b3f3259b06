#pragma once
#include <optional>
#include <string>
#include <vector>

#include "configdb/node.h"
#include "configdb/tree.h"
#include "grammar/path.h"

/// Edits of a RAW tree. Each returns a new root and leaves the old one as it was.
namespace nezu::configdb {

using grammar::Path;
using grammar::Step;

struct Edited {
  NodePtr root;       ///< the tree as it is now; the old one if there is an error
  std::string error;  ///< "" or the message without "error: "
  /// "statement not found", "[interfaces em0] is protected, …"; further ones each on a line of
  /// its own behind "warning: ".
  std::string warning;
  bool ok() const { return error.empty() && warning.empty(); }
};

/// Adds what the path names: missing containers and entries on the way, then the last step.
/// A value or key that its type refuses is an error with the type's words. Members of one choice
/// replace each other.
Edited set(const NodePtr& root, const Path& path);

/// Removes what the path names; containers that become empty vanish with it. An empty value at the
/// last step means the whole list, leaf or leaf-list; an empty path everything. What is protected
/// stays, with what it stands in, and a warning each.
Edited remove(const NodePtr& root, const Path& path);

inline constexpr char kStatementNotFound[] = "statement not found";

/// Gives the values and keys of a path their canonical spelling; what a type says against one, ""
/// if nothing.
std::string admit(Path& path);

enum class Mark { kInactive, kProtect };
/// activate, deactivate, protect and unprotect.
Edited mark(const NodePtr& root, const Path& path, Mark mark, bool on);
/// Sets the comment of a statement; empty text removes it.
Edited annotate(const NodePtr& root, const Path& path, std::string text);

/// Moves an entry of a user-ordered list before or after another; null `other`: to the end.
Edited insert(const NodePtr& root, const Path& path, bool before, std::string_view other);

/// Puts a whole subtree in the place of what `path` names, or removes it if `subtree` is null.
/// The subtree's statement and value are those of the last step.
NodePtr graft(const NodePtr& root, const Path& path, NodePtr subtree);

/// The node at the path; null if there is none. A list step with an empty value is its holder.
NodePtr find(const NodePtr& root, const Path& path);

}  // namespace nezu::configdb
