// Who can log in, and what is told to sshd: judged by sshd itself, and by the C library.
#include <gtest/gtest.h>
#include <pwd.h>
#include <shadow.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>

#include "configdb/expand.h"
#include "configdb/load.h"
#include "configdb/node.h"
#include "grammar/reader.h"
#include "services/system/ssh.h"
#include "tests/temporary_directory.h"

namespace nezu::system {
namespace {
namespace fs = std::filesystem;

constexpr char kMachine[] =
    "root:x:0:0:root:/root:/bin/bash\n"
    "daemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin\n"
    "frr:x:105:110:Frr routing suite,,,:/nonexistent:/usr/sbin/nologin\n"
    "carol:x:1000:1000:Carol,,,:/home/carol:/bin/bash\n"
    "nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n";

configdb::View system_of(const std::string& lines) {
  static const auto schema = grammar::Schema::open(grammar::schema_file());
  configdb::Loader loader(configdb::make_root(*schema), false, "test");
  grammar::read_set(schema->configuration(), {}, lines, loader);
  EXPECT_EQ(loader.errors(), 0u) << loader.messages();
  const auto effective = configdb::expand(loader.root(), {});
  return configdb::View(effective, effective->statement)["system"];
}

std::vector<Account> accounts(const std::string& lines, Uids& uids) {
  return accounts_of(system_of(lines), kMachine, uids);
}

const std::string kUser = "set system login user ";

TEST(Accounts, AreTheUsersOfTheConfiguration) {
  Uids uids;
  const auto found = accounts(
      "set system root-authentication encrypted-password \"$6$a$root\"\n" + kUser +
          "alice class super-user\n" + kUser + "alice full-name \"Alice: the first\"\n" + kUser +
          "alice authentication encrypted-password \"$6$a$alice\"\n" + kUser +
          "alice authentication ssh-rsa \"ssh-rsa AAAA a@b\" from 10.0.0.1\n" + kUser +
          "bob uid 3000\n" + kUser + "bob authentication ssh-ed25519 \"ssh-ed25519 AAAA b\"\n" +
          kUser + "bob authentication no-public-keys\n",
      uids);
  ASSERT_EQ(found.size(), 3u);
  EXPECT_EQ(found[1].uid, 70000u);
  EXPECT_EQ(found[1].keys, std::vector<std::string>{"from=\"10.0.0.1\" ssh-rsa AAAA a@b"});
  EXPECT_EQ(found[2].uid, 3000u);
  EXPECT_TRUE(found[2].keys.empty());
  EXPECT_EQ(passwd_text(kMachine, found, "/usr/bin/nezu"),
            "root:x:0:0::/:/usr/bin/nezu\n"
            "alice:x:70000:70000:Alice the first:/:/usr/bin/nezu\n"
            "bob:x:3000:3000::/:/usr/bin/nezu\n"
            "daemon:*:1:1:daemon:/usr/sbin:/usr/sbin/nologin\n"
            "frr:*:105:110:Frr routing suite,,,:/nonexistent:/usr/sbin/nologin\n"
            "nobody:*:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n");
  EXPECT_EQ(shadow_text(found), "root:$6$a$root:::::::\nalice:$6$a$alice:::::::\nbob:*:::::::\n");
}

// Neither a line of its own nor another's account is made by what somebody writes.
TEST(Accounts, AreNeverOthers) {
  Uids uids;
  const auto found =
      accounts(kUser + "frr class super-user\n" + kUser + "root class read-only\n" + kUser +
                   "\"a:b\" class read-only\n" + kUser + "\"two words\" class read-only\n" + kUser +
                   "eve authentication encrypted-password \"x:0:0\"\n" + kUser +
                   "eve authentication ssh-rsa \"ssh-rsa A\\nssh-rsa B\"\n",
               uids);
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[1].name, "eve");
  EXPECT_EQ(found[1].hash, "!");
  for (const auto& key : found[1].keys) EXPECT_EQ(key.find('\n'), key.npos);
}

// A router whose root has no password yet lets him in at the console; one where he is locked does
// not.
TEST(Accounts, ThatAreLockedAreNotWithoutAPassword) {
  Uids uids;
  EXPECT_EQ(shadow_text(accounts("", uids)), "root:*:::::::\n");
  const std::string locked = "set system root-authentication encrypted-password \"*\"\n";
  EXPECT_EQ(shadow_text(accounts(locked, uids)), "root:!:::::::\n");
  const std::string costly = "set system root-authentication encrypted-password \"$2b$31$a\"\n";
  EXPECT_EQ(shadow_text(accounts(costly, uids)), "root:!:::::::\n");
}

TEST(Accounts, KeepTheirNumbers) {
  Uids uids;
  EXPECT_EQ(accounts(kUser + "a class read-only\n" + kUser + "b class read-only\n", uids)[2].uid,
            70001u);
  uids = Uids::from(uids.text());
  // The session of somebody who is gone may still be there.
  EXPECT_EQ(accounts(kUser + "c class read-only\n", uids)[1].uid, 70002u);
  EXPECT_EQ(accounts(kUser + "b class read-only\n", uids)[1].uid, 70001u);
}

// Nor does his number become another's, by what is configured.
TEST(Accounts, DoNotInheritNumbers) {
  Uids uids;
  EXPECT_EQ(accounts(kUser + "a uid 2000\n", uids)[1].uid, 2000u);
  uids = Uids::from(uids.text());
  EXPECT_EQ(accounts(kUser + "b uid 2000\n", uids)[1].uid, 70000u);
  EXPECT_EQ(accounts(kUser + "a uid 2001\n" + kUser + "b uid 2000\n", uids)[2].uid, 70000u);
  EXPECT_EQ(accounts(kUser + "a uid 2000\n", uids)[1].uid, 2000u);
  EXPECT_EQ(uids.owner(2001), "a");
}

// A number that is configured is nobody's by chance.
TEST(Accounts, HaveNumbersThatNobodyElseCanHave) {
  Uids uids;
  const auto found = accounts(kUser + "a class read-only\n" + kUser + "b uid 64000\n", uids);
  EXPECT_GT(found[1].uid, 64000u);
  EXPECT_GT(accounts(kUser + "b class read-only\n", uids)[1].uid, 64000u);
  const auto users = users_in(passwd_text(kMachine, found, "/usr/bin/nezu"));
  EXPECT_EQ(users, (std::map<std::string, uint32_t>{{"a", found[1].uid}, {"b", 64000}}));
}

TEST(Accounts, AreReadByTheCLibrary) {
  const TemporaryDirectory directory;
  Uids uids;
  const auto found = accounts(kUser + "alice authentication encrypted-password \"$6$a$b\"\n", uids);
  const std::string passwd = fs::path(directory.path()) / "passwd";
  ASSERT_TRUE(rewrite(passwd, std::string(5000, '#'), 0644));
  ASSERT_TRUE(rewrite(passwd, passwd_text(kMachine, found, "/usr/bin/nezu"), 0644));
  FILE* file = fopen(passwd.c_str(), "r");
  int count = 0;
  for (const struct passwd* entry; (entry = fgetpwent(file)); ++count)
    EXPECT_EQ(entry->pw_uid == 70000u, count == 1) << entry->pw_name;
  fclose(file);
  EXPECT_EQ(count, 5);
}

std::string configuration(const std::string& lines) {
  Uids uids;
  const auto system = system_of(lines);
  LoginPlaces places;
  places.host_keys = "/var/keys";
  places.command_line = "/usr/bin/nezu";
  return sshd_configuration(system, accounts_of(system, kMachine, uids), places);
}

TEST(Sshd, LetsUsersDoNothingButUseTheCommandLine) {
  const std::string text = configuration("set system services ssh\n" + kUser + "alice uid 2222\n");
  for (const char* line :
       {"ForceCommand /usr/bin/nezu cli --login\n", "AllowUsers root alice\n",
        "PermitRootLogin prohibit-password\n", "AllowTcpForwarding no\n",
        "AuthorizedKeysFile /run/accounts/keys/%u\n", "PasswordAuthentication yes\n", "Port 22\n",
        "MaxStartups 75\n", "UsePAM no\n", "PermitEmptyPasswords no\n"})
    EXPECT_NE(text.find(line), text.npos) << line << "\n" << text;
  EXPECT_EQ(text.find("Subsystem"), text.npos);
}

TEST(Sshd, IsConfiguredAsTheRouterIs) {
  const std::string ssh = "set system services ssh ";
  const std::string text =
      configuration(ssh + "root-login allow\n" + ssh + "no-passwords\n" + ssh + "port 2222\n" +
                    ssh + "ciphers [ aes256-ctr aes128-gcm@openssh.com ]\n" + ssh +
                    "key-exchange [ curve25519-sha256 group-exchange-sha2 ]\n" + ssh +
                    "max-sessions-per-connection 3\n" + ssh + "client-alive-interval 30\n" + ssh +
                    "connection-limit 7\nset system login message hello\n"
                    "set system login retry-options tries-before-disconnect 5\n");
  for (const char* line : {"PermitRootLogin yes\n", "PasswordAuthentication no\n", "Port 2222\n",
                           "Ciphers aes256-ctr,aes128-gcm@openssh.com\n",
                           "KexAlgorithms curve25519-sha256,diffie-hellman-group-exchange-sha256\n",
                           "MaxSessions 3\n", "ClientAliveInterval 30\n", "MaxStartups 7\n",
                           "Banner /run/accounts/message\n", "MaxAuthTries 5\n"})
    EXPECT_NE(text.find(line), text.npos) << line << "\n" << text;
}

// Every word that the schema knows, said to sshd.
TEST(Sshd, TakesEverythingThatTheSchemaOffers) {
  if (::access("/usr/sbin/sshd", X_OK) != 0) GTEST_SKIP() << "no openssh-server";
  const TemporaryDirectory directory;
  const fs::path place = directory.path();
  std::string lines = "set system services ssh\n";
  const auto ssh = system_of(lines)["services"]["ssh"];
  for (const char* list : {"ciphers", "macs", "key-exchange"})
    for (const auto& choice : ssh.statement()->child(list)->type->choices())
      lines += std::string("set system services ssh ") + list + " \"" + choice.word + "\"\n";
  std::string text = configuration(lines);
  for (size_t at; (at = text.find("/var/keys")) != text.npos;) text.replace(at, 9, place.string());
  std::ofstream(place / "config") << text;
  for (const char* kind : {"ed25519", "ecdsa"})
    ASSERT_EQ(::system(("ssh-keygen -q -t " + std::string(kind) + " -N '' -f " + place.string() +
                        "/ssh_host_" + kind + "_key")
                           .c_str()),
              0);
  // Root's sshd wants a directory in /run, which is not to be made on the machine.
  const std::string judge = "/usr/sbin/sshd -t -f " + (place / "config").string();
  const std::string alone = "unshare -m sh -c 'mount -t tmpfs tmpfs /run && mkdir /run/sshd && ";
  EXPECT_EQ(::system((::geteuid() == 0 ? alone + judge + "'" : judge).c_str()), 0) << text;
}

}  // namespace
}  // namespace nezu::system
