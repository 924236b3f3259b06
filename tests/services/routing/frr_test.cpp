#include "services/routing/frr.h"

#include <gmock/gmock.h>

#include <QCoreApplication>
#include <QElapsedTimer>
#include <QLocalServer>
#include <QTemporaryDir>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace nezu::routing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

QCoreApplication& application() {
  static int count = 1;
  static char name[] = "test";
  static char* values[] = {name, nullptr};
  static QCoreApplication instance(count, values);
  return instance;
}

bool wait_until(const std::function<bool()>& holds) {
  QElapsedTimer clock;
  clock.start();
  while (clock.elapsed() < 5000) {
    if (holds()) return true;
    application().processEvents(QEventLoop::WaitForMoreEvents, 20);
  }
  return false;
}

/// staticd as far as its vty goes.
class FakeStaticd {
 public:
  explicit FakeStaticd(const QString& directory) {
    server_.listen(directory + "/staticd.vty");
    QObject::connect(&server_, &QLocalServer::newConnection, [this] {
      QLocalSocket* client = server_.nextPendingConnection();
      QObject::connect(client, &QLocalSocket::readyRead, [this, client] { read(client); });
    });
  }

  std::set<std::string> routes;
  std::vector<std::string> commands;
  bool mute = false;
  int batches = 0;  ///< starts and ends
  std::string refused;

 private:
  void read(QLocalSocket* client) {
    incoming_ += client->readAll().toStdString();
    for (size_t end; !mute && (end = incoming_.find('\0')) != incoming_.npos;) {
      const std::string command = incoming_.substr(0, end);
      incoming_.erase(0, end + 1);
      const std::string text = answer(command);
      client->write(text.c_str(), static_cast<qint64>(text.size()));
      const char mark[4] = {0, 0, 0, static_cast<char>(command == refused ? 1 : 0)};
      client->write(mark, sizeof mark);
    }
  }

  std::string answer(const std::string& command) {
    if (command == "show running-config") {
      std::string text = "\nCurrent configuration:\n!\nhostname r1\n";
      for (const std::string& line : routes) text += line + "\n";
      return text + "!\nend\n";
    }
    if (command == "enable" || command == "configure terminal") return "";
    if (command.starts_with("XFRR_")) return batch(command);
    commands.push_back(command);
    if (command.starts_with("no "))
      routes.erase(command.substr(3));
    else if (command != refused)
      routes.insert(command);
    return command == refused ? "% Malformed" : "";
  }

  // As the real one: what one line of a batch does wrong is said at once, and all of it is void.
  std::string batch(const std::string& command) {
    ++batches;
    if (command == "XFRR_start_configuration") before_ = routes;
    if (command == "XFRR_end_configuration" && !commands.empty() &&
        std::find(commands.begin(), commands.end(), refused) != commands.end())
      routes = before_;
    return "";
  }

  QLocalServer server_;
  std::string incoming_;
  std::set<std::string> before_;
};

struct FrrTest : ::testing::Test {
  FrrTest() {
    frr.on_trouble = [this](const std::string& words) { trouble = words; };
  }

  QCoreApplication& loop = application();
  QTemporaryDir directory;
  std::string trouble = "?";
  Frr frr{directory.path().toStdString(), directory.path().toStdString()};
};

// staticd has its routes, and zebra does not take them.
TEST_F(FrrTest, SaysThatZebraIsBehind) {
  FakeStaticd staticd(directory.path());
  QLocalServer zebra;
  zebra.listen(directory.path() + "/zebra.vty");
  bool well = false;
  QObject::connect(&zebra, &QLocalServer::newConnection, [&] {
    QLocalSocket* client = zebra.nextPendingConnection();
    if (!well) return client->close();
    client->write("\0\0\0\0", 4);
  });
  bool done = false;
  frr.want({"ip route 3.0.0.0/8 st0.1 5"}, [&done] { done = true; });
  EXPECT_TRUE(wait_until([&] { return done; }));
  EXPECT_EQ(trouble, "zebra does not answer");
  EXPECT_FALSE(frr.settled());
  EXPECT_THAT(staticd.routes, ElementsAre("ip route 3.0.0.0/8 st0.1 5"));
  well = true;
  EXPECT_TRUE(wait_until([&] { return trouble.empty(); }));
  EXPECT_TRUE(frr.settled());
}

TEST_F(FrrTest, TellsTheDifferenceOnly) {
  FakeStaticd staticd(directory.path());
  staticd.routes = {"ip route 1.0.0.0/8 st0.1 5", "ip route 2.0.0.0/8 st0.1 5"};
  bool done = false;
  frr.want({"ip route 2.0.0.0/8 st0.1 5", "ip route 3.0.0.0/8 st0.1 5"}, [&] { done = true; });
  ASSERT_TRUE(wait_until([&] { return done; }));
  EXPECT_THAT(staticd.commands,
              ElementsAre("ip route 3.0.0.0/8 st0.1 5", "no ip route 1.0.0.0/8 st0.1 5"));
  EXPECT_EQ(trouble, "");
}

TEST_F(FrrTest, WritesTheFileThatARestartReads) {
  FakeStaticd staticd(directory.path());
  bool done = false;
  frr.want({"ip route 3.0.0.0/8 st0.1 5"}, [&] { done = true; });
  ASSERT_TRUE(wait_until([&] { return done; }));
  std::ifstream file((directory.path() + "/staticd.conf").toStdString());
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  EXPECT_EQ(text, "ip route 3.0.0.0/8 st0.1 5\n");
}

TEST_F(FrrTest, TriesAgainWhenTheDaemonWasAway) {
  bool done = false;
  frr.want({"ip route 3.0.0.0/8 st0.1 5"}, [&] { done = true; });
  ASSERT_TRUE(wait_until([&] { return done; })) << "apply must not wait for a daemon that is away";
  EXPECT_EQ(trouble, "staticd does not answer");
  FakeStaticd staticd(directory.path());
  ASSERT_TRUE(wait_until([&] { return trouble.empty(); }));
  EXPECT_THAT(staticd.routes, ElementsAre("ip route 3.0.0.0/8 st0.1 5"));
}

TEST_F(FrrTest, WritesTheFileAgainWhenItCouldNot) {
  FakeStaticd staticd(directory.path());
  const std::string file = directory.path().toStdString() + "/staticd.conf";
  std::filesystem::create_directories(file + "/in-the-way");
  frr.want({"ip route 3.0.0.0/8 st0.1 5"}, {});
  ASSERT_TRUE(wait_until([&] { return trouble == "cannot write " + file; })) << trouble;
  EXPECT_THAT(staticd.routes, ElementsAre("ip route 3.0.0.0/8 st0.1 5"))
      << "the running daemon is told all the same";
  EXPECT_FALSE(frr.settled());
  std::filesystem::remove_all(file);
  ASSERT_TRUE(wait_until([&] { return trouble.empty(); }));
  EXPECT_TRUE(std::filesystem::is_regular_file(file));
}

TEST_F(FrrTest, TellsADaemonThatCameBackEmpty) {
  FakeStaticd staticd(directory.path());
  bool done = false;
  frr.want({"ip route 3.0.0.0/8 st0.1 5"}, [&] { done = true; });
  ASSERT_TRUE(wait_until([&] { return done; }));
  EXPECT_TRUE(frr.settled());
  staticd.routes.clear();
  frr.verify();
  frr.verify();
  EXPECT_FALSE(frr.settled());
  ASSERT_TRUE(wait_until([&] { return frr.settled(); }));
  EXPECT_THAT(staticd.routes, ElementsAre("ip route 3.0.0.0/8 st0.1 5"));
}

TEST_F(FrrTest, ReportsARefusal) {
  FakeStaticd staticd(directory.path());
  staticd.refused = "ip route nonsense";
  frr.want({"ip route nonsense"}, {});
  EXPECT_TRUE(wait_until([&] { return trouble == "staticd refuses: % Malformed"; })) << trouble;
}

TEST_F(FrrTest, ManyLinesAreOneCommitOfTheDaemon) {
  FakeStaticd staticd(directory.path());
  std::set<std::string> lines;
  for (int i = 0; i < 200; ++i) lines.insert("ip route 10.0." + std::to_string(i) + ".0/24 st0.1");
  frr.want(lines, {});
  ASSERT_TRUE(wait_until([&] { return frr.settled(); }));
  EXPECT_EQ(staticd.routes, lines);
  EXPECT_EQ(staticd.batches, 2);
}

TEST_F(FrrTest, ALineThatIsRefusedDoesNotKeepTheOthersOut) {
  FakeStaticd staticd(directory.path());
  staticd.refused = "ip route nonsense";
  frr.want({"ip route 3.0.0.0/8 st0.1 5", "ip route nonsense"}, {});
  ASSERT_TRUE(wait_until([&] {
    return staticd.routes.contains("ip route 3.0.0.0/8 st0.1 5") && staticd.batches == 2;
  }));
}

TEST_F(FrrTest, TakesTheLastOfTwoCommits) {
  FakeStaticd staticd(directory.path());
  int done = 0;
  frr.want({"ip route 3.0.0.0/8 st0.1 5"}, [&] { ++done; });
  frr.want({"ip route 4.0.0.0/8 st0.1 5"}, [&] { ++done; });
  ASSERT_TRUE(wait_until([&] { return done == 2; }));
  EXPECT_THAT(staticd.routes, ElementsAre("ip route 4.0.0.0/8 st0.1 5"));
}

TEST(Difference, DropsADiscardBeforeANextHopComes) {
  EXPECT_THAT(difference({"ip route 1.0.0.0/8 blackhole 5"}, {"ip route 1.0.0.0/8 2.2.2.2 5"}),
              ElementsAre("no ip route 1.0.0.0/8 blackhole 5", "ip route 1.0.0.0/8 2.2.2.2 5"));
  EXPECT_THAT(difference({"ip route 1.0.0.0/8 2.2.2.2 5", "ip route 2.0.0.0/8 2.2.2.2 5"},
                         {"ip route 1.0.0.0/8 blackhole 5", "ip route 2.0.0.0/8 3.3.3.3 5"}),
              ElementsAre("no ip route 1.0.0.0/8 2.2.2.2 5", "ip route 1.0.0.0/8 blackhole 5",
                          "ip route 2.0.0.0/8 3.3.3.3 5", "no ip route 2.0.0.0/8 2.2.2.2 5"));
  EXPECT_THAT(difference({"ip route 1.0.0.0/8 3.3.3.3 5"}, {"ip route 1.0.0.0/8 2.2.2.2 5"}),
              ElementsAre("ip route 1.0.0.0/8 2.2.2.2 5", "no ip route 1.0.0.0/8 3.3.3.3 5"));
  EXPECT_THAT(difference({"ip route 1.0.0.0/8 3.3.3.3 5"}, {"ip route 1.0.0.0/8 3.3.3.3 5"}),
              IsEmpty());
}

}  // namespace
}  // namespace nezu::routing
