#include "services/system/service.h"

#include <gtest/gtest.h>

#include "configdb/expand.h"
#include "configdb/load.h"
#include "configdb/node.h"
#include "configdb/problems.h"
#include "grammar/reader.h"

namespace nezu::system {
namespace {

std::string problems_of(const std::string& host_name) {
  const auto schema = grammar::Schema::load(std::string(NEZU_SOURCE_DIR) + "/grammar/yang");
  configdb::Loader loader(configdb::make_root(*schema), false, "test");
  grammar::read_set(schema->configuration(), {}, "set system host-name " + host_name + "\n",
                    loader);
  EXPECT_EQ(loader.errors(), 0u) << loader.messages();
  const auto effective = configdb::expand(loader.root(), {});
  std::string text;
  SystemService(false).check(
      configdb::Delta(1, {}, {effective, effective->statement}),
      [&](const configdb::Problems& problems) { text = configdb::render(problems); });
  return text;
}

TEST(SystemService, AHostNameFitsTheKernel) {
  EXPECT_EQ(problems_of(std::string(64, 'a')), "");
  const std::string longer(65, 'a');
  EXPECT_EQ(problems_of(longer), "[edit system]\n  'host-name " + longer +
                                     "'\n    host name is longer than 64 characters\n");
}

}  // namespace
}  // namespace nezu::system
