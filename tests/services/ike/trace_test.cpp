#include "services/ike/settings/trace.h"

#include <gtest/gtest.h>

#include <QTemporaryDir>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace nezu::ike {
namespace {

namespace fs = std::filesystem;

TEST(Trace, SizesAreReadAsTheyAreWritten) {
  std::uint64_t size = 7;
  EXPECT_TRUE(read_size("10k", size));
  EXPECT_EQ(size, 10240u);
  EXPECT_TRUE(read_size("2M", size));
  EXPECT_EQ(size, 2u << 20);
  EXPECT_TRUE(read_size("65536", size));
  EXPECT_EQ(size, 65536u);
  for (const char* bad : {"", "k", "1k", "9999", "2g", "10kk", "10x", "-5", "99999999999999999999"})
    EXPECT_FALSE(read_size(bad, size)) << bad;
  EXPECT_EQ(size, 65536u) << "unchanged";
}

TEST(Trace, LeavesOtherFilesAlone) {
  EXPECT_TRUE(is_free_for_traces("iked"));
  for (const char* name : {"my-trace", "ike.log", "ike-debug.log", "initial.log", "nezu"})
    EXPECT_TRUE(is_free_for_traces(name)) << name;
  for (const char* name : {"", ".", "..", "messages", "messages.0", "nezu-re.log", "init.log",
                           "nezu-iked.log.0", "zebra.log", "a/b"})
    EXPECT_FALSE(is_free_for_traces(name)) << name;
}

class TraceFile : public testing::Test {
 protected:
  std::string path(const std::string& name) const {
    return (directory_.path() + "/").toStdString() + name;
  }
  std::string text(const std::string& name) const {
    std::ifstream in(path(name));
    std::stringstream all;
    all << in.rdbuf();
    return all.str();
  }
  QTemporaryDir directory_;
  Trace trace_{directory_.path().toStdString()};
  TraceOptions options_{true, "iked", kSmallestTrace, 3, false, {"ike"}, {}};
};

TEST_F(TraceFile, HoldsLinesThatMatchOnly) {
  options_.match = "IKE_(AUTH|SA_INIT) .*sent";
  trace_.configure(options_);
  trace_.write("ike", "gw 16.1.1.1:500 IKE_AUTH request sent");
  trace_.write("ike", "gw 16.1.1.1:500 IKE_AUTH answer received");
  options_.match.clear();
  trace_.configure(options_);
  trace_.write("ike", "everything again");
  const std::string written = text("iked");
  EXPECT_NE(written.find("request sent"), written.npos) << written;
  EXPECT_EQ(written.find("received"), written.npos);
  EXPECT_NE(written.find("everything again"), written.npos);
}

TEST(Trace, SmallRegularExpressionsOnly) {
  for (const char* good : {"IKE", "^a|b$", "[0-9]{1,3}", "\\."})
    EXPECT_TRUE(is_match(good)) << good;
  for (const char* bad :
       {"", "(", "[a", "a{2,1}", "(((a{1,255}){1,255}){1,255})", "(.*)(.*)(.*)(.*)\\4\\3\\2\\1c"})
    EXPECT_FALSE(is_match(bad)) << bad;
  EXPECT_FALSE(is_match("(" + std::string(240, 'a') + "){32767}"));
  EXPECT_FALSE(is_match(std::string(256, 'a')));
}

TEST_F(TraceFile, HoldsWhatItsFlagsAskFor) {
  trace_.write("ike", "before it is configured");
  trace_.configure(options_);
  trace_.write("ike", "IKE_SA_INIT\nforged line\x1b[2J");
  trace_.write("config", "not wanted");
  trace_.write("event", "always");
  const std::string written = text("iked");
  EXPECT_NE(written.find(" [ike] IKE_SA_INIT forged line [2J\n"), written.npos) << written;
  EXPECT_NE(written.find(" [event] always\n"), written.npos);
  EXPECT_EQ(written.find("not wanted"), written.npos);
  EXPECT_EQ(written.find("before"), written.npos);
  options_.flags = {"all"};
  trace_.configure(options_);
  trace_.write("config", "wanted now");
  EXPECT_NE(text("iked").find("wanted now"), written.npos);
}

TEST_F(TraceFile, NeverGrowsBeyondItsFiles) {
  trace_.configure(options_);
  for (int i = 0; i < 2000; ++i) trace_.write("ike", std::string(100, 'x'));
  std::size_t files = 0;
  for (const auto& entry : fs::directory_iterator(directory_.path().toStdString())) {
    EXPECT_LE(entry.file_size(), kSmallestTrace);
    ++files;
  }
  EXPECT_EQ(files, 3u);
  EXPECT_TRUE(fs::exists(path("iked.1")));
  options_.files = 2;
  trace_.configure(options_);
  for (int i = 0; i < 500; ++i) trace_.write("ike", std::string(100, 'y'));
  EXPECT_TRUE(fs::exists(path("iked.0")));
}

TEST_F(TraceFile, FollowsNoLinkAndWritesToNoPipe) {
  std::ofstream(path("secret")) << "kept";
  fs::create_symlink(path("secret"), path("iked"));
  trace_.configure(options_);
  trace_.write("ike", "overwritten");
  EXPECT_EQ(text("secret"), "kept");
}

}  // namespace
}  // namespace nezu::ike
