#pragma once
#include <libyang/libyang.h>

#include <memory>
#include <string>

#include "configdb/tree.h"
#include "grammar/path.h"

namespace nezu::configdb {

/// libyang's own opinion of a configuration, by the modules that the router's schema is frozen
/// from.
///
/// Entries whose second key is left out (nx:absent-after) cannot be said to libyang. Numbers in
/// hexadecimal and octal, which YANG reads, are refused by the router.
///
/// Two things mean otherwise in YANG than in the router, so the modules are changed before libyang
/// reads them:
/// - a container without `presence` is there always, with all that is mandatory in it, and a `must`
///   that asks for it holds; here it is there while something in it is configured: each gets one;
/// - a `must` sees defaults; here it sees what is configured: defaults are left out.
class Oracle {
 public:
  Oracle();

  /// "" if libyang takes the configuration; otherwise what it says.
  std::string refuse(const NodePtr& root);
  /// Whether values of this statement follow a syntax of the router's (nx:syntax), which is a
  /// string for libyang.
  bool reads_syntax(const grammar::Statement& statement) const;

 private:
  std::unique_ptr<ly_ctx, void (*)(ly_ctx*)> context_;
};

/// What libyang warns or complains of when it reads the modules as they are.
std::string complaints_of_modules();

}  // namespace nezu::configdb
