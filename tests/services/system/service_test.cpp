#include "services/system/service.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "configdb/expand.h"
#include "configdb/load.h"
#include "configdb/node.h"
#include "configdb/problems.h"
#include "grammar/reader.h"
#include "services/system/boot.h"
#include "services/system/messages.h"
#include "tests/temporary_directory.h"

namespace nezu::system {
namespace {

std::string problems_with(const std::string& lines, std::unique_ptr<Logins> logins = nullptr) {
  const auto schema = grammar::Schema::open(grammar::schema_file());
  configdb::Loader loader(configdb::make_root(*schema), false, "test");
  grammar::read_set(schema->configuration(), {}, lines, loader);
  EXPECT_EQ(loader.errors(), 0u) << loader.messages();
  const auto effective = configdb::expand(loader.root(), {});
  std::string text;
  SystemService service(false);
  if (logins) service.keep(std::move(logins));
  service.check(configdb::Delta(1, {}, {effective, effective->statement}),
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

// A user who could not log in is not dropped without a word, and nobody gets the number of one
// whose programs may still run.
TEST(SystemService, AccountsThatAreSomebodysAreNotGivenAway) {
  const TemporaryDirectory temporary;
  std::ofstream(temporary.path() + "/machine") << "mail:x:8:8::/:/bin/sh\nann:x:1000:1000::/:/\n";
  std::ofstream(temporary.path() + "/uids") << "bob 2000\n";
  LoginPlaces places;
  places.accounts = temporary.path();
  places.machine = temporary.path() + "/machine";
  const auto problems = [&](const std::string& lines) {
    return problems_with(lines, std::make_unique<Logins>(places, [](const std::string&) {}));
  };
  const std::string user = "set system login user ";
  EXPECT_EQ(problems(user + "ann uid 1000\n" + user + "bob uid 2000\n"), "");
  EXPECT_EQ(
      problems(user + "mail uid 1000\n"),
      "[edit system login]\n  'user mail'\n    warning: The router has an account of this name "
      "itself: this user cannot log in\n");
  EXPECT_EQ(
      problems(user + "ann uid 2000\n"),
      "[edit system login user ann]\n  'uid 2000'\n    warning: Was user bob's; another number "
      "is used until the router reboots\n");
}

// One try in a login that fails must not keep a core busy for hours.
TEST(SystemService, HashesOfPasswordsAreCheapToTry) {
  const auto problems = [](const std::string& hash) {
    return problems_with("set system login user a authentication encrypted-password \"" + hash +
                         "\"\n");
  };
  for (const char* hash :
       {"$6$a$b", "$5$rounds=1000000$a$b", "$1$a$b", "*", "$2b$12$abcdefghijklmnopqrstuv",
        "$y$j9T$salt$hash", "$y$jCT$salt$hash", "$gy$j9T$salt$hash", "$7$CU..../....salt$hash",
        "$sha1$24680$salt$hash", "xyDES"})
    EXPECT_EQ(problems(hash), "") << hash;
  for (const char* hash :
       {"$6$rounds=1000001$a$b", "$5$rounds=99999999999999999999999$a$b",
        "$2b$31$abcdefghijklmnopqrstuv", "$2y$15$abc", "$2b$", "$2", "$y$jDT$salt$hash",
        "$y$j9U$salt$hash", "$y$j9T3salt$hash", "$y$k9T$salt$hash", "$y$", "$gy$jFT$salt$hash",
        "$7$EU..../....salt$hash", "$7$CzU.../....salt$hash", "$7$", "$sha1$4000000000$salt$hash",
        "_zzzzsalthash", "$md5,rounds=4000000000$a$b"})
    EXPECT_EQ(
        problems(hash),
        "[edit system login user a authentication]\n  'encrypted-password'\n    A try at this "
        "password would take too long\n")
        << hash;
  EXPECT_NE(problems_with("set system root-authentication encrypted-password \"$2b$31$a\"\n"), "");
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

// What was begun in one boot is known for it by a process that starts again, not after a reboot.
TEST(Boot, HasANameUntilItsFolderIsEmptied) {
  const TemporaryDirectory directory;
  const std::string folder = directory.path() + "/boot";
  const Boot first = boot_of(folder);
  EXPECT_NE(first.name, "");
  EXPECT_EQ(boot_of(folder).name, first.name);
  EXPECT_EQ(boot_of(folder).since, first.since);
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    std::filesystem::remove_all(entry);
  EXPECT_NE(boot_of(folder).name, first.name);
  EXPECT_EQ(boot_of("/proc/no such folder").name, "");
}

}  // namespace
}  // namespace nezu::system
