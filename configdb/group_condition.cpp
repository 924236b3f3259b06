#include "configdb/group_condition.h"

#include <strings.h>

#include "configdb/group_time.h"
#include "configdb/layers.h"
#include "configdb/machine.h"

namespace nezu::configdb {
namespace {

bool is_of_other_engine(const std::string& group) {
  return (group == "re0" || group == "re1") && group != this_machine().routing_engine;
}

std::string configured_name(const Node& level) {
  const NodePtr system = active_child(level, "system");
  const NodePtr name = system ? active_child(*system, "host-name") : nullptr;
  return name ? name->text : std::string();
}

bool is_peer(const Node& peers, const std::string& host) {
  const NodePtr found = host.empty() ? nullptr : entry_of(peers, host);
  return found && !found->inactive;
}

bool is_time(const Node& when, int64_t now) {
  const NodePtr asked = active_child(when, "time");
  const auto time = asked ? GroupTime::of(*asked) : std::nullopt;
  return !asked || (time && time->holds(now));
}

// All that does not ask for peers.
bool applies_to_machine(const Node& group, const NodePtr& when) {
  if (is_of_other_engine(group.text)) return false;
  if (!when) return true;
  for (const char* never : {"chassis", "member", "node"})
    if (active_child(*when, never)) return false;
  const NodePtr model = active_child(*when, "model"),
                engine = active_child(*when, "routing-engine");
  if (model && strcasecmp(std::string(model->text).c_str(), this_machine().model.c_str()) != 0)
    return false;
  return !engine || engine->text == this_machine().routing_engine;
}

}  // namespace

Machine& this_machine() {
  static Machine machine;
  return machine;
}

NodePtr groups_of(const NodePtr& raw) {
  if (!raw) return nullptr;
  for (const auto* statement : raw->statement->children)
    if (statement->groups) {
      NodePtr holder = child_of(*raw, *statement);
      return holder && !holder->inactive ? holder : nullptr;
    }
  return nullptr;
}

NodePtr active_child(const Node& parent, std::string_view name) {
  const auto* statement = parent.statement->child(name);
  NodePtr node = statement ? child_of(parent, *statement) : nullptr;
  return node && !node->inactive ? node : nullptr;
}

std::string host_name(const NodePtr& raw) {
  if (!raw) return {};
  std::string name = configured_name(*raw);
  const NodePtr groups = name.empty() ? groups_of(raw) : nullptr;
  if (!groups) return name;
  for (const auto& applied : names_in(*raw, grammar::Inheritance::kApply)) {
    const NodePtr group = entry_of(*groups, applied);
    if (!group || group->inactive) continue;
    const NodePtr when = active_child(*group, "when");
    if (when && (active_child(*when, "peers") || active_child(*when, "time"))) continue;
    if (!applies_to_machine(*group, when)) continue;
    if (name = configured_name(*group); !name.empty()) break;
  }
  return name;
}

bool applies_here(const Node& group, const Circumstances& now) {
  const NodePtr when = active_child(group, "when");
  if (!applies_to_machine(group, when)) return false;
  if (!when) return true;
  const NodePtr peers = active_child(*when, "peers");
  return (!peers || is_peer(*peers, now.host)) && is_time(*when, now.time);
}

std::string malformed(const Node& group) {
  const NodePtr when = active_child(group, "when");
  const NodePtr time = when ? active_child(*when, "time") : nullptr;
  return time && !GroupTime::of(*time) ? "time" : "";
}

void each_condition(const NodePtr& raw,
                    const std::function<void(const Node& group, const Node& when)>& visit) {
  const NodePtr groups = groups_of(raw);
  if (!groups) return;
  const auto* statement = groups->statement->child("when");
  if (!statement) return;
  groups->children.each([&](const NodePtr& group) {
    const NodePtr when = group->inactive ? nullptr : child_of(*group, *statement);
    if (when && !when->inactive) visit(*group, *when);
  });
}

}  // namespace nezu::configdb
