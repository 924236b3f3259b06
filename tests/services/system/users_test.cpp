#include "services/system/users.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "services/system/storage.h"
#include "tests/services/text_reply.h"

namespace nezu::system {
namespace {
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

std::string last_line(std::string text) {
  if (text.ends_with('\n')) text.pop_back();
  return text.substr(text.rfind('\n') + 1);
}

std::string line_of(const LoggedIn& user) {
  mgmt::Registry registry;
  add_user_rpcs(registry, [&] { return std::vector<LoggedIn>{user}; });
  return last_line(answer_of(registry, "get-system-users-information"));
}

TEST(Users, AreListedWithTheirTerminalAndHowLongTheyAreIdle) {
  const auto now = std::chrono::system_clock::now();
  const std::string line = line_of({"bob", "pts/0", "10.1.1.1", now - minutes(1), seconds(59)});
  EXPECT_EQ(line.substr(0, 48), "bob      pts/0    10.1.1.1                      ");
  EXPECT_TRUE(line.ends_with("M     - cli")) << line;
  const auto idle = [&](seconds time) {
    const std::string whole = line_of({"root", "", "", now, time});
    return whole.substr(whole.size() - 10, 6);
  };
  EXPECT_EQ(idle(minutes(7)), "     7");
  EXPECT_EQ(idle(hours(5) + minutes(3)), "  5:03");
  EXPECT_EQ(idle(hours(24)), "  1day");
  EXPECT_EQ(idle(hours(24 * 4)), " 4days");
}

TEST(Storage, IsThatOfEachFileSystemOnce) {
  mgmt::Registry registry;
  add_storage_rpcs(registry, {"/", "/", "/no/such/directory", "/proc"});
  const std::string text = answer_of(registry, "get-system-storage");
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 3) << text;
  EXPECT_TRUE(last_line(text).ends_with("0%  /proc")) << text;
}

}  // namespace
}  // namespace nezu::system
