// Commands that end late: their user interrupts, goes on to something else, or is gone.
#include <pty.h>
#include <unistd.h>

#include "tests/services/mgmt/user.h"

namespace nezu::mgmt {
namespace {

// A service that checks when it is told to.
class SlowService : public configdb::Service {
 public:
  std::string_view name() const override { return "slow"; }
  std::vector<std::string> claims() const override { return {}; }
  void check(const configdb::Delta&, std::function<void(configdb::Problems)> done) override {
    checked_ = std::move(done);
  }
  void apply(const configdb::Delta&, std::function<void()> done) override { done(); }
  void finish(configdb::Problems problems = {}) {
    std::exchange(checked_, nullptr)(std::move(problems));
  }

 private:
  std::function<void(configdb::Problems)> checked_;
};

class LateEnds : public Users {
 protected:
  LateEnds() { router_.database().add(service_); }
  SlowService service_;
};

TEST_F(LateEnds, ACommitIsSeenThroughHoweverOftenItIsInterrupted) {
  User user = enter("admin", 1);
  user.type("configure");
  user.type("set system host-name a");
  const auto commit = user.begin("commit and-quit");
  EXPECT_TRUE(user.session->end_softly());
  EXPECT_TRUE(user.session->end_softly());
  EXPECT_EQ(commit->ended, 0);
  service_.finish();
  EXPECT_EQ(commit->text, "commit complete\nExiting configuration mode\n");
  EXPECT_FALSE(user.session->end_softly());
}

// Nothing is said to be left out of what is not done.
TEST_F(LateEnds, WhatFailsIsNotSynchronizedEither) {
  User user = enter("admin", 1);
  user.type("configure");
  user.type("set system host-name a");
  const auto failing = user.begin("commit synchronize");
  service_.finish({{{"system"}, "host-name a", "not this one", false}});
  EXPECT_EQ(failing->text.find("re1"), failing->text.npos) << failing->text;
  const auto good = user.begin("commit synchronize");
  service_.finish();
  EXPECT_EQ(good->text,
            "warning: Could not connect to re1 : No route to host\n"
            "warning: Cannot connect to other RE, ignoring it\ncommit complete\n");
}

TEST_F(LateEnds, ACommitLeavesOnlyWhatItCommitted) {
  User user = enter("admin", 1);
  user.type("configure");
  user.type("set system host-name a");
  user.begin("commit and-quit");
  user.session->interrupt();
  user.type("exit");
  user.say("yes");
  user.type("configure");
  service_.finish();
  EXPECT_TRUE(user.session->prompt().text.ends_with("# "));
  EXPECT_EQ(user.type("show system"), "host-name a;\n");
}

TEST_F(LateEnds, QuestionsEndWithTheConfigurationModeTheyWereAskedIn) {
  User user = enter("admin", 1);
  user.type("configure");
  user.type("set system host-name a");
  user.begin("commit and-quit");
  user.session->interrupt();
  EXPECT_TRUE(user.type("delete").ends_with("(no) "));
  service_.finish();
  EXPECT_EQ(user.say("yes"), "error: nothing was asked\n");
  EXPECT_EQ(user.type("show configuration system | display set"), "set system host-name a\n");
}

// Its session is gone; the message is still from him.
TEST_F(LateEnds, APipeOutlivesItsUser) {
  int master = -1, slave = -1;
  char name[64];
  ASSERT_EQ(openpty(&master, &slave, name, nullptr, nullptr), 0);
  User reader = enter("reader", std::string(name).substr(5), 1);
  User writer = enter("a-writer-with-a-long-name", 99999);
  writer.begin("request test silence | request message all");
  ASSERT_EQ(router_.unanswered().size(), 1u);
  writer.session.reset();
  router_.unanswered()[0]->message("late");
  router_.unanswered()[0]->finish();
  char text[512];
  const ssize_t got = read(master, text, sizeof text);
  EXPECT_NE(std::string(text, std::max<ssize_t>(got, 0)).find("from a-writer-with-a-long-name@"),
            std::string::npos);
  close(master);
  close(slave);
}

// Names that are long in coming hold nobody up.
TEST_F(LateEnds, ARefreshEndsWhileItWaitsForNames) {
  User user = enter("admin", 1);
  user.type("configure");
  user.type("set interfaces et-0/0/0 description 192.0.2.77");
  const auto refresh = user.begin("show interfaces | resolve | refresh 60");
  EXPECT_EQ(refresh->ended, 0);
  EXPECT_TRUE(user.session->end_softly());
  EXPECT_EQ(refresh->ended, 1);
}

// What is said to others is text, and so are the names of who says it.
TEST_F(LateEnds, NobodySteersTheTerminalOfSomebodyElse) {
  int master = -1, slave = -1;
  char name[64];
  ASSERT_EQ(openpty(&master, &slave, name, nullptr, nullptr), 0);
  User reader = enter("reader", std::string(name).substr(5), 1);
  User writer = enter("root", std::string("pts/\x1b]0;x\x07\n9"), 2);
  writer.type(
      "request message all message \"a\x1b[2J\xc2\x9b"
      "2J\x9b"
      "2J\xc3\xa4\xe2\x82\xac\xc3\"");
  char text[512];
  const ssize_t got = read(master, text, sizeof text);
  const std::string seen(text, std::max<ssize_t>(got, 0));
  EXPECT_NE(seen.find("(pts/]0;x9) at "), seen.npos) << seen;
  EXPECT_NE(seen.find("\na[2J2J2J\xc3\xa4\xe2\x82\xac\r"), seen.npos) << seen;
  close(master);
  close(slave);
}

// As one that is understood, but for what it says.
TEST_F(LateEnds, ALineOfTooManyCommandsIsRecorded) {
  std::string recorded;
  router_.database().set_recorder(
      [&](std::string_view tag, const std::string& text) { recorded += std::string(tag) + text; });
  User user = enter("admin", 1);
  user.type("configure");
  std::string line;
  for (int i = 0; i < 20; ++i) line += "top ";
  user.type(line + "set system root-authentication encrypted-password geheim");
  EXPECT_NE(recorded.find("command 'top "), recorded.npos) << recorded;
  EXPECT_EQ(recorded.find("geheim"), recorded.npos) << recorded;
}

// "Last changed" tells when there was something else.
TEST_F(LateEnds, WhatChangesNothingIsNoChange) {
  User user = enter("admin", 1);
  user.type("configure");
  user.type("set system host-name a");
  const int64_t then = router_.database().candidate_changed();
  router_.database().set_clock([] { return configdb::Now{1'900'000'000, 0, "boot"}; });
  for (const char* line : {"set system host-name a", "delete system location", "activate system",
                           "replace pattern q with r"})
    user.type(line);
  EXPECT_EQ(router_.database().candidate_changed(), then);
  user.type("set system host-name b");
  EXPECT_EQ(router_.database().candidate_changed(), 1'900'000'000);
}

}  // namespace
}  // namespace nezu::mgmt
