#include "services/mgmt/help_messages.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>

namespace nezu::mgmt {
namespace {
namespace fs = std::filesystem;

// The tags in calls that write to the system log.
void collect_tags(const std::string& source, std::set<std::string>& tags) {
  static const std::regex kCall(R"re(\b(record|log)\()re");
  static const std::regex kTag(R"re("([A-Z][A-Z0-9]*(_[A-Z0-9]+)+)"(,|\s*:))re");
  for (std::sregex_iterator call(source.begin(), source.end(), kCall), end; call != end; ++call) {
    const auto from = source.begin() + call->position();
    const auto to = std::find(from, source.end(), ';');
    for (std::sregex_iterator tag(from, to, kTag); tag != end; ++tag) tags.insert((*tag)[1]);
  }
}

std::set<std::string> tags_of_sources() {
  std::set<std::string> tags;
  for (const char* room : {"configdb", "chassis", "services"})
    for (const auto& entry : fs::recursive_directory_iterator(fs::path(NEZU_SOURCE_DIR) / room)) {
      if (entry.path().extension() != ".cpp") continue;
      std::stringstream text;
      text << std::ifstream(entry.path()).rdbuf();
      collect_tags(text.str(), tags);
    }
  return tags;
}

TEST(HelpSyslog, KnowsEveryMessageThatIsWritten) {
  std::set<std::string> known;
  std::string last;
  for (const SyslogMessage& each : syslog_messages()) {
    EXPECT_LT(last, each.tag) << "not sorted";
    known.insert(last = each.tag);
  }
  EXPECT_EQ(tags_of_sources(), known);
}

}  // namespace
}  // namespace nezu::mgmt
