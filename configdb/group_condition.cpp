#include "configdb/group_condition.h"

#include <strings.h>

#include "configdb/machine.h"

namespace nezu::configdb {
namespace {

NodePtr active_child(const Node& parent, std::string_view name) {
  const auto* statement = parent.statement->child(name);
  NodePtr node = statement ? child_of(parent, *statement) : nullptr;
  return node && !node->inactive ? node : nullptr;
}

bool is_of_other_engine(const std::string& group) {
  return (group == "re0" || group == "re1") && group != this_machine().routing_engine;
}

}  // namespace

Machine& this_machine() {
  static Machine machine;
  return machine;
}

std::string undecided(const Node& group) {
  const NodePtr when = active_child(group, "when");
  for (const char* name : {"peers", "time"})
    if (when && active_child(*when, name)) return name;
  return {};
}

bool applies_here(const Node& group) {
  if (is_of_other_engine(group.text)) return false;
  const NodePtr when = active_child(group, "when");
  if (!when) return true;
  for (const char* never : {"chassis", "member", "node"})
    if (active_child(*when, never)) return false;
  const NodePtr model = active_child(*when, "model"),
                engine = active_child(*when, "routing-engine");
  if (model && strcasecmp(model->text.c_str(), this_machine().model.c_str()) != 0) return false;
  if (engine && engine->text != this_machine().routing_engine) return false;
  return undecided(group).empty();
}

}  // namespace nezu::configdb
