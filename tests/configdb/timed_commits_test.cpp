// Confirmed and scheduled commits, over restarts of the process and of the machine, with clocks
// that people set.
#include "configdb/timed_commits.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "configdb/database.h"
#include "configdb/secrets.h"
#include "grammar/secret.h"
#include "sample.h"
#include "tests/temporary_directory.h"

namespace nezu::configdb {
namespace {

using namespace sample;

constexpr int64_t kMinute = 60;

class TimedCommit : public testing::Test {
 protected:
  TimedCommit() { open(); }
  ~TimedCommit() override { database_.reset(); }

  void open() {
    database_.reset();
    auto opened =
        Database::open(directory_ + "/config.db", schema(), nullptr, [this] { return now_; });
    ASSERT_TRUE(opened.database) << opened.error;
    warning_ = opened.warning;
    database_ = std::move(opened.database);
    database_->set_recorder([this](std::string_view tag, const std::string& text) {
      records_.push_back(std::string(tag) + ": " + text);
    });
    database_->set_broadcast([this](const std::string& text) { broadcasts_.push_back(text); });
  }
  void reboot() {
    now_.boot += "+";
    now_.uptime = 5000;
    open();
  }
  // As the owner's timer does.
  void pass(int64_t seconds) {
    for (; seconds > 0; --seconds) {
      now_.wall += 1;
      now_.uptime += 1000;
      if (database_->timed().due_in() == 0) database_->timed().run_due();
    }
  }

  CommitResult commit(CommitRequest request) {
    CommitResult out;
    request.user = "admin";
    database_->commit(std::move(request), [&](CommitResult result) { out = std::move(result); });
    return out;
  }
  CommitResult name(const std::string& host, unsigned confirm = 0) {
    database_->set_candidate(with(database_->candidate(), "system host-name " + host));
    CommitRequest request;
    request.confirm_minutes = confirm;
    return commit(request);
  }
  CommitResult check() {
    CommitRequest request;
    request.check_only = true;
    return commit(request);
  }
  CommitResult schedule(int64_t at) {
    CommitResult out;
    CommitRequest request;
    request.user = "admin";
    request.via = "cli";
    request.comment = "later\non";
    database_->timed().schedule(request, at, [&](CommitResult result) { out = result; });
    return out;
  }
  std::string host() const { return database_->effective()["system"]["host-name"].value(); }

  TemporaryDirectory temporary_;
  const std::string directory_ = temporary_.path();
  Now now_{1'700'000'000, 50'000'000, "boot"};
  std::unique_ptr<Database> database_;
  std::string warning_;
  std::vector<std::string> records_, broadcasts_;
};

TEST_F(TimedCommit, UnconfirmedIsTakenBackOnTime) {
  name("before");
  EXPECT_EQ(name("after", 10).text,
            "commit confirmed will be automatically rolled back in 10 minutes unless confirmed\n"
            "commit complete\n");
  EXPECT_EQ(database_->timed().minutes_left(), 10);
  pass(61);
  EXPECT_EQ(database_->timed().minutes_left(), 9);
  pass(10 * kMinute - 62);
  EXPECT_EQ(host(), "after");
  pass(1);
  EXPECT_EQ(host(), "before");
  EXPECT_EQ(database_->log()[0].user + " via " + database_->log()[0].via, "root via other");
  EXPECT_EQ(broadcasts_,
            std::vector<std::string>{"Commit was not confirmed; automatic rollback complete."});
  EXPECT_FALSE(database_->modified()) << "an untouched candidate follows";
  EXPECT_EQ(database_->timed().due_in(), std::nullopt);
}

TEST_F(TimedCommit, CommitAndCommitCheckConfirm) {
  name("before");
  name("one", 5);
  EXPECT_EQ(check().text, "configuration check succeeds\n");
  EXPECT_FALSE(database_->timed().confirmation());
  name("two", 5);
  name("three");
  open();
  pass(10 * kMinute);
  EXPECT_EQ(host(), "three");
}

TEST_F(TimedCommit, AFailedCheckDoesNotConfirm) {
  name("after", 5);
  database_->set_candidate(with(database_->candidate(), "security ike gateway g ike-policy p"));
  EXPECT_FALSE(check().ok);
  EXPECT_TRUE(database_->timed().confirmation());
}

TEST_F(TimedCommit, ASecondConfirmedCommitGoesBackToBeforeTheFirst) {
  name("before");
  name("one", 5);
  pass(4 * kMinute);
  name("two", 5);
  pass(4 * kMinute);
  EXPECT_EQ(host(), "two");
  pass(kMinute);
  EXPECT_EQ(host(), "before");
}

TEST_F(TimedCommit, EditsInTheCandidateSurviveARollback) {
  name("before");
  name("after", 1);
  database_->set_candidate(with(database_->candidate(), "interfaces et-0/0/0 description edited"));
  pass(kMinute);
  EXPECT_EQ(host(), "before");
  EXPECT_TRUE(view(database_->candidate())["interfaces"].entry("interface", "et-0/0/0"));
  database_->save();
  open();
  EXPECT_TRUE(view(database_->candidate())["interfaces"].entry("interface", "et-0/0/0"));
}

TEST_F(TimedCommit, TheProcessMayDie) {
  name("before");
  name("after", 10);
  pass(5 * kMinute);
  open();
  EXPECT_EQ(warning_, "");
  EXPECT_EQ(database_->timed().minutes_left(), 5);
  pass(5 * kMinute);
  EXPECT_EQ(host(), "before");
}

TEST_F(TimedCommit, WhatRanOutMeanwhileIsGoneBeforeAnybodySeesIt) {
  name("before");
  name("after", 10);
  now_.wall += 3600;
  now_.uptime += 3'600'000;
  open();
  EXPECT_EQ(warning_, "a commit was not confirmed; automatic rollback complete");
  EXPECT_EQ(host(), "before");
  EXPECT_EQ(database_->log()[0].via, "other");
  open();
  EXPECT_EQ(warning_, "");
}

// Answers when it is told to.
class Slow : public Service {
 public:
  std::string_view name() const override { return "slow"; }
  std::vector<std::string> claims() const override { return {}; }
  void check(const Delta&, std::function<void(Problems)> done) override {
    if (!holds) return done({});
    answer = std::move(done);
  }
  void apply(const Delta&, std::function<void()> done) override { done(); }
  bool holds = false;
  std::function<void(Problems)> answer;
};

TEST_F(TimedCommit, NobodyCommitsWhileItIsTakenBack) {
  Slow slow;
  database_->add(slow);
  name("before");
  name("after", 1);
  slow.holds = true;
  pass(kMinute);
  ASSERT_TRUE(slow.answer);
  EXPECT_EQ(name("other").text,
            "error: configuration database locked by:\n  root (automatic rollback)\n");
  pass(kMinute);  // and it is not begun again
  slow.holds = false;
  std::exchange(slow.answer, nullptr)({});
  EXPECT_EQ(host(), "before");
  EXPECT_TRUE(name("other").ok);
  EXPECT_EQ(host(), "other");
}

TEST_F(TimedCommit, AClockThatGoesBackChangesNoOrder) {
  name("a");
  now_.wall -= 1'000'000;
  name("b");
  now_.wall -= 1'000'000;
  name("c");
  open();
  EXPECT_EQ(host(), "c");
  EXPECT_EQ(view(database_->rollback(1).root)["system"]["host-name"].value(), "b");
  EXPECT_EQ(view(database_->rollback(2).root)["system"]["host-name"].value(), "a");
  EXPECT_LT(database_->log()[0].time, database_->log()[1].time);
}

TEST_F(TimedCommit, EditsSurviveARollbackAtTheStart) {
  name("before");
  name("after", 10);
  database_->set_candidate(with(database_->candidate(), "interfaces et-0/0/0 description edited"));
  ASSERT_EQ(database_->save(), std::nullopt);
  now_.wall += 3600;
  now_.uptime += 3'600'000;
  for (int starts = 0; starts < 2; ++starts) {
    open();
    EXPECT_EQ(host(), "before");
    EXPECT_TRUE(view(database_->candidate())["interfaces"].entry("interface", "et-0/0/0"));
    EXPECT_EQ(view(database_->candidate())["system"]["host-name"].value(), "after");
  }
}

TEST_F(TimedCommit, WhatItGoesBackToIsKeptHoweverManyFollow) {
  name("before");
  for (int i = 0; i < 160; ++i) ASSERT_TRUE(name("h" + std::to_string(i), 10).ok);
  open();
  pass(10 * kMinute);
  EXPECT_EQ(host(), "before");
  EXPECT_EQ(records_.back(),
            "UI_COMMIT_NOT_CONFIRMED: Commit was not confirmed; automatic rollback complete");
  // And not for ever.
  for (int i = 0; i < 160; ++i) ASSERT_TRUE(name("g" + std::to_string(i)).ok);
  EXPECT_EQ(database_->log().size(), 50u);
}

TEST_F(TimedCommit, ConfirmingTellsTheTimer) {
  name("one", 5);
  int told = 0;
  database_->timed().on_change([&] { ++told; });
  check();
  EXPECT_EQ(told, 1);
  EXPECT_EQ(database_->timed().due_in(), std::nullopt);
}

TEST_F(TimedCommit, SettingTheClockMovesNothingWithinABoot) {
  name("before");
  name("after", 10);
  now_.wall -= 100'000;
  pass(5 * kMinute);
  now_.wall += 300'000;
  open();
  EXPECT_EQ(host(), "after");
  EXPECT_EQ(database_->timed().minutes_left(), 5);
  pass(5 * kMinute);
  EXPECT_EQ(host(), "before");
}

TEST_F(TimedCommit, TheMachineMayDie) {
  name("before");
  name("after", 10);
  pass(4 * kMinute);
  now_.wall += 60;
  reboot();
  EXPECT_EQ(database_->timed().minutes_left(), 5);
  now_.wall -= 1'000'000;  // and comes up with a clock that is wrong
  reboot();
  EXPECT_EQ(database_->timed().minutes_left(), 10) << "the whole time again, not for ever";
  now_.wall += 2'000'000;
  reboot();
  EXPECT_EQ(host(), "before");
}

TEST_F(TimedCommit, ScheduledIsMadeOnTimeOverARestart) {
  name("before");
  database_->set_candidate(with(database_->candidate(), "system host-name later"));
  EXPECT_EQ(schedule(now_.wall + 120).text, "configuration check succeeds\n");
  EXPECT_EQ(host(), "before");
  const CommitResult refused = name("other");
  EXPECT_TRUE(refused.text.ends_with(" is pending; 'clear system commit' cancels it\n"))
      << refused.text;
  open();
  ASSERT_TRUE(database_->timed().scheduled());
  EXPECT_EQ(database_->timed().scheduled()->comment, "later\non");
  pass(119);
  EXPECT_EQ(host(), "before");
  pass(1);
  EXPECT_EQ(host(), "later");
  EXPECT_EQ(database_->log()[0].user, "admin");
  EXPECT_EQ(records_.back(), "UI_COMMIT_AT_COMPLETED: 'commit at' was successful");
  EXPECT_TRUE(name("free").ok);
}

TEST_F(TimedCommit, ASecondScheduledOneIsRefused) {
  database_->set_candidate(with(database_->candidate(), "system host-name first"));
  ASSERT_TRUE(schedule(now_.wall + 60).ok);
  database_->set_candidate(with(database_->candidate(), "system host-name second"));
  const CommitResult refused = schedule(now_.wall + 30);
  EXPECT_FALSE(refused.ok);
  EXPECT_TRUE(refused.text.ends_with(" is pending; 'clear system commit' cancels it\n"))
      << refused.text;
  EXPECT_EQ(database_->timed().scheduled()->at, now_.wall + 60);
  pass(60);
  EXPECT_EQ(host(), "first");
}

TEST_F(TimedCommit, SchedulingConfirmsNothing) {
  name("before");
  name("after", 10);
  database_->set_candidate(with(database_->candidate(), "system host-name later"));
  ASSERT_TRUE(schedule(now_.wall + 3600).ok);
  EXPECT_TRUE(database_->timed().confirmation());
  EXPECT_EQ(records_.back(),
            "UI_COMMIT: User 'admin' requested 'commit at' operation (comment: later\non)");
  pass(10 * kMinute);
  EXPECT_EQ(host(), "before");
}

// Says what it was given, as a daemon may.
class Blabber : public Service {
 public:
  std::string_view name() const override { return "blabber"; }
  std::vector<std::string> claims() const override { return {}; }
  void check(const Delta& delta, std::function<void(Problems)> done) override {
    const auto key = delta.after()["security"]["ike"]
                         .entry("policy", "p")["pre-shared-key"]["ascii-text"]
                         .value();
    if (refuses) return done({{{}, "system", "cannot use key " + key, false}});
    done({});
  }
  void apply(const Delta&, std::function<void()> done) override { done(); }
  bool refuses = false;
};

TEST_F(TimedCommit, RecordsOfFailuresHoldNoSecrets) {
  Blabber blabber;
  database_->add(blabber);
  database_->set_candidate(
      with(database_->candidate(), "security ike policy p pre-shared-key ascii-text hush-hush"));
  ASSERT_TRUE(schedule(now_.wall + 5).ok);
  blabber.refuses = true;
  pass(6);
  EXPECT_NE(records_.back().find("UI_COMMIT_AT_FAILED"), std::string::npos) << records_.back();
  blabber.refuses = false;
  CommitRequest keyed;
  ASSERT_TRUE(commit(keyed).ok);
  ASSERT_TRUE(name("after", 1).ok);
  blabber.refuses = true;
  pass(61);
  EXPECT_EQ(host(), "after");
  EXPECT_NE(records_.back().find("Automatic rollback failed: "), std::string::npos);
  EXPECT_NE(records_.back().find("cannot use key"), std::string::npos);
  for (const std::string& record : records_)
    EXPECT_EQ(record.find("hush"), std::string::npos) << record;
}

class TimedGroup : public TimedCommit {
 protected:
  // From midnight on, every day from 10:00 to 12:00 another name.
  TimedGroup() {
    now_.wall -= now_.wall % (24 * 60 * kMinute);
    open();
    auto tree = with(database_->candidate(), "groups g when time 10:00");
    tree = with(tree, "groups g when time to 12:00");
    tree = with(tree, "groups g system host-name timed");
    database_->set_candidate(with(tree, "apply-groups g"));
    CommitRequest request;
    EXPECT_EQ(commit(request).text, "commit complete\n");
    EXPECT_EQ(host(), "");
  }
  static constexpr int64_t kHour = 60 * kMinute;
};

TEST_F(TimedGroup, BeginsAndEndsOnTime) {
  pass(10 * kHour - 1);
  EXPECT_EQ(host(), "");
  EXPECT_EQ(database_->revision(), 1u);
  database_->set_candidate(with(database_->candidate(), "system domain-name edited"));
  pass(1);
  EXPECT_EQ(host(), "timed");
  EXPECT_EQ(database_->revision(), 2u);
  EXPECT_EQ(database_->log()[0].user + " via " + database_->log()[0].via, "root via other");
  EXPECT_TRUE(database_->modified()) << "what is being edited stays";
  EXPECT_FALSE(view(database_->active())["system"]["domain-name"]);
  open();
  EXPECT_EQ(host(), "timed") << "also after a restart";
  pass(2 * kHour);
  EXPECT_EQ(host(), "");
  EXPECT_EQ(database_->revision(), 3u);
  now_.wall += 22 * kHour;  // somebody sets the clock, or nobody was there
  open();
  EXPECT_EQ(host(), "timed") << "before any service sees anything else";
  EXPECT_EQ(database_->revision(), 3u);
}

// 10:00 to 12:00, and it is 13:00; then it is 11:00 again.
TEST_F(TimedGroup, IsLookedAtAgainWhenTheClockIsSetBack) {
  pass(13 * kHour);
  ASSERT_EQ(host(), "");
  now_.wall -= 2 * kHour;
  pass(1);
  EXPECT_EQ(host(), "timed");
  now_.wall -= 3 * kHour;
  pass(1);
  EXPECT_EQ(host(), "");
  const auto revision = database_->revision();
  now_.wall -= kHour;
  pass(1);
  EXPECT_EQ(database_->revision(), revision) << "nothing comes of it";
}

TEST_F(TimedGroup, ConfirmsNothing) {
  pass(10 * kHour - 60);
  database_->set_candidate(with(database_->candidate(), "system domain-name d"));
  CommitRequest request;
  request.confirm_minutes = 5;
  ASSERT_TRUE(commit(request).ok);
  pass(2 * kMinute);
  EXPECT_EQ(host(), "timed");
  ASSERT_TRUE(database_->timed().confirmation());
  pass(3 * kMinute);
  EXPECT_FALSE(view(database_->active())["system"]["domain-name"]);
  EXPECT_EQ(host(), "timed");
}

TEST_F(TimedGroup, ThatAppliesNowhereMakesNoRevision) {
  auto tree = with(make_root(*schema()), "groups g when time 10:00");
  database_->set_candidate(with(tree, "groups g system host-name timed"));
  CommitRequest request;
  ASSERT_TRUE(commit(request).ok);
  pass(11 * kHour);
  EXPECT_EQ(database_->revision(), 2u);
}

// What is refused is tried again while it would apply, and forgotten when it is over.
TEST_F(TimedGroup, ThatIsRefusedIsOverInTime) {
  database_->set_candidate(
      with(database_->candidate(), "groups g security ipsec vpn v ike gateway nosuch"));
  CommitRequest request;
  ASSERT_TRUE(commit(request).ok);
  pass(10 * kHour + kMinute);
  EXPECT_EQ(host(), "");
  EXPECT_THAT(records_, testing::Contains(testing::StartsWith("UI_COMMIT_AT_FAILED")));
  now_.wall += 3 * kHour;
  now_.uptime += 3 * kHour * 1000;
  pass(1);
  EXPECT_GT(database_->timed().due_in().value_or(0), 0) << "nothing to do before tomorrow";
}

TEST_F(TimedCommit, ScheduledForTheNextBoot) {
  database_->set_candidate(with(database_->candidate(), "system host-name later"));
  ASSERT_TRUE(schedule(0).ok);
  pass(1000);
  open();
  pass(1000);
  EXPECT_EQ(host(), "");
  reboot();
  pass(1);
  EXPECT_EQ(host(), "later");
}

TEST_F(TimedCommit, ClearedIsGone) {
  database_->set_candidate(with(database_->candidate(), "system host-name later"));
  ASSERT_TRUE(schedule(now_.wall + 5).ok);
  EXPECT_EQ(database_->timed().clear_scheduled(), std::nullopt);
  open();
  pass(10);
  EXPECT_EQ(host(), "");
  EXPECT_TRUE(name("free").ok);
}

TEST_F(TimedCommit, ABadCandidateIsNotScheduled) {
  database_->set_candidate(with(database_->candidate(), "security ike gateway g ike-policy p"));
  EXPECT_FALSE(schedule(now_.wall + 5).ok);
  EXPECT_FALSE(database_->timed().scheduled());
}

TEST(CommitTime, IsReadAsItIsTyped) {
  const int64_t now = 1'505'248'255;  // 2017-09-12 20:30:55 UTC
  EXPECT_EQ(parse_commit_time("21:30:55", now), now + 3600);
  EXPECT_EQ(parse_commit_time("20:31", now), now + 5);
  EXPECT_EQ(parse_commit_time("2017-09-13 00:00", now), 1'505'260'800);
  EXPECT_EQ(parse_commit_time("reboot", now), 0);
  for (const char* bad :
       {"20:30:55", "20:30", "24:00", "21:60", "21", "", "21:30:", "21:30:55x", "2017-02-30 10:00",
        "2016-09-13 10:00", "-1:30", "23:+1", "23: 1", "2017-09-13", "soon"})
    EXPECT_EQ(parse_commit_time(bad, now), std::nullopt) << bad;
}

TEST_F(TimedCommit, TheRescueConfigurationIsKept) {
  EXPECT_EQ(database_->load_rescue().error, "rescue configuration does not exist");
  name("safe");
  ASSERT_EQ(database_->save_rescue("admin", "cli"), std::nullopt);
  name("other");
  open();
  ASSERT_TRUE(database_->rescue());
  EXPECT_EQ(database_->rescue()->time, now_.wall);
  EXPECT_EQ(database_->rescue()->user, "admin");
  const Loaded rescue = database_->load_rescue();
  ASSERT_TRUE(rescue.root) << rescue.error;
  EXPECT_EQ(view(rescue.root)["system"]["host-name"].value(), "safe");
  EXPECT_EQ(database_->delete_rescue(), std::nullopt);
  EXPECT_FALSE(database_->rescue());
}

TEST_F(TimedCommit, CommitsAreRecordedWithoutSecrets) {
  name("h");
  EXPECT_EQ(records_, (std::vector<std::string>{
                          "UI_COMMIT: User 'admin' requested 'commit' operation (comment: none)",
                          "UI_COMMIT_COMPLETED: commit complete"}));
  const NodePtr root =
      with(database_->candidate(), "security ike policy p pre-shared-key ascii-text hush-hush");
  const std::string shown = grammar::encode_secret("hush-hush");
  EXPECT_EQ(without_secrets("a hush-hush b '" + shown + "' c", root),
            "a /* SECRET-DATA */ b '/* SECRET-DATA */' c");
  EXPECT_EQ(without_secrets("x $9$abc\"y $6$salt$hash; $1 $"),
            "x /* SECRET-DATA */\"y /* SECRET-DATA */; $1 $");
}

}  // namespace
}  // namespace nezu::configdb
