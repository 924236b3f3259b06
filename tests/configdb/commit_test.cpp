// The commit engine with services that answer as they are told, now or later.
#include "configdb/commit.h"

#include <gtest/gtest.h>
#include <sqlite3.h>
#include <sys/stat.h>

#include <filesystem>

#include "configdb/database.h"
#include "configdb/factory.h"
#include "configdb/problems.h"
#include "configdb/session.h"
#include "sample.h"
#include "tests/temporary_directory.h"

namespace nezu::configdb {
namespace {

using namespace sample;

struct FakeService : Service {
  FakeService(std::string its_name, std::vector<std::string>& its_log)
      : name_(std::move(its_name)), log_(its_log) {}

  std::string_view name() const override { return name_; }
  std::vector<std::string> claims() const override { return {}; }
  void check(const Delta& delta, std::function<void(Problems)> done) override {
    log_.push_back(name_ + " check " + std::to_string(delta.revision()));
    if (later)
      check_done = std::move(done);
    else
      done(problems);
  }
  void apply(const Delta& delta, std::function<void()> done) override {
    log_.push_back(name_ + " apply " + std::to_string(delta.revision()));
    changes = delta.changes("interfaces interface").size();
    before_was_empty = !delta.before();
    if (later)
      apply_done = std::move(done);
    else
      done();
  }

  Problems problems;
  bool later = false;
  size_t changes = 0;
  bool before_was_empty = false;
  std::function<void(Problems)> check_done;
  std::function<void()> apply_done;

 private:
  std::string name_;
  std::vector<std::string>& log_;
};

class CommitTest : public testing::Test {
 protected:
  CommitTest() { open(); }
  ~CommitTest() override { database_.reset(); }

  std::string file() const { return directory_ + "/config.db"; }

  void open() {
    database_.reset();
    auto opened = Database::open(file(), schema());
    ASSERT_TRUE(opened.database) << opened.error;
    EXPECT_EQ(opened.warning, "");
    database_ = std::move(opened.database);
    database_->set_clock([] { return Now{1600000000, 0, "boot"}; });
    database_->add(first_);
    database_->add(second_);
  }

  void type(const std::string& line) {
    database_->set_candidate(with(database_->candidate(), line));
  }
  void untype(const std::string& line) {
    database_->set_candidate(without(database_->candidate(), line));
  }
  CommitResult commit(bool check_only = false) {
    CommitResult out;
    out.text = "no answer";
    CommitRequest request;
    request.user = "admin";
    request.check_only = check_only;
    database_->commit(request, [&](CommitResult result) { out = std::move(result); });
    return out;
  }

  TemporaryDirectory temporary_;
  const std::string directory_ = temporary_.path();
  std::vector<std::string> log_;
  FakeService first_{"first", log_}, second_{"second", log_};
  std::unique_ptr<Database> database_;
};

TEST_F(CommitTest, ChecksAllThenAppliesInOrder) {
  type("interfaces et-0/0/0 unit 0");
  const CommitResult result = commit();
  EXPECT_TRUE(result.ok);
  EXPECT_EQ(result.text, "commit complete\n");
  EXPECT_EQ(result.revision, 1u);
  EXPECT_EQ(log_, (std::vector<std::string>{"first check 1", "second check 1", "first apply 1",
                                            "second apply 1"}));
  EXPECT_EQ(first_.changes, 1u);
  EXPECT_EQ(database_->revision(), 1u);
  EXPECT_FALSE(database_->modified());
  ASSERT_EQ(database_->log().size(), 2u);
  EXPECT_EQ(database_->log()[0].user, "admin");
  EXPECT_EQ(database_->log()[0].time, 1600000000);
}

TEST_F(CommitTest, AFreshRouterHasARevisionToRollBackTo) {
  ASSERT_EQ(database_->log().size(), 1u);
  EXPECT_EQ(database_->revision(), 0u);
  EXPECT_EQ(database_->log()[0].user + " via " + database_->log()[0].via, "root via other");
  type("system host-name first");
  ASSERT_TRUE(commit().ok);
  open();
  const Loaded factory = database_->rollback(1);
  ASSERT_TRUE(factory.root) << factory.error;
  EXPECT_TRUE(equal(factory.root, factory_default(*schema())));
  database_->set_candidate(factory.root);
  EXPECT_TRUE(commit().ok);
  EXPECT_EQ(database_->rollback(3).error, "rollback 3 does not exist");
}

TEST_F(CommitTest, CheckChangesNothing) {
  type("interfaces et-0/0/0");
  EXPECT_EQ(commit(true).text, "configuration check succeeds\n");
  EXPECT_EQ(database_->revision(), 0u);
  EXPECT_TRUE(database_->modified());
  EXPECT_EQ(log_.size(), 2u);
}

TEST_F(CommitTest, AllProblemsOfAllAreShown) {
  type("security ike gateway g ike-policy absent");
  type("security ike gateway g address 1.1.1.1");
  first_.problems = {{{"interfaces", "et-0/0/0"}, "unit 0", "No such port", false},
                     {{"interfaces"}, "et-0/0/1", "slow", true}};
  second_.problems = {{{"interfaces", "et-0/0/0"}, "unit 0", "Never", false}};
  const NodePtr candidate = database_->candidate();
  const CommitResult result = commit(true);
  EXPECT_FALSE(result.ok);
  for (const char* part : {"[edit security ike gateway g]\n  'ike-policy absent'\n    ",
                           "[edit interfaces et-0/0/0]\n  'unit 0'\n    No such port\n    Never\n",
                           "[edit interfaces]\n  'et-0/0/1'\n    warning: slow\n"})
    EXPECT_NE(result.text.find(part), std::string::npos) << part << "in\n" << result.text;
  EXPECT_TRUE(result.text.ends_with("\nerror: configuration check-out failed: (statements "
                                    "constraint check failed)\n") ||
              result.text.ends_with("(missing mandatory statements)\n"))
      << result.text;
  EXPECT_EQ(database_->candidate(), candidate);
  EXPECT_EQ(database_->revision(), 0u);
}

TEST_F(CommitTest, AServiceThatRefusesFailsItWithoutAReason) {
  type("interfaces et-0/0/0");
  second_.problems = {{{"interfaces"}, "et-0/0/0", "No such port", false}};
  EXPECT_EQ(commit().text,
            "[edit interfaces]\n  'et-0/0/0'\n    No such port\n"
            "error: configuration check-out failed\n");
  second_.problems.clear();
  EXPECT_TRUE(commit().ok);
}

TEST_F(CommitTest, RecordsNoMoreErrorsThanItPrints) {
  std::vector<std::string> errors;
  database_->set_recorder([&](std::string_view tag, const std::string& text) {
    if (tag == "UI_CONFIGURATION_ERROR") errors.push_back(text);
  });
  type("interfaces et-0/0/0");
  for (size_t i = 0; i < kMostRendered + 5; ++i)
    first_.problems.push_back({{"interfaces"}, "unit " + std::to_string(i), "No such port", false});
  EXPECT_FALSE(commit().ok);
  ASSERT_EQ(errors.size(), kMostRendered + 1);
  EXPECT_EQ(errors.back(), "5 more errors are not recorded");
}

TEST_F(CommitTest, WarningsDoNotFailIt) {
  type("interfaces et-0/0/0");
  second_.problems = {{{"protocols"}, "ospf", "requires 'OSPF' license", true}};
  EXPECT_EQ(commit().text,
            "[edit protocols]\n  'ospf'\n    warning: requires 'OSPF' license\ncommit complete\n");
}

TEST_F(CommitTest, OneAtATime) {
  first_.later = true;
  type("interfaces et-0/0/0");
  auto session = std::make_unique<Session>(
      *database_, Session::Who{"admin", "pts/0", 31745, 1789953928, "cli"});
  CommitResult result;
  session->commit("why", false, [&](CommitResult r) { result = std::move(r); });
  const CommitResult refused = commit();
  EXPECT_FALSE(refused.ok);
  EXPECT_EQ(refused.text,
            "error: configuration database locked by:\n"
            "  admin terminal pts/0 (pid 31745) on since 2026-09-21 01:25:28 UTC\n"
            "      [edit]\n");
  type("interfaces et-0/0/1");  // while it is on its way: not part of it
  first_.check_done({});
  first_.check_done({});  // answering twice does no harm
  EXPECT_EQ(database_->revision(), 1u);
  EXPECT_EQ(result.text, "");
  first_.apply_done();
  first_.apply_done();
  EXPECT_EQ(result.text, "commit complete\n");
  EXPECT_FALSE(view(database_->active())["interfaces"].entry("interface", "et-0/0/1"));
  EXPECT_TRUE(database_->modified());
  EXPECT_EQ(database_->log()[0].comment, "why");
  session.reset();
  open();
  EXPECT_TRUE(view(database_->candidate())["interfaces"].entry("interface", "et-0/0/1"));
}

TEST_F(CommitTest, StartIsACommitFromNothing) {
  type("interfaces et-0/0/0");
  type("interfaces et-0/0/1");
  commit();
  open();
  log_.clear();
  bool started = false;
  database_->start([&] { started = true; });
  EXPECT_TRUE(started);
  EXPECT_EQ(log_, (std::vector<std::string>{"first apply 1", "second apply 1"}));
  EXPECT_EQ(first_.changes, 2u);
  EXPECT_TRUE(first_.before_was_empty);
}

TEST_F(CommitTest, CandidateAndRevisionsSurviveARestart) {
  for (int i = 0; i < 60; ++i) {
    type("system host-name h" + std::to_string(i));
    ASSERT_TRUE(commit().ok);
  }
  type("system host-name draft");
  EXPECT_EQ(database_->save(), std::nullopt);
  type("system host-name draft2");
  EXPECT_EQ(database_->save(), std::nullopt);
  open();
  EXPECT_EQ(view(database_->candidate())["system"]["host-name"].value(), "draft2");
  EXPECT_EQ(view(database_->active())["system"]["host-name"].value(), "h59");
  ASSERT_EQ(database_->log().size(), 50u);
  for (size_t n = 0; n < 50; ++n) {
    const Loaded loaded = database_->rollback(n);
    ASSERT_TRUE(loaded.root) << loaded.error;
    EXPECT_EQ(view(loaded.root)["system"]["host-name"].value(), "h" + std::to_string(59 - n));
  }
  EXPECT_FALSE(database_->rollback(50).root);
  type("system host-name h60");
  EXPECT_TRUE(commit().ok);
  EXPECT_EQ(database_->revision(), 61u);
}

TEST_F(CommitTest, ADamagedCandidateIsReportedAndLeavesTheActiveOne) {
  type("system host-name kept");
  commit();
  type("system host-name draft");
  database_->save();
  database_.reset();
  sqlite3* db = nullptr;
  sqlite3_open(file().c_str(), &db);
  sqlite3_exec(db, "UPDATE candidate SET content = x'00'", nullptr, nullptr, nullptr);
  sqlite3_close(db);
  auto opened = Database::open(file(), schema());
  ASSERT_TRUE(opened.database) << opened.error;
  EXPECT_EQ(opened.warning, "the candidate configuration is damaged");
  EXPECT_EQ(opened.database->candidate(), opened.database->active());
  opened.database->set_candidate(with(opened.database->candidate(), "system host-name again"));
  EXPECT_EQ(opened.database->save(), std::nullopt);
  opened.database.reset();
  open();
  EXPECT_EQ(view(database_->candidate())["system"]["host-name"].value(), "again");
}

TEST_F(CommitTest, ManyStepsOfACandidateAreFolded) {
  for (int i = 0; i < 1500; ++i) {
    type("interfaces et-0/0/" + std::to_string(i % 16) + " description d" + std::to_string(i));
    ASSERT_EQ(database_->save(), std::nullopt);
  }
  const NodePtr candidate = database_->candidate();
  open();
  EXPECT_TRUE(equal(database_->candidate(), candidate));
  EXPECT_LT(std::filesystem::file_size(file()), size_t{1} << 20);
}

TEST_F(CommitTest, AnInactiveStatementReachesNoService) {
  type("interfaces et-0/0/0");
  commit();
  database_->set_candidate(
      mark(database_->candidate(), path("interfaces et-0/0/0"), Mark::kInactive, true).root);
  commit();
  EXPECT_EQ(first_.changes, 1u);
  EXPECT_FALSE(database_->effective()["interfaces"]);
  EXPECT_TRUE(view(database_->active())["interfaces"]);
}

TEST_F(CommitTest, AnAnnotationAloneReachesNoService) {
  type("interfaces et-0/0/0");
  commit();
  database_->set_candidate(
      annotate(database_->candidate(), path("interfaces et-0/0/0"), "uplink").root);
  EXPECT_TRUE(database_->modified());
  commit();
  EXPECT_EQ(first_.changes, 0u);
  EXPECT_EQ(database_->revision(), 2u);
}

TEST_F(CommitTest, RemovingWhatIsReferredToNamesTheReferrer) {
  type("security ike proposal x authentication-method pre-shared-keys");
  type("security ike policy p proposals x");
  ASSERT_TRUE(commit().ok) << commit().text;
  untype("security ike proposal x");
  const CommitResult result = commit();
  EXPECT_FALSE(result.ok);
  EXPECT_NE(result.text.find("[edit security ike policy p]\n  'proposals x'\n"), std::string::npos)
      << result.text;
  untype("security ike policy p proposals x");
  EXPECT_TRUE(commit().ok);
}

TEST_F(CommitTest, NotModelledStatementsAreNamedOnce) {
  const grammar::Statement* mode = schema()->at("security ike policy mode");
  ASSERT_TRUE(mode && mode->not_modelled);
  type("security ike policy p mode main");
  type("security ike policy q mode main");
  const CommitResult result = commit();
  const size_t first = result.text.find("'mode main'");
  ASSERT_NE(first, std::string::npos) << result.text;
  EXPECT_EQ(result.text.find("'mode main'", first + 1), std::string::npos) << result.text;
}

TEST_F(CommitTest, TheDatabaseIsItsOwnersAndHeldByOne) {
  commit();
  for (const auto& entry : std::filesystem::directory_iterator(directory_)) {
    struct stat info;
    ASSERT_EQ(stat(entry.path().c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 077, 0u) << entry.path();
  }
  EXPECT_NE(Database::open(file(), schema()).error.find("locked"), std::string::npos);
}

}  // namespace
}  // namespace nezu::configdb
