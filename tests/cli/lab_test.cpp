// Topologies of labs, and links that take their time.
#include <gtest/gtest.h>

#include <fstream>

#include "cli/delay_line.h"
#include "cli/topology.h"
#include "tests/temporary_directory.h"

namespace nezu::cli {
namespace {

using std::chrono::milliseconds;

Topology read_link(const std::string& properties) {
  const TemporaryDirectory directory;
  const std::string file = directory.path() + "/x.clab.yml";
  std::ofstream(file) << "name: x\ntopology:\n  nodes: {a: {kind: linux}, b: {kind: linux}}\n"
                         "  links:\n    - endpoints: [\"a:eth1\", \"b:eth1\"]\n"
                      << properties;
  return read_topology(file);
}

TEST(LinkDelay, IsATimeWithAUnit) {
  EXPECT_EQ(read_link("").links.at(0).delay, milliseconds(0));
  EXPECT_EQ(read_link("      delay: 1ms\n").links.at(0).delay, milliseconds(1));
  EXPECT_EQ(read_link("      delay: 300ms\n").links.at(0).delay, milliseconds(300));
  EXPECT_EQ(read_link("      delay: 10s\n").links.at(0).delay, milliseconds(10000));
}

TEST(LinkDelay, OfAnyOtherKindIsRefusedWithItsLine) {
  for (const char* value : {"300", "0ms", "-1ms", "3m", "10001ms", "11s", "99999999999999ms", "[]",
                            "\"\"", "1.5s", "300ms 300ms"}) {
    const Topology topology = read_link(std::string("      delay: ") + value + "\n");
    ASSERT_FALSE(topology.errors.empty()) << value;
    EXPECT_NE(topology.errors[0].find("x.clab.yml:6: "), std::string::npos) << topology.errors[0];
  }
}

TEST(LinkDelay, HoldsEachFrameForItsTimeInOrder) {
  const DelayQueue::Clock::time_point start{};
  DelayQueue queue{milliseconds(300)};
  EXPECT_FALSE(queue.ready(start));
  EXPECT_TRUE(queue.put("one", start));
  EXPECT_TRUE(queue.put("two", start + milliseconds(10)));
  EXPECT_FALSE(queue.ready(start + milliseconds(299)));
  ASSERT_TRUE(queue.ready(start + milliseconds(300)));
  EXPECT_EQ(queue.take(), "one");
  EXPECT_FALSE(queue.ready(start + milliseconds(309)));
  EXPECT_EQ(queue.due(), start + milliseconds(310));
  EXPECT_EQ(queue.take(), "two");
  EXPECT_TRUE(queue.empty());
}

TEST(LinkDelay, HoldsNoMoreThanItsMemory) {
  DelayQueue queue{milliseconds(300)};
  size_t taken = 0;
  while (queue.put(std::string(1 << 20, 'x'), {})) ASSERT_LT(++taken, 1000u);
  EXPECT_EQ(taken, (DelayQueue::kMostBytes >> 20) - 1);
  queue.take();
  EXPECT_TRUE(queue.put("room again", {}));
}

}  // namespace
}  // namespace nezu::cli
