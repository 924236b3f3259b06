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
  void finish() { std::exchange(checked_, nullptr)({}); }

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
