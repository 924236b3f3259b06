#include "services/mgmt/local_commands.h"

#include <gtest/gtest.h>

#include <set>

#include "grammar/command_line.h"
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

// The words of a line, each of which is asked for with `?` behind those before it.
TEST(LocalCommands, HaveHelpAtEveryWord) {
  const auto schema = grammar::Schema::open(grammar::schema_file());
  const LocalCommands commands(schema);
  std::set<std::string> lines;
  for (const grammar::Command& each : schema->commands())
    if (!each.configuration_mode) lines.insert(each.command);
  commands.each(Mode::kOperational,
                [&](const grammar::Choice& words) { lines.insert(words.word); });
  EXPECT_GT(lines.size(), 50u);
  grammar::CommandLineReader reader;
  for (const std::string& line : lines) {
    grammar::Words before = reader.read(line).words;
    before.pop_back();
    for (const auto& each : commands.tree(Mode::kOperational).complete(before, "").candidates)
      EXPECT_NE(each.help, "") << line.substr(0, line.rfind(' ')) << " " << each.name;
  }
}

}  // namespace
}  // namespace nezu::mgmt
