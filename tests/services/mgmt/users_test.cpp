// Several users at one router: who edits, who has the configuration alone, and how they leave.
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <QCoreApplication>
#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>

#include "configdb/load.h"
#include "configdb/text.h"
#include "services/mgmt/authorization.h"
#include "services/mgmt/permissions.h"
#include "tests/services/mgmt/user.h"

namespace nezu::mgmt {
namespace {
namespace fs = std::filesystem;

const std::string kUsers = "Users currently editing the configuration:\n";
const std::string kDirty = "The configuration has been changed but not committed\n";
const std::string kDiscard = "Discard uncommitted changes? [yes,no] (yes) ";
const std::string kEntering = "Entering configuration mode\n";
const std::string kLeaving = "Exiting configuration mode\n";
const std::string kWarning = "warning: uncommitted changes will be discarded on exit\n";

TEST_F(Users, SeeWhoHasTheConfigurationAlone) {
  User owner = enter("admin", 1), other = enter("guest", 2);
  EXPECT_EQ(owner.type("configure exclusive"), kWarning + kEntering);
  owner.type("edit security ike");
  const std::string list = holder("admin", 1, "exclusive [edit security ike]");
  const std::string locked = "error: configuration database locked by:\n" + list;
  EXPECT_EQ(other.type("configure exclusive"), kUsers + list + locked);
  EXPECT_EQ(other.session->prompt().text, "guest> ");
  EXPECT_EQ(other.type("conf"), kEntering + kUsers + list);
  EXPECT_EQ(other.type("status"), kUsers + list + holder("guest", 2, "[edit]"));
  EXPECT_EQ(other.type("set system host-name a"), locked);
  EXPECT_EQ(other.type("replace pattern a with b"), locked);
  EXPECT_EQ(other.type("commit"), locked);
  owner.session.reset();  // its terminal is gone
  EXPECT_EQ(other.type("set system host-name a"), "");
  EXPECT_EQ(other.type("commit"), "commit complete\n");
}

TEST_F(Users, WhoHaveItAloneAreAskedBeforeTheirChangesGo) {
  User owner = enter("admin", 1);
  owner.type("configure exclusive");
  EXPECT_EQ(owner.type("exit"), kLeaving);
  owner.type("configure exclusive");
  owner.type("set system host-name a");
  const std::string question =
      kDirty + "warning: Auto rollback on exiting 'configure exclusive'\n" + kDiscard;
  EXPECT_EQ(owner.type("quit"), question);
  EXPECT_EQ(owner.say("no"), "");
  EXPECT_EQ(owner.type("show system"), "host-name a;\n");
  EXPECT_EQ(owner.type("exit configuration-mode"), question);
  EXPECT_EQ(owner.say(""), "warning: discarding uncommitted changes\nload complete\n" + kLeaving);
  EXPECT_EQ(owner.type("configure"), kEntering);
  EXPECT_EQ(owner.type("show system"), "");
}

// The router reads and writes files of commands with its own rights.
class UsersFiles : public Users {
 protected:
  void SetUp() override {
    commit({"set system login class keys permissions [ maintenance configure view-configuration ]",
            "set system login class keys permissions [ system-control clear view ]",
            "set system login user eve class keys", "set system login user ann class super-user"});
    fs::create_directory(outside_);
    std::ofstream(outside_ + "/f") << "system { host-name out; }\n";
  }
  User of(const char* user) {
    Terminal terminal;
    terminal.user = user;
    terminal.owner = false;
    terminal.directory = outside_;
    return {router_.session(terminal)};
  }
  static std::string denied(const std::string& name) {
    return "error: permission denied: " + name + "\n";
  }

  const std::string outside_ = router_.path("outside"), home_ = router_.path("home/eve");
};

TEST_F(UsersFiles, ASuperUserHasThemAll) {
  User ann = of("ann");
  EXPECT_EQ(ann.type("request test read filename /etc/hosts"), "/etc/hosts\n");
  EXPECT_EQ(ann.type("request test read filename own.pem"), outside_ + "/own.pem\n");
  EXPECT_EQ(ann.type("show cli directory"), "Current directory: " + outside_ + "\n");
  ann.type("configure");
  EXPECT_EQ(ann.type("load merge f"), "load complete\n");
  EXPECT_EQ(ann.type("save ../outside/g"), "Wrote 14 lines of configuration to '../outside/g'\n");
  EXPECT_TRUE(fs::exists(outside_ + "/g"));
}

TEST_F(UsersFiles, OthersHaveTheirHome) {
  User eve = of("eve");
  EXPECT_EQ(eve.type("show cli directory"), "Current directory: /var/home/eve\n");
  EXPECT_EQ(eve.type("request test read filename own.pem"), home_ + "/own.pem\n");
  EXPECT_EQ(eve.type("request test read filename /var/home/eve/own.pem"), home_ + "/own.pem\n");
  EXPECT_EQ(eve.type("show cli | save f"), "Wrote 7 lines of output to 'f'\n");
  EXPECT_EQ(fs::status(home_).permissions(), fs::perms::owner_all);
  EXPECT_TRUE(fs::exists(home_ + "/f"));
  eve.type("configure");
  EXPECT_EQ(eve.type("save /var/home/eve/g"),
            "Wrote 13 lines of configuration to '/var/home/eve/g'\n");
  EXPECT_EQ(eve.type("show | compare g"), "");
  EXPECT_EQ(eve.type("load merge ../eve/g"), "load complete\n");
  EXPECT_EQ(eve.type("load merge none"), "error: could not open file 'none'\n");
  fs::create_directory(home_ + "/below");
  EXPECT_EQ(eve.type("run set cli directory below"), "Current directory: /var/home/eve/below\n");
  EXPECT_EQ(eve.type("load merge ../g"), "load complete\n");
  // Whoever may use all of the machine finds them there too.
  EXPECT_EQ(of("ann").type("request test read filename /var/home/eve/g"), home_ + "/g\n");
}

TEST_F(UsersFiles, NothingLeadsOutOfIt) {
  User eve = of("eve");
  EXPECT_FALSE(eve.session->may_call("request-test-read", {{"filename", "/etc/shadow"}}));
  EXPECT_TRUE(eve.session->may_call("request-test-read", {{"filename", "f"}}));
  EXPECT_TRUE(eve.session->may_call("request-test-message", {}));
  fs::create_directory_symlink(outside_, home_ + "/link");
  fs::create_symlink(outside_ + "/f", home_ + "/file");
  fs::create_symlink("/nowhere/yet", home_ + "/dangling");
  eve.type("configure");
  for (const std::string name :
       {"/etc/passwd", "../../outside/f", "../eve/../ann/f", "link/f", "link/new", "file",
        "dangling", "/var/home/eve/../ann/f", "/var/home/evening", "/var/home", ".."}) {
    EXPECT_EQ(eve.type("load merge " + name), denied(name));
    EXPECT_EQ(eve.type("load override " + name), denied(name));
    EXPECT_EQ(eve.type("save " + name), denied(name));
    EXPECT_EQ(eve.type("show | compare " + name), denied(name));
    for (const char* pipe : {"save ", "append ", "tee "})
      EXPECT_EQ(eve.type("show system | " + (pipe + name)), denied(name));
    EXPECT_EQ(eve.type("run set cli directory " + name), denied(name));
    EXPECT_EQ(eve.type("run request test read filename " + name), denied(name));
    const auto seen = std::make_shared<Seen>();
    eve.session->append(name, "text", std::make_shared<SeenScreen>(seen));
    EXPECT_EQ(seen->text, denied(name));
  }
  EXPECT_EQ(fs::file_size(outside_ + "/f"), 26u);
  EXPECT_FALSE(fs::exists(outside_ + "/new"));
}

TEST_F(UsersFiles, FileCommandsWorkOnThem) {
  User eve = of("eve");
  EXPECT_EQ(eve.type("file list"), "\n/var/home/eve:\n");
  EXPECT_EQ(eve.type("show cli | match on-space | save f"), "Wrote 1 lines of output to 'f'\n");
  EXPECT_EQ(eve.type("file show f"), "CLI complete-on-space set to on\n");
  EXPECT_EQ(eve.type("file copy f g"), "");
  EXPECT_EQ(eve.type("file rename g h"), "");
  fs::create_directory(home_ + "/below");
  EXPECT_EQ(eve.type("file copy h below"), "");
  EXPECT_EQ(eve.type("file list below/"), "\nbelow:\nh\n");
  EXPECT_EQ(eve.type("file delete h"), "");
  EXPECT_EQ(eve.type("file list /var/home/eve"), "\n/var/home/eve:\nbelow/\nf\n");
  EXPECT_EQ(eve.type("file list f"), "f\n");
  EXPECT_EQ(eve.session->complete("file show b", Trigger::kTab).insert, "elow/");
  EXPECT_EQ(eve.session->complete("file show below/", Trigger::kTab).insert, "h ");
  EXPECT_NE(eve.session->complete("file show ", Trigger::kQuestion)
                .output.find("\n  f                    Size: 32, Last changed: "),
            std::string::npos);
  EXPECT_EQ(eve.session->complete("file show ../../outside/", Trigger::kQuestion)
                .output.find("outside/f"),
            std::string::npos);
}

TEST_F(UsersFiles, AnArchiveThatFailsLeavesTheOldOne) {
  User eve = of("eve");
  EXPECT_EQ(eve.type("file list"), "\n/var/home/eve:\n");
  std::ofstream(home_ + "/f") << "text";
  std::ofstream(home_ + "/a.tar") << "old";
  const auto archived = [&](const std::string& source) {
    const auto seen = eve.begin("file archive source " + source + " destination a.tar");
    while (!seen->ended) QCoreApplication::processEvents(QEventLoop::WaitForMoreEvents);
    QCoreApplication::processEvents();  // a program goes after its end is told
    std::stringstream content;
    content << std::ifstream(home_ + "/a.tar").rdbuf();
    return seen->text + "|" + content.str();
  };
  struct rlimit before {};
  getrlimit(RLIMIT_FSIZE, &before);
  const struct rlimit none { 0, before.rlim_max };
  setrlimit(RLIMIT_FSIZE, &none);
  const std::string failed = archived("f");
  setrlimit(RLIMIT_FSIZE, &before);
  EXPECT_TRUE(failed.ends_with("error: could not archive 'f'\n|old")) << failed;
  EXPECT_EQ(eve.type("file list"), "\n/var/home/eve:\na.tar\nf\n");
  const std::string whole = archived(".");
  EXPECT_TRUE(whole.starts_with("|eve/")) << whole.substr(0, 200);
  EXPECT_NE(whole.find("eve/f"), whole.npos);
  EXPECT_EQ(whole.find("a.tar"), whole.npos) << "no archive is in itself";
  EXPECT_EQ(eve.type("file list"), "\n/var/home/eve:\na.tar\nf\n");
}

TEST_F(UsersFiles, FileCommandsSayWhatIsWrong) {
  User eve = of("eve");
  EXPECT_EQ(eve.type("file show none"), "error: could not open file 'none'\n");
  EXPECT_EQ(eve.type("file list none"),
            "error: could not open 'none': No such file or directory\n");
  EXPECT_EQ(eve.type("file delete none"),
            "error: could not delete file 'none': No such file or directory\n");
  EXPECT_EQ(eve.type("file rename none some"),
            "error: could not rename file 'none': No such file or directory\n");
  EXPECT_EQ(eve.type("file copy none some"), "error: could not open file 'none'\n");
  EXPECT_EQ(eve.type("file show scp://r2/f"),
            "error: 'scp://r2/f' is not of this router, and no other files are read or written\n");
  eve.type("show cli | save f");
  for (const std::string out : {"/etc/passwd", "../ann/f", outside_.c_str()}) {
    for (const char* verb : {"show", "delete", "list"})
      EXPECT_EQ(eve.type("file " + (verb + (" " + out))), denied(out));
    for (const char* verb : {"copy", "rename"}) {
      EXPECT_EQ(eve.type("file " + (verb + (" f " + out))), denied(out));
      EXPECT_EQ(eve.type("file " + (verb + (" " + out + " f"))), denied(out));
    }
  }
}

// A line whose path is wrong neither empties the file of its pipe nor hides what is wrong in it.
TEST_F(UsersFiles, AreNotTouchedByAWrongLine) {
  User ann = of("ann");
  const auto size = fs::file_size(outside_ + "/f");
  ann.type("configure");
  EXPECT_NE(ann.type("show nonsense | save f").find("syntax error"), std::string::npos);
  EXPECT_EQ(fs::file_size(outside_ + "/f"), size);
  EXPECT_EQ(ann.type("show nonsense | match x"), ann.type("show nonsense"));
  EXPECT_EQ(ann.type("run show nonsense | count"), ann.type("run show nonsense"));
}

TEST_F(UsersFiles, ANameIsNoWayToAnotherHome) {
  for (const char* user : {"..", ".", "a/b", ""}) {
    const UserFiles files(router_.path("home"), user, false);
    EXPECT_EQ(files.find("", "f").error, "permission denied: f") << user;
  }
  EXPECT_EQ(UserFiles("", "eve", false).find("/", "f").error, "permission denied: f");
}

TEST_F(Users, WhoPressesNoKeyLeavesAfterTheTimeOfHisClass) {
  User root = enter("root", 1);
  commit({"set system login idle-timeout 9", "set system login class quick permissions view",
          "set system login class quick idle-timeout 2", "set system login user eve class quick",
          "set system login user ann class read-only"});
  EXPECT_EQ(root.session->prompt().idle_minutes, 0u);
  EXPECT_EQ(enter("eve", 2).session->prompt().idle_minutes, 2u);
  EXPECT_EQ(enter("ann", 3).session->prompt().idle_minutes, 9u);
  User eve = enter("eve", 2);
  EXPECT_EQ(eve.type("set cli idle-timeout 1"), "Idle timeout set to 1 minutes\n");
  EXPECT_EQ(eve.session->prompt().idle_minutes, 1u);
  // No longer than the class allows.
  for (const char* minutes : {"0", "3"})
    EXPECT_EQ(eve.type(std::string("set cli idle-timeout ") + minutes),
              "Idle timeout set to 2 minutes\n");
  EXPECT_EQ(eve.session->prompt().idle_minutes, 2u);
  EXPECT_NE(eve.type("show cli").find("CLI idle-timeout set to 2 minutes\n"), std::string::npos);
  // What holds for all is only where it begins.
  User ann = enter("ann", 3);
  ann.type("set cli idle-timeout 0");
  EXPECT_EQ(ann.session->prompt().idle_minutes, 0u);
  commit({"set system login class quick idle-timeout 1", "delete system login idle-timeout"});
  EXPECT_EQ(eve.session->prompt().idle_minutes, 1u);
  commit({"set system login idle-timeout 1", "set system login class quick idle-timeout 5"});
  EXPECT_EQ(enter("eve", 4).session->prompt().idle_minutes, 5u);
}

TEST_F(Users, AreToldTheAnnouncementWhenTheyCome) {
  User root = enter("root", 1);
  EXPECT_EQ(root.session->announcement(), "");
  root.type("configure");
  root.type("set system login announcement \"Closed on Sunday\"");
  root.type("commit");
  EXPECT_EQ(enter("root", 2).session->announcement(), "Closed on Sunday");
}

// Maintenance is not enough for keys of tunnels and of certificates.
TEST_F(Users, WhoMayNotSeeSecretsTakesNoKeysAway) {
  commit({"set system login class keeps permissions [ maintenance view ]",
          "set system login class sees permissions [ maintenance view secret ]",
          "set system login user eve class keeps", "set system login user ann class sees"});
  const auto may = [&](const char* user, const char* command) {
    return Authorization(user, false, router_.database().effective()).may_give(command, false);
  };
  for (const char* command : {"request security ike debug-keys",
                              "request security pki key-pair export certificate-id a"}) {
    EXPECT_FALSE(may("eve", command)) << command;
    EXPECT_TRUE(may("ann", command)) << command;
  }
  EXPECT_TRUE(may("eve", "request security pki generate-key-pair certificate-id a"));
}

// Keys that are deleted do not come back: more than the counters and tables of an operator.
TEST_F(Users, OperatorsDeleteNoKeys) {
  EXPECT_EQ(needed_for_command("clear security pki key-pair", false), Permission::kMaintenance);
  EXPECT_EQ(needed_for_command("clear security ike security-associations", false),
            Permission::kClear);
}

TEST_F(Users, OfPrivateCandidatesMeetAtTheCommit) {
  User one = enter("one", 1), two = enter("two", 2), shared = enter("three", 3);
  EXPECT_EQ(one.type("configure private"), kWarning + kEntering);
  EXPECT_EQ(two.type("configure private"),
            kWarning + kEntering + kUsers + holder("one", 1, "private [edit]"));
  one.type("set system host-name apples");
  two.type("set system host-name oranges");
  EXPECT_EQ(one.type("show | compare"), "[edit]\n+  system {\n+      host-name apples;\n+  }\n");
  EXPECT_EQ(one.type("commit"), "commit complete\n");
  EXPECT_EQ(two.type("commit"),
            "[edit system]\n  'host-name apples'\n    statement does not match patch\n"
            "load complete (1 errors)\n");
  EXPECT_EQ(two.type("show | compare"),
            "[edit system]\n-  host-name apples;\n+  host-name oranges;\n");
  EXPECT_EQ(two.type("commit"), "commit complete\n");
  one.type("set interfaces et-0/0/0 mtu 9000");
  EXPECT_EQ(one.type("update"), "");
  EXPECT_EQ(one.type("show | display set"),
            "set system host-name oranges\nset interfaces et-0/0/0 mtu 9000\n");
  EXPECT_EQ(one.type("exit"), kDirty + kDiscard);
  EXPECT_EQ(one.say("yes"), "warning: discarding uncommitted changes\nload complete\n" + kLeaving);
  const std::string in_use =
      "error: private edits in use. Try 'configure private' or 'configure exclusive'.\n";
  EXPECT_EQ(shared.type("configure"), kUsers + holder("two", 2, "private [edit]") + in_use);
  two.type("edit system");
  EXPECT_EQ(two.type("commit"), "error: private edits must be committed from the top level\n");
  EXPECT_EQ(two.type("top commit"), "");  // of nothing
  EXPECT_EQ(two.type("top commit check"), "configuration check succeeds\n");
  EXPECT_EQ(two.type("exit configuration-mode"), kLeaving);
  shared.type("configure");
  EXPECT_EQ(shared.type("update"), "error: not in private configuration mode\n");
  EXPECT_EQ(two.type("configure private"),
            kWarning + kEntering + kUsers + holder("three", 3, "[edit]"));
  EXPECT_EQ(shared.type("set system host-name pears"), in_use);
  EXPECT_EQ(shared.type("rollback 1"), in_use);
  EXPECT_EQ(two.type("exit"), kLeaving);
  shared.type("set system host-name pears");
  const std::string list = kUsers + holder("three", 3, "[edit]");
  EXPECT_EQ(one.type("configure private"),
            list + "error: shared configuration database modified\n");
  EXPECT_EQ(one.type("configure exclusive"), list + "error: configuration database modified\n");
  EXPECT_EQ(one.type("configure"), kEntering + list + kDirty);
  EXPECT_EQ(one.type("run configure"), "error: already in configuration mode\n");
  // Two edit the shared candidate: it stays for the other.
  EXPECT_EQ(one.type("exit"), kLeaving);
  EXPECT_EQ(shared.type("exit"), kDirty + "Exit with uncommitted changes? [yes,no] (yes) ");
  EXPECT_EQ(shared.say("yes"), kLeaving);
}

// Lines of words that mean something, in any order: each is answered once, and what comes of them
// is a configuration that its own text gives back.
TEST_F(Users, WhoTypeAnythingGetAnAnswer) {
  const std::vector<const char*> verbs = {"set",
                                          "set",
                                          "set",
                                          "set",
                                          "set",
                                          "wildcard range set",
                                          "delete",
                                          "edit",
                                          "up",
                                          "top",
                                          "exit",
                                          "copy",
                                          "rename",
                                          "insert",
                                          "annotate",
                                          "show",
                                          "protect",
                                          "unprotect",
                                          "activate",
                                          "deactivate",
                                          "status",
                                          "rollback",
                                          "commit",
                                          "run",
                                          "replace pattern",
                                          "wildcard delete",
                                          "wildcard range delete",
                                          "update",
                                          "configure",
                                          "configure private"};
  const std::vector<const char*> paths = {
      "interfaces et-0/0/0 unit 0 family inet address 1.1.1.1/24",
      "interfaces et-0/0/1.5 description \"a b\"",
      "interfaces et-0/0/[0-2,!1] mtu 1500",
      "interfaces et-0/0/2",
      "security ike policy p proposals [ x y z ]",
      "security ike policy p proposals w",
      "security ike policy q description q",
      "routing-options static route default next-hop 1.1.1.1",
      "routing-options static route 1.0.0.0/8 discard",
      "system host-name a",
      ""};
  const std::vector<const char*> words = {
      "to",      "before",    "after",   "proposals y", "policy s",
      "unit 1",  "et-0/0/3",  "t",       "b",           "with",
      "upto 1",  ".*",        "\"(.)\"", "\"\\1\\1\"",  "| display set",
      "| count", "| compare", "[",       "]",           "\"\"",
      "show",    "set",       "2",       "#",           "\"",
      "x",       "x",         "w"};
  std::mt19937 random(7);
  const auto any = [&](const auto& list) { return std::string(list[random() % list.size()]); };
  User user = enter("admin", 1);
  size_t questions = 0, changed = 0;
  for (int i = 0; i < 4000; ++i) {
    if (!user.session->prompt().text.ends_with("# ")) user.type("configure");
    if (i % 100 == 0) router_.database().set_candidate(router_.database().active());
    std::string line = (random() % 2 ? "top " : "") + any(verbs);
    const std::string path = any(paths);
    const size_t cut = random() % 3 ? path.npos : path.find(' ', random() % (path.size() + 1));
    line += " " + path.substr(0, cut);
    for (unsigned more = random() % 4; more > 1; --more) line += " " + any(words);
    const auto before = router_.database().candidate();
    for (const Trigger key : {Trigger::kSpace, Trigger::kTab, Trigger::kQuestion, Trigger::kEnter})
      user.session->complete(line, key);
    const std::string shown = user.type(line);
    if (shown.ends_with(") ")) user.say(random() % 2 ? "yes" : "no");
    questions += shown.ends_with(") ");
    const auto& after = router_.database().candidate();
    if (after == before) continue;
    ++changed;
    const std::string text = configdb::set_text(after);
    const auto again =
        configdb::load(configdb::make_root(router_.database().schema()),
                       {configdb::LoadMode::kSet, grammar::TextForm::kSet, text, "x", {}});
    ASSERT_EQ(configdb::set_text(again.root), text) << line << "\n" << again.text;
  }
  EXPECT_GT(changed, 100u);
  EXPECT_GT(questions, 10u);
}

}  // namespace
}  // namespace nezu::mgmt
