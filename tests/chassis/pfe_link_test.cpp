#include "chassis/pfe_link.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <QCoreApplication>
#include <QElapsedTimer>
#include <cstring>
#include <optional>

#include "pfe-model/api.pb.h"

namespace nezu::chassis {
namespace {
namespace api = pfe::api;

// The other end: a plane that notes what it is told.
class FakePlane {
 public:
  explicit FakePlane(const std::string& path) : path_(path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strcpy(address.sun_path, path.c_str());
    ::unlink(path.c_str());
    listener_ = Descriptor(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0));
    EXPECT_EQ(::bind(listener_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    EXPECT_EQ(::listen(listener_.get(), 4), 0);
  }
  ~FakePlane() { ::unlink(path_.c_str()); }

  bool accept() {
    client_ = Descriptor(::accept4(listener_.get(), nullptr, nullptr, SOCK_NONBLOCK));
    return static_cast<bool>(client_);
  }
  void drop() { client_ = {}; }

  void read() {
    for (;;) {
      char buffer[4096];
      alignas(cmsghdr) char control[256];
      iovec part{buffer, sizeof buffer};
      msghdr message{};
      message.msg_iov = &part;
      message.msg_iovlen = 1;
      message.msg_control = control;
      message.msg_controllen = sizeof control;
      const ssize_t got = ::recvmsg(client_.get(), &message, 0);
      if (got <= 0) return;
      if (const cmsghdr* header = CMSG_FIRSTHDR(&message)) {
        int fd;
        std::memcpy(&fd, CMSG_DATA(header), sizeof fd);
        descriptors.emplace_back(fd);
      }
      bytes_.append(buffer, static_cast<size_t>(got));
      take();
    }
  }

  void reply(const api::Reply& reply) {
    const std::string body = reply.SerializeAsString();
    std::string bytes(4, '\0');
    for (int i = 0; i < 4; ++i) bytes[i] = static_cast<char>(body.size() >> (8 * i));
    write(bytes + body);
  }
  void write(const std::string& bytes) {
    EXPECT_EQ(::send(client_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(bytes.size()));
  }

  std::vector<api::Request> requests;
  std::vector<Descriptor> descriptors;

 private:
  void take() {
    while (bytes_.size() >= 4) {
      uint32_t length;
      std::memcpy(&length, bytes_.data(), sizeof length);
      if (bytes_.size() - 4 < length) return;
      EXPECT_TRUE(requests.emplace_back().ParseFromString(bytes_.substr(4, length)));
      bytes_.erase(0, 4 + length);
    }
  }

  std::string path_;
  Descriptor listener_, client_;
  std::string bytes_;
};

class PfeLinkTest : public testing::Test {
 protected:
  PfeLinkTest()
      : path_(testing::TempDir() + "nezu-pfe-link-" + std::to_string(getpid()) + ".sock") {
    ::unlink(path_.c_str());
  }

  void connect() {
    plane_.emplace(path_);
    link_.start();
    ASSERT_TRUE(until([&] { return plane_->accept(); }));
  }

  bool until(const std::function<bool()>& condition) {
    QElapsedTimer timer;
    for (timer.start(); timer.elapsed() < 3000;) {
      QCoreApplication::processEvents(QEventLoop::AllEvents, 20);
      if (plane_) plane_->read();
      if (condition()) return true;
    }
    return false;
  }
  bool synchronised() {
    return until([&] {
      auto& requests = plane_->requests;
      const size_t count = requests.size();
      if (count < 2 || !requests[count - 2].has_end_of_sync()) return false;
      asked_ = requests.back().sequence();  // whether it has all that
      requests.pop_back();
      return true;
    });
  }
  void answer(uint64_t sequence) {
    api::Reply reply;
    reply.mutable_response()->set_sequence(sequence);
    plane_->reply(reply);
  }

  void set_port(uint32_t id, int descriptor) {
    api::Port port;
    port.set_id(id);
    port.set_name("et-0/0/" + std::to_string(id));
    forwarding_.set_port(port, descriptor);
  }

  int argc_ = 0;
  QCoreApplication application_{argc_, nullptr};
  std::string path_;
  uint64_t asked_ = 0;
  std::optional<FakePlane> plane_;
  Forwarding forwarding_;
  PfeLink link_{path_, forwarding_};
};

TEST_F(PfeLinkTest, SaysHelloAndSendsEverything) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  set_port(1, ends[0]);
  set_port(2, ends[1]);
  connect();
  ASSERT_TRUE(synchronised());
  ASSERT_EQ(plane_->requests.size(), 4u);
  EXPECT_EQ(plane_->requests[0].hello().owner(), api::OWNER_RE);
  EXPECT_EQ(plane_->requests[1].port().id(), 1u);
  ASSERT_EQ(plane_->descriptors.size(), 2u);
  // What arrived are the very same files.
  EXPECT_EQ(::write(plane_->descriptors[1].get(), "x", 1), 1);
  char byte = 0;
  EXPECT_EQ(::read(plane_->descriptors[0].get(), &byte, 1), 1);
  EXPECT_EQ(byte, 'x');
  ::close(ends[0]);
  ::close(ends[1]);
}

TEST_F(PfeLinkTest, SendsDifferencesAndComesBack) {
  connect();
  ASSERT_TRUE(synchronised());
  plane_->requests.clear();
  set_port(7, 0);
  ASSERT_TRUE(until([&] { return plane_->requests.size() == 1; }));
  EXPECT_EQ(plane_->requests[0].port().id(), 7u);

  plane_->drop();
  ASSERT_TRUE(until([&] { return !link_.connected(); }));
  set_port(8, 0);  // while it is away
  plane_.emplace(path_);
  ASSERT_TRUE(until([&] { return plane_->accept(); }));
  ASSERT_TRUE(synchronised());
  EXPECT_EQ(plane_->requests.size(), 4u);
  EXPECT_EQ(plane_->descriptors.size(), 2u);
}

TEST_F(PfeLinkTest, StatisticsAreAnsweredAndEventsDelivered) {
  int events = 0;
  forwarding_.subscribe([&](const api::Event&) { ++events; });
  connect();
  ASSERT_TRUE(synchronised());
  plane_->requests.clear();
  uint64_t packets = 0;
  api::GetStatistics wanted;
  wanted.set_pfes(true);
  link_.statistics(wanted, [&](const api::Statistics* statistics) {
    ASSERT_TRUE(statistics);
    packets = statistics->port(0).input_packets();
  });
  ASSERT_TRUE(until([&] { return !plane_->requests.empty(); }));
  api::Reply event;
  event.mutable_event()->mutable_neighbour_wanted();
  plane_->reply(event);
  api::Reply reply;
  reply.mutable_response()->set_sequence(plane_->requests[0].sequence());
  reply.mutable_response()->mutable_statistics()->add_port()->set_input_packets(42);
  plane_->reply(reply);
  ASSERT_TRUE(until([&] { return packets == 42; }));
  EXPECT_EQ(events, 1);
}

TEST_F(PfeLinkTest, NobodyWaitsForAPlaneThatIsGone) {
  int unanswered = 0;
  const auto count = [&](const api::Statistics* statistics) { unanswered += !statistics; };
  link_.statistics({}, count);
  EXPECT_EQ(unanswered, 1);
  connect();
  ASSERT_TRUE(synchronised());
  link_.statistics({}, count);
  plane_->drop();
  EXPECT_TRUE(until([&] { return unanswered == 2; }));
}

TEST_F(PfeLinkTest, ACommitWaitsForThePlaneOnceAndSaysThatItIsBehind) {
  int settled = 0;
  const auto count = [&] { ++settled; };
  forwarding_.settle(count);
  EXPECT_EQ(settled, 1);
  EXPECT_EQ(forwarding_.behind(), "is not running");
  connect();
  ASSERT_TRUE(synchronised());
  EXPECT_EQ(forwarding_.behind(), "does not answer");
  answer(asked_);
  ASSERT_TRUE(until([&] { return forwarding_.behind().empty(); }));
  forwarding_.settle(count);  // of nothing
  EXPECT_EQ(settled, 2);
  set_port(1, 0);
  plane_->requests.clear();
  forwarding_.settle(count);
  ASSERT_TRUE(until([&] { return plane_->requests.size() == 2; }));
  EXPECT_EQ(settled, 2);
  answer(plane_->requests[1].sequence());
  ASSERT_TRUE(until([&] { return settled == 3; }));
  EXPECT_EQ(forwarding_.behind(), "");
  // One that has stopped is waited for once, not with every commit.
  set_port(2, 0);
  forwarding_.settle(count);
  ASSERT_TRUE(until([&] { return settled == 4; }));
  set_port(3, 0);
  forwarding_.settle(count);
  EXPECT_EQ(settled, 5);
  EXPECT_EQ(forwarding_.behind(), "does not answer");
  ASSERT_TRUE(until([&] { return plane_->requests.size() == 6; }));
  answer(plane_->requests[3].sequence());
  answer(plane_->requests[5].sequence());
  ASSERT_TRUE(until([&] { return forwarding_.behind().empty(); }));
  // While the state is held back nothing was promised.
  forwarding_.hold();
  set_port(4, 0);
  forwarding_.settle(count);
  EXPECT_EQ(settled, 6);
  EXPECT_EQ(forwarding_.behind(), "");
  forwarding_.release();
}

TEST_F(PfeLinkTest, RefusalsAreReported) {
  std::string error;
  link_.on_error = [&](const std::string& text) { error = text; };
  connect();
  ASSERT_TRUE(synchronised());
  api::Reply reply;
  reply.mutable_response()->set_error("no such port");
  plane_->reply(reply);
  EXPECT_TRUE(until([&] { return error == "no such port"; }));
}

TEST_F(PfeLinkTest, NonsenseEndsTheConnectionAndItRecovers) {
  for (const std::string& bytes :
       {std::string("\xff\xff\xff\xff", 4), std::string("\x02\x00\x00\x00\xff\xff", 6)}) {
    connect();
    ASSERT_TRUE(synchronised());
    plane_->write(bytes);
    EXPECT_TRUE(until([&] { return !link_.connected(); }));
  }
}

TEST_F(PfeLinkTest, ManyObjectsPassASlowReader) {
  for (uint32_t i = 0; i < 20000; ++i) {
    api::Route route;
    route.mutable_prefix()->set_address(std::string(reinterpret_cast<const char*>(&i), 4));
    route.mutable_prefix()->set_length(32);
    forwarding_.set_route(route);
  }
  connect();
  ASSERT_TRUE(synchronised());
  EXPECT_EQ(plane_->requests.size(), 20002u);
}

}  // namespace
}  // namespace nezu::chassis
