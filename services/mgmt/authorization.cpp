#include "services/mgmt/authorization.h"

#include <re2/re2.h>

#include <algorithm>

#include "configdb/node.h"
#include "configdb/validate.h"
#include "grammar/secret.h"

namespace nezu::mgmt {
namespace {
using configdb::Node;
using configdb::NodePtr;
using configdb::View;
using grammar::Kind;
using grammar::Path;

constexpr int64_t kMatchMemory = 1 << 20;  // of one expression: they come from the configuration

std::shared_ptr<const re2::RE2> compile(const std::string& text) {
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_longest_match(true);
  options.set_max_mem(kMatchMemory);
  // Alternatives as one: "a|b" is bound to the beginning as a whole.
  auto made = std::make_shared<const re2::RE2>("(?:" + text + ")", options);
  return made->ok() ? made : nullptr;
}

// One leaf, or all values of its -regexps form.
std::vector<std::string> expressions_of(const View& its_class, const std::string& name) {
  auto texts = its_class.statement()->child(name + "-regexps") ? its_class.values(name + "-regexps")
                                                               : std::vector<std::string>();
  if (const std::string one = its_class[name].value(); !one.empty()) texts.push_back(one);
  return texts;
}

NodePtr hidden(const NodePtr& leaf) {
  Node copy = *leaf;
  copy.text = grammar::kHiddenSecret;
  return configdb::freeze(std::move(copy));
}
}  // namespace

Expressions::Expressions(const std::vector<std::string>& texts, bool broken) : broken_(broken) {
  for (const auto& text : texts) {
    patterns_.push_back(compile(text));
    text_ = patterns_.size() == 1 ? text : text_ + " " + text;
  }
}

bool Expressions::valid(const std::string& text) {
  return compile(text) != nullptr;
}

std::optional<size_t> Expressions::match(std::string_view text) const {
  std::optional<size_t> longest;
  for (const auto& pattern : patterns_) {
    const re2::StringPiece whole(text.data(), text.size());
    re2::StringPiece found = whole;
    const bool matches =
        pattern ? pattern->Match(whole, 0, text.size(), re2::RE2::ANCHOR_START, &found, 1)
                : broken_;
    if (matches) longest = std::max(longest.value_or(0), found.size());
  }
  return longest;
}

std::string full_words(const grammar::Command& command, const Input& inputs) {
  std::string text = command.command;
  if (!command.input) return text;
  for (const auto* argument : command.input->children) {
    const auto given = inputs.find(argument->name);
    if (given == inputs.end()) continue;
    if (!argument->no_keyword) text += " " + argument->name;
    if (!given->second.empty()) text += " " + given->second;
  }
  return text;
}

Authorization::Authorization(std::string user, bool owner, const View& effective)
    : user_(std::move(user)) {
  if (owner || user_ == "root") {
    class_ = "super-user";
    permissions_.add(Permission::kAll);
    all_ = true;
    return;
  }
  const View login = effective["system"]["login"];
  const View account = login ? login.entry("user", user_) : View();
  const std::string name = account ? account["class"].value() : "";
  if (const auto predefined = Permissions::of_class(name)) {
    class_ = name;
    permissions_ = *predefined;
    all_ = permissions_.has(Permission::kAll);
  } else if (const View configured = login ? login.entry("class", name) : View(); configured) {
    class_ = name;
    take_class(configured);
  }
}

void Authorization::take_class(const View& its_class) {
  for (const auto& word : its_class.values("permissions")) permissions_.add(word);
  allow_commands_ = Expressions(expressions_of(its_class, "allow-commands"), false);
  deny_commands_ = Expressions(expressions_of(its_class, "deny-commands"), true);
  allow_configuration_ = Expressions(expressions_of(its_class, "allow-configuration"), false);
  deny_configuration_ = Expressions(expressions_of(its_class, "deny-configuration"), true);
  for (const char* form : {"allow-commands-regexps", "deny-commands-regexps",
                           "allow-configuration-regexps", "deny-configuration-regexps"})
    deny_wins_ = deny_wins_ || !its_class.values(form).empty();
  all_ =
      permissions_.has(Permission::kAll) && deny_commands_.empty() && deny_configuration_.empty();
}

bool Authorization::may_give(std::string_view command, bool configuration_mode) const {
  if (all_) return true;
  const auto needed = needed_for_command(command, configuration_mode);
  const auto allowed = allow_commands_.match(command), denied = deny_commands_.match(command);
  if (wins(denied, allowed)) return false;
  const bool secret = !configuration_mode && tells_keys(command);
  const bool permitted = !needed || permissions_.has(*needed);
  return allowed || (permitted && (!secret || sees_secrets()));
}

bool Authorization::wins(std::optional<size_t> denied, std::optional<size_t> allowed) const {
  return denied && (deny_wins_ || !allowed || *denied > *allowed);
}

// What an expression says of a statement holds for all below it.
bool Authorization::by_expressions(const Path& path, bool by_permission) const {
  if (allow_configuration_.empty() && deny_configuration_.empty()) return by_permission;
  std::optional<size_t> allowed, denied;
  const size_t first = !path.empty() && path[0].statement->groups ? 1 : 0;
  for (size_t size = first + 1; size <= path.size(); ++size) {
    Path part(path.begin() + static_cast<long>(first), path.begin() + static_cast<long>(size));
    if (part.back().statement->secret) part.back().value.clear();
    const std::string words = grammar::path_words(part);
    allowed = std::max(allowed, allow_configuration_.match(words));
    denied = std::max(denied, deny_configuration_.match(words));
  }
  if (wins(denied, allowed)) return false;
  return allowed || by_permission;
}

bool Authorization::may_view(const Path& path) const {
  if (all_ || path.empty()) return true;
  const bool permitted =
      permissions_.has(needed_to_view(path)) || permissions_.has(needed_to_change(path)) ||
      permissions_.has(Permission::kViewConfiguration) || permissions_.has(Permission::kControl);
  return by_expressions(path, permitted);
}

bool Authorization::may_change(const Path& path) const {
  if (all_) return true;
  for (const auto& step : path)
    if (step.statement->secret && !permissions_.has(Permission::kSecretControl)) return false;
  const bool permitted =
      permissions_.has(needed_to_change(path)) || permissions_.has(Permission::kControl);
  return by_expressions(path, permitted);
}

NodePtr Authorization::visible(const NodePtr& tree) const {
  if (all_ || !tree) return tree;
  Path path;
  return visible(tree, path);
}

// Whether it is a secret, or has one somewhere below.
bool Authorization::leads_to_secret(const grammar::Statement& statement) const {
  if (statement.secret || statement.groups) return true;
  const auto known = leads_.find(&statement);
  if (known != leads_.end()) return known->second;
  const bool leads = std::any_of(statement.children.begin(), statement.children.end(),
                                 [this](const auto* child) { return leads_to_secret(*child); });
  return leads_[&statement] = leads;
}

// Whether nothing below can be otherwise permitted than this.
bool Authorization::settles(const Path& path) const {
  if (!allow_configuration_.empty() || !deny_configuration_.empty() || path.empty()) return false;
  return path.size() >= (path[0].statement->groups ? 3u : 2u);
}

// Null: nothing of it.
NodePtr Authorization::visible(const NodePtr& node, Path& path) const {
  const bool step = node->role != Node::Role::kHolder && node->statement->parent;
  if (step) path.push_back({node->statement, node->text});
  NodePtr seen = step && !node->statement->holds_statements() ? visible_leaf(node, path)
                                                              : visible_level(node, path);
  if (step) path.pop_back();
  return seen;
}

NodePtr Authorization::visible_leaf(const NodePtr& leaf, const Path& path) const {
  if (!may_view(path)) return nullptr;
  return leaf->statement->secret && !sees_secrets() ? hidden(leaf) : leaf;
}

NodePtr Authorization::visible_level(const NodePtr& node, Path& path) const {
  const bool step = node->role != Node::Role::kHolder && node->statement->parent;
  if (step && settles(path)) {
    if (!may_view(path)) return nullptr;
    if (sees_secrets() || !leads_to_secret(*node->statement)) return node;
  }
  Node copy = *node;
  node->children.each([&](const NodePtr& child) {
    const NodePtr seen = visible(child, path);
    if (!seen)
      copy = configdb::without_child(std::move(copy), *child);
    else if (seen != child)
      copy = configdb::with_child(std::move(copy), seen);
  });
  const bool root = !node->statement->parent;
  const bool lasts =
      root || (step && may_view(path) &&
               (node->children.empty() || node->statement->kind != Kind::kContainer));
  if (copy.children.empty() && !lasts) return nullptr;
  return copy.children == node->children ? node : configdb::freeze(std::move(copy));
}

std::string Authorization::refusal(const NodePtr& before, const NodePtr& after) const {
  if (all_ || before == after) return {};
  std::string refused;
  configdb::visit_differences(
      before, after, [&](const Path& path, const NodePtr& left, const NodePtr& right) {
        if (!refused.empty() || path.empty()) return;
        const Node& node = right ? *right : *left;
        const bool marked = left && right &&
                            (left->inactive != right->inactive || left->protect != right->protect ||
                             !configdb::same_annotation(*left, *right));
        // A container is changed by what changes in it.
        const bool inner = node.statement->holds_statements() && !node.children.empty() && !marked;
        if (inner || may_change(path)) return;
        // Of what he may not see, not even the names.
        Path shown = may_view(path) ? path : Path{{path.front().statement, ""}};
        if (shown.back().statement->secret) shown.back().value.clear();
        refused = "error: permission denied: " + grammar::path_words(shown) + "\n";
      });
  return refused;
}

std::string Authorization::show() const {
  std::string name = user_;
  name.resize(std::max<size_t>(name.size(), 12), ' ');
  std::string text = "Current user: '" + name + "' class '" + class_ + "'\nPermissions:\n";
  for (size_t i = 0; i < kPermissions; ++i) {
    const PermissionWord& each = word_of(i);
    if (each.permission == Permission::kAll || !permissions_.has(each.permission)) continue;
    std::string word = each.word;
    word.resize(std::max<size_t>(word.size(), 12), ' ');
    text += "    " + word + "-- " + each.help + "\n";
  }
  text += "Individual command authorization:\n";
  text += "    Allow regular expression: " + allow_commands_.text() + "\n";
  text += "    Deny regular expression: " + deny_commands_.text() + "\n";
  text += "    Allow configuration regular expression: " + allow_configuration_.text() + "\n";
  text += "    Deny configuration regular expression: " + deny_configuration_.text() + "\n";
  return text;
}

}  // namespace nezu::mgmt
