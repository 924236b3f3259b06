#include "services/routing/show.h"

#include <gtest/gtest.h>

namespace nezu::routing {
namespace {

using std::chrono::seconds;

TEST(Age, ReadsAsTheRouterPrintsIt) {
  EXPECT_EQ(age_text(seconds(-5)), "00:00:00");
  EXPECT_EQ(age_text(seconds(62)), "00:01:02");
  EXPECT_EQ(age_text(seconds(86400 + 7384)), "1d 02:03:04");
  EXPECT_EQ(age_text(seconds(86400 * 17 + 7384)), "2w3d 02:03:04");
}

TEST(PrefixOrder, PutsShortBeforeLongAndFourBeforeSix) {
  const Prefix ten{std::string("\x0a\0\0\0", 4), 8}, longer{std::string("\x0a\0\0\0", 4), 24};
  const Prefix six{std::string(16, '\0'), 0};
  EXPECT_TRUE(ten < longer);
  EXPECT_TRUE(longer < six);
  EXPECT_TRUE(ten.covers(longer));
  EXPECT_FALSE(longer.covers(ten));
  EXPECT_FALSE(six.covers(ten));
}

}  // namespace
}  // namespace nezu::routing
