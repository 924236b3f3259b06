// Several users at one router: who edits, who has the configuration alone, and how they leave.
#include <gtest/gtest.h>

#include <QCoreApplication>

#include "tests/services/mgmt/test_router.h"

namespace nezu::mgmt {
namespace {

struct Seen {
  std::string text;
  Outcome outcome;
};

class SeenScreen : public Screen {
 public:
  explicit SeenScreen(std::shared_ptr<Seen> seen) : seen_(std::move(seen)) {}
  void write(std::string_view text) override { seen_->text += text; }
  void without_pager() override {}
  bool cancelled() const override { return false; }
  void done(Outcome outcome) override { seen_->outcome = std::move(outcome); }

 private:
  std::shared_ptr<Seen> seen_;
};

class Users : public testing::Test {
 protected:
  struct User {
    std::unique_ptr<Session> session;

    // The output, and the question if there is one.
    std::string type(std::string_view line) {
      return shown([&](ScreenPtr screen) { session->execute(line, std::move(screen)); });
    }
    std::string say(std::string_view words) {
      return shown([&](ScreenPtr screen) { session->answer(words, std::move(screen)); });
    }
    template <class Act>
    std::string shown(Act act) {
      const auto seen = std::make_shared<Seen>();
      act(std::make_shared<SeenScreen>(seen));
      const bool question = seen->outcome.kind == Outcome::Kind::kQuestion;
      return seen->text + (question ? seen->outcome.text : "");
    }
  };

  User enter(const char* name, int number) {
    Terminal terminal;
    terminal.user = name;
    terminal.tty = "pts/" + std::to_string(number);
    terminal.process = 100 + number;
    return {router_.session(terminal)};
  }
  static std::string holder(const std::string& name, int number, const std::string& level) {
    return "  " + name + " terminal pts/" + std::to_string(number) + " (pid " +
           std::to_string(100 + number) + ") on since 2027-01-15 08:00:00 UTC\n      " + level +
           "\n";
  }

  int count_ = 0;
  QCoreApplication application_{count_, nullptr};
  TestRouter router_;
};

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
  EXPECT_EQ(owner.type("show"), "system {\n    host-name a;\n}\n");
  EXPECT_EQ(owner.type("exit configuration-mode"), question);
  EXPECT_EQ(owner.say(""), "warning: discarding uncommitted changes\nload complete\n" + kLeaving);
  EXPECT_EQ(owner.type("configure"), kEntering);
  EXPECT_EQ(owner.type("show"), "");
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
  shared.type("configure");
  EXPECT_EQ(shared.type("update"), "error: not in private configuration mode\n");
  shared.type("set system host-name pears");
  const std::string list =
      kUsers + holder("two", 2, "private [edit]") + holder("three", 3, "[edit]");
  EXPECT_EQ(one.type("configure private"),
            list + "error: shared configuration database modified\n");
  EXPECT_EQ(one.type("configure exclusive"), list + "error: configuration database modified\n");
  EXPECT_EQ(one.type("configure"), kEntering + list + kDirty);
  EXPECT_EQ(one.type("run configure"), "error: already in configuration mode\n");
  // Two edit the shared candidate: it stays for the other.
  EXPECT_EQ(one.type("exit"), kLeaving);
  EXPECT_EQ(shared.type("exit"), kDirty + "Exit with uncommitted changes? [yes,no] (yes) ");
  EXPECT_EQ(shared.say("yes"), kLeaving);
  EXPECT_EQ(two.type("commit"), "error: shared configuration database modified\n");
}

}  // namespace
}  // namespace nezu::mgmt
