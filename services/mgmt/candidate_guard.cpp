#include "services/mgmt/candidate_guard.h"

#include <algorithm>

#include "configdb/node.h"
#include "configdb/validate.h"

namespace nezu::mgmt {
namespace {
using configdb::NodePtr;

// What changes statements that stand somewhere else.
bool reaches_further(const grammar::Path& path) {
  return std::any_of(path.begin(), path.end(), [](const auto& step) {
    return step.statement->groups || step.statement->ranges_over ||
           step.statement->inheritance != grammar::Inheritance::kNone;
  });
}

bool may_have_other_effects(const NodePtr& before, const NodePtr& after) {
  bool found = false;
  configdb::visit_differences(
      before, after, [&](const grammar::Path& path, const NodePtr& left, const NodePtr& right) {
        const bool marked = left && right && left->inactive != right->inactive;
        // A wildcard of a group gives to what is there.
        const configdb::Node& either = right ? *right : *left;
        const bool entry = (!left || !right) && either.role == configdb::Node::Role::kEntry &&
                           either.statement->kind == grammar::Kind::kList;
        found = found || marked || entry || reaches_further(path);
      });
  return found;
}
}  // namespace

std::string CandidateGuard::refusal(const Authorization& user, const NodePtr& before,
                                    const NodePtr& after) {
  std::string refused = user.refusal(before, after);
  if (user.all() || !refused.empty() || !may_have_other_effects(before, after)) return refused;
  if (known_.raw != before) known_ = {before, configdb::expand(before, known_)};
  configdb::Trees wanted{after, configdb::expand(after, known_)};
  refused = user.refusal(known_.effective, wanted.effective);
  if (refused.empty()) known_ = std::move(wanted);
  return refused;
}

}  // namespace nezu::mgmt
