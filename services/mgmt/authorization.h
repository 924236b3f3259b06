#pragma once
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "configdb/edit.h"
#include "configdb/tree.h"
#include "grammar/commands.h"
#include "services/mgmt/permissions.h"
#include "services/mgmt/rpc.h"

/// What one user may do and see: by his class in the active configuration.
namespace re2 {
class RE2;
}

namespace nezu::mgmt {

/// Expressions of a class, each of which may match, in time linear in the text. One that is no
/// expression matches everything if `broken`, nothing otherwise.
class Expressions {
 public:
  Expressions() = default;
  Expressions(const std::vector<std::string>& texts, bool broken);

  /// Whether it is an expression at all.
  static bool valid(const std::string& text);

  bool empty() const { return patterns_.empty(); }
  /// How much of the text one of them matches, from its beginning; nullopt: none does.
  std::optional<size_t> match(std::string_view text) const;
  const std::string& text() const { return text_; }  ///< as they are shown; "none"

 private:
  std::vector<std::shared_ptr<const re2::RE2>> patterns_;  ///< null: broken
  bool broken_ = false;
  std::string text_ = "none";
};

/// A command of the schema as expressions see it: in full, its arguments in the schema's order.
std::string full_words(const grammar::Command& command, const Input& inputs);

class Authorization {
 public:
  /// `owner`: the account the router runs as, or root: super-user, whatever is configured. A user
  /// who is not configured, or whose class is none, is unauthorized.
  Authorization(std::string user, bool owner, const configdb::View& effective);

  const std::string& class_name() const { return class_; }
  bool all() const { return all_; }  ///< nothing is to be asked

  /// Of a command in its full words, with what follows as typed.
  bool may_give(std::string_view command, bool configuration_mode) const;
  bool may_view(const grammar::Path& path) const;
  bool may_change(const grammar::Path& path) const;
  bool sees_secrets() const { return permissions_.has(Permission::kSecret); }

  /// A tree as this user sees it: without what he may not view, and with kHiddenSecret in the place
  /// of secrets.
  configdb::NodePtr visible(const configdb::NodePtr& tree) const;

  /// Why the user may not turn one candidate into the other: "error: permission denied: …"; "" if
  /// he may. Cost: what differs.
  std::string refusal(const configdb::NodePtr& before, const configdb::NodePtr& after) const;

  /// `show cli authorization`.
  std::string show() const;

 private:
  void take_class(const configdb::View& its_class);
  bool by_expressions(const grammar::Path& path, bool by_permission) const;
  bool wins(std::optional<size_t> denied, std::optional<size_t> allowed) const;
  bool leads_to_secret(const grammar::Statement& statement) const;
  bool settles(const grammar::Path& path) const;
  configdb::NodePtr visible(const configdb::NodePtr& node, grammar::Path& path) const;
  configdb::NodePtr visible_leaf(const configdb::NodePtr& leaf, const grammar::Path& path) const;
  configdb::NodePtr visible_level(const configdb::NodePtr& node, grammar::Path& path) const;

  std::string user_, class_ = "unauthorized";
  bool all_ = false;
  Permissions permissions_;
  Expressions allow_commands_, deny_commands_, allow_configuration_, deny_configuration_;
  mutable std::map<const grammar::Statement*, bool> leads_;  ///< what leads_to_secret() found
  /// The -regexps forms; in the others the longer match wins, and `allow` of two that are equal.
  bool deny_wins_ = false;
};

}  // namespace nezu::mgmt
