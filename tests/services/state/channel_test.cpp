// Both ends of the channel in one process, over a real socket.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <QTemporaryDir>

#include "services/state/daemon_client.h"
#include "services/state/replica.h"
#include "services/state/server.h"
#include "tests/services/state/configuration.h"
#include "tests/services/state/loop.h"

namespace nezu::state {
namespace {

using configdb::Delta;
using configdb::Problem;
using configdb::Problems;
using configdb::View;
using std::chrono::milliseconds;

Problems complain(const Delta& delta) {
  Problems problems;
  for (const View& gateway : delta.after()["security"]["ike"].entries("gateway"))
    if (!gateway["local-address"])
      problems.push_back({{"security", "ike", "gateway", std::string(gateway.key())},
                          "local-address",
                          "missing",
                          false});
  return problems;
}

// What an answer to a command became.
struct Answer final : mgmt::Reply {
  std::string text;
  bool done = false;
  std::string error;
  void open(std::string_view name) override { text += '<' + std::string(name) + '>'; }
  void leaf(std::string_view name, std::string_view value) override {
    text += std::string(name) + '=' + std::string(value) + ' ';
  }
  void close() override { text += '/'; }
  void message(std::string_view line) override { text += std::string(line) + '\n'; }
  void fail(std::string_view message) override {
    error = message;
    done = true;
  }
  void finish() override { done = true; }
  bool cancelled() const override { return false; }
};

class Channel : public testing::Test {
 protected:
  void SetUp() override {
    application();
    start_re();
  }

  void start_re() {
    server_ = std::make_unique<Server>();
    service_ = &server_->declare({.name = "iked",
                                  .claims = {"security ike"},
                                  .check = complain,
                                  .check_timeout = milliseconds(300),
                                  .apply_timeout = milliseconds(300),
                                  .rpc_timeout = milliseconds(300)});
    server_->on_restart([this](const std::string& name) { restarted_.push_back(name); });
    ASSERT_EQ(server_->listen(path()), "");
  }
  std::string path() const { return directory_.filePath("re.sock").toStdString(); }

  void start_daemon() {
    channel::Hello hello;
    hello.set_daemon("iked");
    hello.add_claim("security ike");
    hello.add_subscribe("interface");
    DaemonClient::Handlers handlers;
    handlers.check = [this](const Delta& delta) {
      ++checks_;
      return complain(delta);
    };
    handlers.apply = [this](const Delta& delta) {
      applied_.push_back(delta.revision());
      gateways_ = delta.after()["security"]["ike"].entries("gateway").size();
    };
    handlers.table = [this](const channel::Table& change) { told_.push_back(change); };
    handlers.rpcs["get-x"] = [](const mgmt::Input& input, std::shared_ptr<mgmt::Reply> reply) {
      if (input.contains("silent")) return held_.push_back(reply);
      {
        const grammar::Element all(*reply, "x");
        for (int i = 0; i < 1200; ++i) reply->leaf("i", "1");
      }
      reply->message("text");
      input.contains("bad") ? reply->fail("no") : reply->finish();
    };
    const auto read = [this](const View& base,
                             const google::protobuf::RepeatedPtrField<std::string>& lines,
                             std::string& problem) {
      ++reads_;
      problem = "line 1 of 1 does not fit";
      return unreadable_ ? View() : read_lines(base, lines, problem);
    };
    client_ = std::make_unique<DaemonClient>(path(), hello, empty_tree(schema()), read, handlers);
    client_->start();
    ASSERT_TRUE(run_until([&] { return service_->connected(); }));
  }

  Problems check(const View& before, const View& after, uint64_t revision) {
    std::optional<Problems> result;
    service_->check(Delta(revision, before, after), [&](Problems p) { result = std::move(p); });
    EXPECT_TRUE(run_until([&] { return result.has_value(); }));
    return result.value_or(Problems());
  }
  bool apply(const View& before, const View& after, uint64_t revision) {
    bool done = false;
    service_->apply(Delta(revision, before, after), [&] { done = true; });
    return run_until([&] { return done; });
  }
  std::shared_ptr<Answer> call(const mgmt::Input& input) {
    auto answer = std::make_shared<Answer>();
    service_->forward("get-x")(input, answer);
    EXPECT_TRUE(run_until([&] { return answer->done; }));
    return answer;
  }

  void TearDown() override { held_.clear(); }

  QTemporaryDir directory_;
  std::unique_ptr<Server> server_;
  DaemonService* service_ = nullptr;
  std::unique_ptr<DaemonClient> client_;
  // A daemon that says Hello and nothing more.
  void start_mute() {
    mute_.connectToServer(QString::fromStdString(path()));
    channel::Message message;
    message.mutable_hello()->set_daemon("iked");
    const std::string bytes = message.SerializeAsString();
    const char prefix[4] = {char(bytes.size()), 0, 0, 0};
    mute_.write(prefix, 4);
    mute_.write(bytes.data(), qint64(bytes.size()));
    ASSERT_TRUE(run_until([&] { return service_->connected(); }));
  }

  QLocalSocket mute_;
  std::vector<std::string> restarted_;
  bool unreadable_ = false;  ///< the daemon understands no line
  int reads_ = 0;
  int checks_ = 0;
  size_t gateways_ = 0;
  std::vector<uint64_t> applied_;
  std::vector<channel::Table> told_;
  static inline std::vector<std::shared_ptr<mgmt::Reply>> held_;

  const View one_ = tree({"set security ike gateway g local-address 1.1.1.1"});
  const View two_ = edited(one_, {"set security ike gateway h local-address 1.1.1.1"});
  const View bad_ = edited(one_, {"set security ike gateway bad address 1.1.1.1"});
};

TEST_F(Channel, CommitGoesThroughTheDaemon) {
  start_daemon();
  EXPECT_TRUE(check(View(), one_, 1).empty());
  EXPECT_TRUE(apply(View(), one_, 1));
  EXPECT_TRUE(check(one_, two_, 2).empty());
  EXPECT_TRUE(apply(one_, two_, 2));
  EXPECT_EQ(applied_, (std::vector<uint64_t>{1, 2}));
  EXPECT_EQ(gateways_, 2u);
  EXPECT_EQ(checks_, 2);
}

TEST_F(Channel, ProblemsOfTheDaemonArrive) {
  start_daemon();
  const Problems problems = check(View(), bad_, 1);
  ASSERT_EQ(problems.size(), 1u);
  EXPECT_EQ(problems[0].statement, "local-address");
  EXPECT_EQ(problems[0].path.back(), "bad");
  EXPECT_EQ(checks_, 1);
}

TEST_F(Channel, RefusedCommitLeavesTheReplicaAsItWas) {
  start_daemon();
  apply(View(), one_, 1);
  check(one_, bad_, 2);
  EXPECT_TRUE(check(one_, two_, 2).empty());
  EXPECT_TRUE(apply(one_, two_, 2));
  EXPECT_EQ(gateways_, 2u);
}

TEST_F(Channel, WhileTheDaemonIsAwayTheCheckRunsHereAndWarns) {
  EXPECT_TRUE(check(View(), one_, 1).empty()) << "nothing to say at boot";
  apply(View(), one_, 1);
  const Problems good = check(one_, two_, 2);
  ASSERT_EQ(good.size(), 1u);
  EXPECT_TRUE(good[0].warning);
  EXPECT_THAT(good[0].message, testing::HasSubstr("iked is not running"));
  const Problems bad = check(one_, bad_, 2);
  ASSERT_GE(bad.size(), 1u);
  EXPECT_FALSE(bad[0].warning);
  EXPECT_EQ(checks_, 0);
}

TEST_F(Channel, PresenceIsToldWhenTheDaemonIsThere) {
  int told = 0;
  server_->when_present(milliseconds(60'000), [&] { ++told; });
  QCoreApplication::processEvents();
  EXPECT_EQ(told, 0);
  start_daemon();
  ASSERT_TRUE(run_until([&] { return told > 0; }));
  server_->when_present(milliseconds(60'000), [&] { ++told; });
  ASSERT_TRUE(run_until([&] { return told > 1; })) << "it was there already";
}

TEST_F(Channel, PresenceIsNotAwaitedForEver) {
  int told = 0;
  server_->when_present(milliseconds(50), [&] { ++told; });
  ASSERT_TRUE(run_until([&] { return told > 0; }));
  start_daemon();
  EXPECT_EQ(told, 1);
}

TEST_F(Channel, DaemonThatWasAwayCatchesUp) {
  EXPECT_TRUE(apply(View(), one_, 1));
  EXPECT_TRUE(apply(one_, two_, 2));
  start_daemon();
  ASSERT_TRUE(run_until([&] { return !applied_.empty(); }));
  EXPECT_EQ(applied_, (std::vector<uint64_t>{2}));
  EXPECT_EQ(gateways_, 2u);
}

TEST_F(Channel, DaemonComesBackAfterTheRe) {
  start_daemon();
  apply(View(), two_, 7);
  channel::Table mine;
  mine.set_name("tunnel");
  mine.add_row()->set_key("st0.1");
  client_->publish(mine);
  service_ = nullptr;
  server_.reset();
  start_re();
  ASSERT_TRUE(run_until([&] { return service_->connected(); }));
  EXPECT_NE(server_->tables().find("tunnel", "st0.1"), nullptr) << "published again";
  apply(View(), one_, 7);
  EXPECT_EQ(gateways_, 1u);
}

TEST_F(Channel, SilentDaemonIsNamedAnsweredForAndRestarted) {
  start_mute();
  const Problems problems = check(View(), bad_, 1);
  ASSERT_EQ(problems.size(), 2u);
  EXPECT_EQ(problems[0].statement, "local-address") << "the linked check answers";
  EXPECT_EQ(problems[1].statement, "iked");
  EXPECT_TRUE(problems[1].warning);
  EXPECT_THAT(problems[1].message, testing::HasSubstr("did not answer the check in time"));
  EXPECT_FALSE(service_->connected()) << "the next commit does not wait again";
  EXPECT_EQ(restarted_, std::vector<std::string>{"iked"});
}

TEST_F(Channel, DaemonSilentInAnApplyIsCutOffAndRestarted) {
  start_mute();
  EXPECT_TRUE(apply(View(), one_, 1)) << "an apply cannot refuse: the daemon is cut off instead";
  EXPECT_FALSE(service_->connected());
  EXPECT_EQ(restarted_, std::vector<std::string>{"iked"});
  EXPECT_EQ(service_->behind(), "is not running; it takes revision 1 when it is back");
  start_daemon();
  ASSERT_TRUE(run_until([&] { return service_->behind().empty(); }));
  EXPECT_EQ(applied_, std::vector<uint64_t>{1});
}

TEST_F(Channel, SilentDaemonHoldsUpOnlyWhatConcernsIt) {
  EXPECT_TRUE(apply(View(), one_, 1));
  start_mute();
  const View other = edited(one_, {"set system host-name peer1"});
  std::optional<Problems> problems;
  service_->check(Delta(2, one_, other), [&](Problems p) { problems = std::move(p); });
  ASSERT_TRUE(problems.has_value()) << "answered at once";
  EXPECT_TRUE(problems->empty());
  bool done = false;
  service_->apply(Delta(2, one_, other), [&] { done = true; });
  EXPECT_TRUE(done) << "answered at once";
}

TEST_F(Channel, RevisionMovesOnWithoutAChangeForTheDaemon) {
  start_daemon();
  apply(View(), one_, 1);
  const View other = edited(one_, {"set system host-name peer1"});
  const View both = edited(other, {"set security ike gateway h local-address 1.1.1.1"});
  EXPECT_TRUE(apply(one_, other, 2));
  EXPECT_TRUE(check(other, both, 3).empty());
  EXPECT_TRUE(apply(other, both, 3));
  EXPECT_EQ(applied_, (std::vector<uint64_t>{1, 2, 3}));
  EXPECT_EQ(gateways_, 2u);
}

TEST_F(Channel, ChangeThatTheDaemonCannotReadFailsTheCommitByName) {
  start_daemon();
  apply(View(), one_, 1);
  unreadable_ = true;
  const Problems problems = check(one_, two_, 2);
  ASSERT_EQ(problems.size(), 1u);
  EXPECT_EQ(problems[0].statement, "iked");
  EXPECT_FALSE(problems[0].warning);
  EXPECT_EQ(service_->behind(), "") << "of what is committed it has all";
  EXPECT_TRUE(service_->connected());
}

TEST_F(Channel, DaemonThatTakesNothingIsNamedAndDoesNotSpin) {
  apply(View(), one_, 1);
  unreadable_ = true;
  start_daemon();
  run_until([] { return false; }, 1000);
  EXPECT_EQ(reads_, 1);
  const Problems unconcerned = check(one_, edited(one_, {"set system host-name peer1"}), 2);
  ASSERT_EQ(unconcerned.size(), 1u);
  EXPECT_TRUE(unconcerned[0].warning);
  EXPECT_EQ(unconcerned[0].statement, "iked");
  EXPECT_THAT(unconcerned[0].message, testing::HasSubstr("line 1 of 1 does not fit"));
  const Problems concerned = check(one_, two_, 2);
  ASSERT_EQ(concerned.size(), 1u);
  EXPECT_FALSE(concerned[0].warning);
  EXPECT_TRUE(apply(one_, two_, 2)) << "and an apply ends at once";
  EXPECT_EQ(service_->behind(), "does not take revision 2: line 1 of 1 does not fit");
  EXPECT_EQ(gateways_, 0u);
  unreadable_ = false;
  EXPECT_TRUE(check(two_, one_, 3).empty());
  EXPECT_TRUE(apply(two_, one_, 3));
  EXPECT_EQ(gateways_, 1u);
  EXPECT_TRUE(check(one_, one_, 4).empty());
}

TEST_F(Channel, DaemonThatDiesInACheckIsAnsweredFor) {
  start_daemon();
  std::optional<Problems> result;
  service_->check(Delta(1, one_, bad_), [&](Problems p) { result = std::move(p); });
  client_.reset();
  ASSERT_TRUE(run_until([&] { return result.has_value(); }));
  EXPECT_EQ(result->front().statement, "local-address");
}

TEST_F(Channel, TablesReachTheDaemon) {
  channel::Table table;
  table.set_name("interface");
  auto& row = *table.add_row();
  row.set_key("st0.1");
  row.mutable_interface()->set_index(77);
  server_->tables().publish("interfaces", table);
  start_daemon();
  ASSERT_TRUE(run_until([&] { return client_->tables().find("interface", "st0.1") != nullptr; }));
  EXPECT_TRUE(told_.front().whole());
  table.mutable_row(0)->mutable_interface()->set_up(true);
  server_->tables().publish("interfaces", table);
  ASSERT_TRUE(
      run_until([&] { return client_->tables().find("interface", "st0.1")->interface().up(); }));
}

TEST_F(Channel, AnswersStream) {
  start_daemon();
  const auto answer = call({});
  EXPECT_EQ(answer->error, "");
  EXPECT_EQ(answer->text.size(), 3 + 1200 * 4 + 1 + 5);
  EXPECT_EQ(call({{"bad", ""}})->error, "no");
}

TEST_F(Channel, CommandWithoutAnAnswerFailsInWords) {
  EXPECT_EQ(call({})->error, "iked is not running");
  start_daemon();
  EXPECT_EQ(call({{"silent", ""}})->error, "iked does not answer");
  auto answer = std::make_shared<Answer>();
  service_->forward("get-x")({{"silent", ""}}, answer);
  client_.reset();
  ASSERT_TRUE(run_until([&] { return answer->done; }));
  EXPECT_EQ(answer->error, "iked has stopped");
}

TEST_F(Channel, GarbageCutsOnlyItsConnection) {
  start_daemon();
  QLocalSocket raw;
  raw.connectToServer(QString::fromStdString(path()));
  raw.write(std::string("\4\0\0\0\xff\xff\xff\xff", 8).data(), 8);
  EXPECT_TRUE(run_until([&] { return raw.state() == QLocalSocket::UnconnectedState; }));
  EXPECT_TRUE(service_->connected());
}

}  // namespace
}  // namespace nezu::state
