#include "services/system/service.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include <filesystem>

#include "configdb/expand.h"
#include "configdb/load.h"
#include "configdb/node.h"
#include "configdb/problems.h"
#include "grammar/reader.h"
#include "services/system/messages.h"
#include "tests/temporary_directory.h"

namespace nezu::system {
namespace {

std::string problems_with(const std::string& lines) {
  const auto schema = grammar::Schema::open(grammar::schema_file());
  configdb::Loader loader(configdb::make_root(*schema), false, "test");
  grammar::read_set(schema->configuration(), {}, lines, loader);
  EXPECT_EQ(loader.errors(), 0u) << loader.messages();
  const auto effective = configdb::expand(loader.root(), {});
  std::string text;
  SystemService(false).check(
      configdb::Delta(1, {}, {effective, effective->statement}),
      [&](const configdb::Problems& problems) { text = configdb::render(problems); });
  return text;
}

std::string problems_of(const std::string& host_name) {
  return problems_with("set system host-name " + host_name + "\n");
}

TEST(SystemService, AHostNameFitsTheKernel) {
  const std::string part(32, 'a');  // the schema bounds a part, the kernel the whole
  EXPECT_EQ(problems_of(part + '.' + std::string(31, 'a')), "");
  const std::string longer = part + '.' + part;
  EXPECT_EQ(problems_of(longer), "[edit system]\n  'host-name " + longer +
                                     "'\n    host name is longer than 64 characters\n");
}

TEST(SystemService, LoginClassesMustBe) {
  const std::string login = "set system login ";
  EXPECT_EQ(problems_with(login + "user a class read-only\n"), "");
  EXPECT_EQ(problems_with(login + "user a class mine\n" + login + "class mine permissions view\n"),
            "");
  EXPECT_EQ(problems_with(login + "user a class mine\n"),
            "[edit system login user a]\n  'class mine'\n    Login class is not defined\n");
  EXPECT_EQ(problems_with(login + "class operator permissions all\n"),
            "[edit system login]\n  'class operator'\n    Login class is predefined\n");
  EXPECT_EQ(problems_with(login + "class c deny-commands \"(show\"\n"),
            "[edit system login class c]\n  'deny-commands \"(show\"'\n"
            "    Must be a regular expression\n");
}

TEST(SystemService, NumbersOfUsersAreTheirOwn) {
  const std::string user = "set system login user ";
  EXPECT_EQ(problems_with(user + "a uid 1000\n" + user + "b uid 1001\n"), "");
  EXPECT_EQ(problems_with(user + "a uid 999\n"),
            "[edit system login user a]\n  'uid 999'\n    Must be 1000 or more\n");
  EXPECT_EQ(problems_with(user + "a uid 1000\n" + user + "b uid 1000\n"),
            "[edit system login user b]\n  'uid 1000'\n    Another user has this number\n");
}

// `clear log messages` empties it behind the writer's back.
TEST(Messages, AFileThatWasEmptiedIsNotRotated) {
  const TemporaryDirectory temporary;
  const std::string& directory = temporary.path();
  const std::string file = directory + "/messages";
  Messages messages(directory, [] { return "r1"; });
  const std::string line(2000, 'x');
  do messages.write("mgd", "TAG", line);
  while (std::filesystem::file_size(file) + line.size() < Messages::kLargest);
  ASSERT_EQ(truncate(file.c_str(), 0), 0);
  messages.write("mgd", "TAG", "after");
  EXPECT_FALSE(std::filesystem::exists(file + ".0"));
  EXPECT_LT(std::filesystem::file_size(file), 100u);
}

}  // namespace
}  // namespace nezu::system
