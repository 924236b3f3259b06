#pragma once
#include <string>

#include "configdb/expand.h"
#include "services/mgmt/authorization.h"

namespace nezu::mgmt {

/// What one user may do to the candidate as a whole: neither what is written may be denied to him,
/// nor what comes of it by groups, interface ranges and inactive statements.
class CandidateGuard {
 public:
  /// Why he may not turn one candidate into the other: "error: permission denied: …"; "" if he may.
  /// Cost: what differs, and what inherits from it.
  std::string refusal(const Authorization& user, const configdb::NodePtr& before,
                      const configdb::NodePtr& after);

 private:
  configdb::Trees known_;  ///< the last that was expanded
};

}  // namespace nezu::mgmt
