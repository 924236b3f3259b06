#include "services/mgmt/local_commands.h"

#include <gtest/gtest.h>

#include <set>

#include "grammar/configuration_commands.h"

namespace nezu::mgmt {
namespace {

// Set text is abbreviated as the prompt is: its reader knows the commands that are here.
TEST(LocalCommands, AreThoseThatSetTextKnows) {
  const auto schema = grammar::Schema::open(grammar::schema_file());
  std::set<std::string> here;
  LocalCommands(schema).each(Mode::kConfiguration, [&](const grammar::Choice& words) {
    here.insert(words.word.substr(0, words.word.find(' ')));
  });
  const auto known = grammar::configuration_commands();
  EXPECT_EQ(here, std::set<std::string>(known.begin(), known.end()));
}

}  // namespace
}  // namespace nezu::mgmt
