#include "services/state/frame.h"

#include <gtest/gtest.h>

#include <QLocalServer>
#include <QTimer>

#include "services/state/link.h"
#include "tests/services/state/loop.h"

namespace nezu::state {
namespace {

// A raw server end, so that bytes which no FramedSocket would send can be sent.
class Frames : public testing::Test {
 protected:
  void SetUp() override {
    application();
    path_ = directory_.filePath("x.sock");
    ASSERT_TRUE(server_.listen(path_));
    auto socket = std::make_unique<QLocalSocket>();
    socket->connectToServer(path_);
    ASSERT_TRUE(run_until([&] { return server_.hasPendingConnections(); }));
    raw_ = server_.nextPendingConnection();
    framed_ = std::make_unique<FramedSocket>(std::move(socket));
    framed_->on_frame([this](std::string_view f) { got_.emplace_back(f); });
    framed_->on_gone([this] { gone_ = true; });
  }
  void write(const std::string& bytes) {
    raw_->write(bytes.data(), qint64(bytes.size()));
    raw_->flush();
  }

  QTemporaryDir directory_;
  QString path_;
  QLocalServer server_;
  QLocalSocket* raw_ = nullptr;
  std::unique_ptr<FramedSocket> framed_;
  std::vector<std::string> got_;
  bool gone_ = false;
};

std::string framed(const std::string& text) {
  return std::string{char(text.size()), char(text.size() >> 8), 0, 0} + text;
}

TEST_F(Frames, ArriveWholeHoweverTheyAreCut) {
  const std::string bytes = framed("one") + framed("") + framed(std::string(300, 'x'));
  for (char c : bytes) {
    write({c});
    QCoreApplication::processEvents();
  }
  ASSERT_TRUE(run_until([&] { return got_.size() == 3; }));
  EXPECT_EQ(got_[0], "one");
  EXPECT_EQ(got_[1], "");
  EXPECT_EQ(got_[2].size(), 300u);
}

TEST_F(Frames, SeveralInOneRead) {
  write(framed("a") + framed("b") + framed("c"));
  ASSERT_TRUE(run_until([&] { return got_.size() == 3; }));
}

TEST_F(Frames, LengthBeyondTheLimitCutsTheConnection) {
  write(std::string("\xff\xff\xff\xff", 4));
  EXPECT_TRUE(run_until([&] { return gone_; }));
  EXPECT_TRUE(got_.empty());
  EXPECT_FALSE(framed_->send("late"));
}

TEST_F(Frames, PrefixIsLittleEndian) {
  ASSERT_TRUE(framed_->send("hello"));
  ASSERT_TRUE(run_until([&] { return raw_->bytesAvailable() >= 9; }));
  EXPECT_EQ(raw_->readAll().toStdString(), std::string("\5\0\0\0hello", 9));
}

TEST_F(Frames, MayBeDestroyedByItsOwnCallback) {
  framed_->on_frame([this](std::string_view) { framed_.reset(); });
  write(framed("a") + framed("b"));
  EXPECT_TRUE(run_until([&] { return framed_ == nullptr; }));
  run_until([] { return false; }, 20);
}

TEST_F(Frames, PeerThatDoesNotReadIsCutOff) {
  const std::string big(kMaxFrame, 'x');
  int sent = 0;
  while (sent < 8 && framed_->send(big)) ++sent;
  EXPECT_LT(sent, 8);
  EXPECT_TRUE(run_until([&] { return gone_; }));
}

TEST_F(Frames, PeerGoneIsTold) {
  raw_->abort();
  EXPECT_TRUE(run_until([&] { return gone_; }));
}

TEST(LinkTest, ConnectsAgainWhenTheServerComesBack) {
  application();
  QTemporaryDir directory;
  const QString path = directory.filePath("x.sock");
  int ups = 0, downs = 0;
  Link link(path.toStdString(), {[&] { ++ups; }, [](std::string_view) {}, [&] { ++downs; }});
  link.open();
  EXPECT_FALSE(run_until([&] { return ups > 0; }, 100)) << "nobody is there";
  auto server = std::make_unique<QLocalServer>();
  ASSERT_TRUE(server->listen(path));
  ASSERT_TRUE(run_until([&] { return ups == 1 && server->hasPendingConnections(); }));
  delete server->nextPendingConnection();
  server.reset();
  ASSERT_TRUE(run_until([&] { return downs == 1; }));
  EXPECT_FALSE(link.is_up());
  server = std::make_unique<QLocalServer>();
  ASSERT_TRUE(server->listen(path));
  EXPECT_TRUE(run_until([&] { return ups == 2; }));
}

TEST(LinkTest, WaitsLongerForAPeerThatIsOfNoUse) {
  application();
  QTemporaryDir directory;
  const QString path = directory.filePath("x.sock");
  QLocalServer server;
  ASSERT_TRUE(server.listen(path));
  int ups = 0;
  Link link(path.toStdString(), {[&] { ++ups; }, [](std::string_view) {}, [] {}});
  link.open();
  run_until(
      [&] {
        delete server.nextPendingConnection();
        return false;
      },
      1500);
  EXPECT_GE(ups, 2);
  EXPECT_LE(ups, 6);
}

}  // namespace
}  // namespace nezu::state
