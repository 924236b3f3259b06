#include "chassis/netlink.h"

#include <errno.h>
#include <gtest/gtest.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include <memory>

namespace nezu::chassis {
namespace {

// The test is the kernel: its answers are there before the request.
class NetlinkTest : public testing::Test {
 protected:
  NetlinkTest() {
    int ends[2] = {-1, -1};
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 0);
    netlink_ = std::make_unique<Netlink>(Descriptor(ends[0]));
    kernel_ = Descriptor(ends[1]);
  }

  void answer(uint16_t type, uint16_t flags) {
    nlmsghdr message{};
    message.nlmsg_len = sizeof message;
    message.nlmsg_type = type;
    message.nlmsg_flags = flags;
    message.nlmsg_seq = 1;
    ASSERT_GT(::send(kernel_.get(), &message, sizeof message, 0), 0);
  }

  int dump() {
    return netlink_->request(Message(RTM_GETLINK, NLM_F_DUMP, ifinfomsg{}),
                             [this](const nlmsghdr&) { ++seen_; });
  }

  std::unique_ptr<Netlink> netlink_;
  Descriptor kernel_;
  int seen_ = 0;
};

TEST_F(NetlinkTest, ADumpEndsWithDone) {
  answer(RTM_NEWLINK, NLM_F_MULTI);
  answer(RTM_NEWLINK, NLM_F_MULTI);
  answer(NLMSG_DONE, NLM_F_MULTI);
  EXPECT_EQ(dump(), 0);
  EXPECT_EQ(seen_, 2);
}

TEST_F(NetlinkTest, ADumpThatWasInterruptedIsToBeAskedForAgain) {
  answer(RTM_NEWLINK, NLM_F_MULTI | NLM_F_DUMP_INTR);
  answer(RTM_NEWLINK, NLM_F_MULTI);
  answer(NLMSG_DONE, NLM_F_MULTI);
  EXPECT_EQ(dump(), EAGAIN);
}

}  // namespace
}  // namespace nezu::chassis
