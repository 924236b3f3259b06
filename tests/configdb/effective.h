#pragma once
#include <gtest/gtest.h>

#include <string>

#include "configdb/expand.h"
#include "configdb/group_check.h"
#include "configdb/load.h"
#include "configdb/problems.h"
#include "configdb/text.h"
#include "sample.h"

/// What a configuration comes to when its groups, ranges and paths have acted.
namespace nezu::configdb::sample {

/// A whole configuration in any form, without an error; `onto`: what it is merged into.
inline NodePtr load(const std::string& text, const NodePtr& onto = nullptr) {
  Loader loader(onto ? onto : make_root(*schema()), false, "test");
  grammar::read_configuration(schema()->configuration(), {}, text, loader);
  EXPECT_EQ(loader.messages(), "");
  return loader.root();
}

/// As set lines.
inline std::string effective(const std::string& text) {
  return set_text(expand(load(text), {}));
}

/// What is wrong with its groups, as a commit says it.
inline std::string group_problems(const NodePtr& root) {
  return render(check_groups(make_root(*schema()), root));
}

}  // namespace nezu::configdb::sample
