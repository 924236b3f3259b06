#pragma once
#include <gtest/gtest.h>

#include <string>

#include "configdb/expand.h"
#include "configdb/load.h"
#include "configdb/node.h"
#include "configdb/problems.h"
#include "grammar/reader.h"

/// Set lines to an effective tree, and problems to the text a user reads.
namespace nezu::interfaces::sample {

inline std::shared_ptr<const grammar::Schema> schema() {
  static const auto kSchema = grammar::Schema::open(grammar::schema_file());
  return kSchema;
}

inline configdb::View tree(const std::string& lines) {
  configdb::Loader loader(configdb::make_root(*schema()), false, "test");
  grammar::read_set(schema()->configuration(), {}, lines, loader);
  EXPECT_EQ(loader.errors(), 0u) << loader.messages();
  const auto effective = configdb::expand(loader.root(), {});
  return {effective, effective->statement};
}

inline std::string text(const configdb::Problems& problems) {
  return configdb::render(problems);
}

}  // namespace nezu::interfaces::sample
