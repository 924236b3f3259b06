#include "grammar/commands.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "tests/grammar/fixture.h"
#include "tests/temporary_directory.h"

namespace nezu::grammar {
namespace {

// A schema of its own: the commands of the services change while this does not.
std::shared_ptr<const Schema> commands_schema() {
  const TemporaryDirectory temporary;
  const std::filesystem::path directory = temporary.path();
  for (const auto& entry : std::filesystem::directory_iterator(NEZU_SOURCE_DIR "/grammar/yang"))
    if (!entry.path().filename().string().starts_with("nezu-rpc"))
      std::filesystem::copy_file(entry.path(), directory / entry.path().filename(),
                                 std::filesystem::copy_options::overwrite_existing);
  std::ofstream(directory / "test-commands.yang") << R"(
module test-commands {
  namespace "urn:test"; prefix t;
  import nezu-extensions { prefix nx; }
  nx:command-word "show: Show system information";
  nx:command-word "show security ike: Show IKE information";
  rpc get-sas {
    nx:command "show security ike security-associations";
    description "Show IKE security associations";
    input {
      leaf index { type uint32 { range "1..4000"; } description "Index of the SA"; }
      leaf family { type enumeration { enum inet; enum inet6; } description "Family"; }
      leaf detail { type empty; description "Display detailed output"; }
    }
  }
  rpc get-interfaces {
    nx:command "show interfaces"; description "Show interfaces";
    input {
      leaf interface-name { type string; nx:no-keyword; nx:live-names "interface";
                            description "Name of interface"; }
      choice level {
        leaf terse { type empty; description "Terse"; }
        leaf brief { type empty; description "Brief"; }
      }
    }
  }
  rpc get-interfaces-policers {
    nx:command "show interfaces policers"; description "Show policers";
  }
  rpc restart { nx:command "request restart"; description "Restart";
    input { leaf slot { type uint8; mandatory true; description "Slot"; } } }
  rpc commit { nx:command "commit"; nx:configuration-mode; description "Commit"; }
})";
  return Schema::load(directory);
}

const CommandTree& tree() {
  static const CommandTree loaded(commands_schema(), false);
  return loaded;
}

std::string resolved(std::string_view line) {
  const auto match = tree().resolve(words(line));
  if (match.problem) return std::to_string(match.problem->word) + " " + match.problem->message;
  std::string text = match.command->rpc;
  for (const auto& [name, value] : match.inputs) text += " " + name + "=" + value;
  return text;
}

TEST(Commands, AreFoundByAbbreviation) {
  EXPECT_EQ(resolved("show security ike security-associations"), "get-sas");
  EXPECT_EQ(resolved("sh sec i s"), "get-sas");
  EXPECT_EQ(resolved("show interfaces policers"), "get-interfaces-policers");
}

TEST(Commands, TakeArgumentsInAnyOrder) {
  EXPECT_EQ(resolved("show security ike security-associations index 1 detail"),
            "get-sas detail= index=1");
  EXPECT_EQ(resolved("show security ike sec det ind 1 fam inet6"),
            "get-sas detail= family=inet6 index=1");
  EXPECT_EQ(resolved("show interfaces et-0/0/0 terse"),
            "get-interfaces interface-name=et-0/0/0 terse=");
  EXPECT_EQ(resolved("show interfaces terse et-0/0/0"),
            "get-interfaces interface-name=et-0/0/0 terse=");
}

TEST(Commands, SayWhatIsWrong) {
  EXPECT_EQ(resolved("foo"), "0 unknown command.");
  EXPECT_EQ(resolved("show foo"), "1 syntax error, expecting <command>.");
  EXPECT_EQ(resolved("show"), "1 syntax error, expecting <command>.");
  EXPECT_EQ(resolved("show security ike security-associations foo"), "4 syntax error.");
  EXPECT_EQ(resolved("show security ike security-associations index"), "5 missing argument.");
  EXPECT_EQ(resolved("show security ike security-associations index 0"),
            "5 Value 0 is not within range (1..4000)");
  EXPECT_EQ(resolved("show security ike security-associations detail detail"), "5 syntax error.");
  EXPECT_EQ(resolved("show interfaces terse et-0/0/0 brief"), "4 syntax error.");
  EXPECT_EQ(resolved("request restart"), "2 missing mandatory argument: slot.");
  EXPECT_EQ(resolved("commit"), "0 unknown command.");
}

TEST(Commands, OfConfigurationModeAreAnotherTree) {
  const CommandTree configuration(commands_schema(), true);
  EXPECT_FALSE(configuration.resolve(words("commit")).problem);
  EXPECT_TRUE(configuration.resolve(words("show interfaces")).problem);
}

TEST(Commands, AreCompleted) {
  const auto at = [](std::string_view line, std::string_view partial) {
    std::string all;
    for (const auto& c : tree().complete(words(line), partial).candidates)
      all += c.name + "=" + c.help + ";";
    return all;
  };
  EXPECT_EQ(at("", ""), "request=;show=Show system information;");
  EXPECT_EQ(at("show security", ""), "ike=Show IKE information;");
  EXPECT_EQ(at("show security ike security-associations", "d"), "detail=Display detailed output;");
  EXPECT_EQ(at("show security ike security-associations index", ""),
            "<index>=Index of the SA (1..4000);");
  EXPECT_EQ(at("show interfaces", ""),
            "<interface-name>=Name of interface;brief=Brief;policers=Show policers;terse=Terse;");
  EXPECT_EQ(at("show interfaces terse", "b"), "<interface-name>=Name of interface;");
  EXPECT_EQ(tree().complete(words("show interfaces"), "").live_names, "interface");
  EXPECT_TRUE(tree().complete(words("show interfaces"), "").enter);
  EXPECT_FALSE(tree().complete(words("show security"), "").enter);
  EXPECT_FALSE(tree().complete(words("request restart"), "").enter);
  EXPECT_TRUE(tree().complete(words("bar"), "").problem);
}

}  // namespace
}  // namespace nezu::grammar
