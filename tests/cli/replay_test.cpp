// nezu replay: the program itself, offline and against a router without a network.
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "cli/configuration_file.h"
#include "cli/console_login.h"
#include "cli/line_diff.h"
#include "cli/recording.h"
#include "cli/replay_report.h"
#include "tests/cli/router_process.h"
#include "tests/temporary_directory.h"

namespace nezu::cli {
namespace {
namespace fs = std::filesystem;
const std::string kPrograms = NEZU_BINARY_DIR "/bin/";
const std::string kTranscripts = NEZU_SOURCE_DIR "/tests/services/mgmt/transcripts/";

class ReplayTest : public testing::Test {
 protected:
  struct Outcome {
    int status;
    std::string text;
  };
  // Runs `nezu replay ARGUMENTS` in the test's directory.
  Outcome run(const std::string& arguments) const {
    const std::string command = "cd " + directory_ + " && TMPDIR=" + directory_ + " " + kPrograms +
                                "nezu replay " + arguments + " 2>&1 </dev/null";
    FILE* pipe = popen(command.c_str(), "r");
    Outcome outcome{-1, ""};
    char piece[4096];
    for (size_t got; (got = fread(piece, 1, sizeof piece, pipe)) > 0;)
      outcome.text.append(piece, got);
    outcome.status = WEXITSTATUS(pclose(pipe));
    return outcome;
  }
  std::string write(const std::string& name, const std::string& text) const {
    std::ofstream(directory_ + "/" + name) << text;
    return name;
  }
  std::string read(const std::string& name) const {
    std::stringstream text;
    text << std::ifstream(directory_ + "/" + name).rdbuf();
    return text.str();
  }
  static bool has(const std::string& text, const std::string& part) {
    return text.find(part) != text.npos;
  }

  TemporaryDirectory temporary_;
  const std::string directory_ = temporary_.path();
};

TEST_F(ReplayTest, CommitsWhatIsGood) {
  write("a.set", "# a comment\nset system host-name a\n");
  write("b.conf", "system {\n    host-name b;\n}\n");
  write("empty", "");
  const Outcome outcome = run("a.set b.conf empty --report report.json");
  EXPECT_EQ(outcome.status, 0) << outcome.text;
  EXPECT_TRUE(has(outcome.text, "a.set: 2 lines (set), 0 errors")) << outcome.text;
  EXPECT_TRUE(has(outcome.text, "b.conf: 3 lines (text), 0 errors")) << outcome.text;
  const std::string report = read("report.json");
  EXPECT_TRUE(has(report, "\"target\": \"offline\"")) << report;
  EXPECT_TRUE(has(report, "\"text\": \"commit complete\\n\"")) << report;
  // Nothing is left behind but what we wrote.
  size_t files = 0;
  for ([[maybe_unused]] const auto& entry : fs::directory_iterator(directory_)) ++files;
  EXPECT_EQ(files, 4u);
}

TEST_F(ReplayTest, NamesThePlacesOfErrorsAndCommitsNothingOfThatFile) {
  std::string many;
  for (int i = 1; i <= 5000; ++i)
    many += i == 4321 ? "set system foo\n"
                      : "set security ike proposal p" + std::to_string(i) + " dh-group group14\n";
  write("many.set", many);
  write("bad.conf", "system {\n  host-name b;\n  bar;\n}\n");
  // A policy without its proposal is refused: so none of the 4,999 is there.
  write("uses.set", "set security ike policy o proposals p1\n");
  const Outcome outcome = run("many.set bad.conf uses.set --report report.json");
  EXPECT_EQ(outcome.status, 1);
  EXPECT_TRUE(has(outcome.text, "many.set:4321:11: syntax error: foo\n")) << outcome.text;
  EXPECT_TRUE(has(outcome.text, "many.set: not committed\n")) << outcome.text;
  EXPECT_TRUE(has(outcome.text, "bad.conf:3:5: syntax error: bar\n  [edit system]\n"))
      << outcome.text;
  EXPECT_TRUE(has(outcome.text, "uses.set: not committed\n")) << outcome.text;
  EXPECT_TRUE(has(outcome.text, "configuration check-out failed")) << outcome.text;
  const std::string report = read("report.json");
  EXPECT_TRUE(has(report, "\"line\": 4321,")) << report;
  EXPECT_TRUE(has(report, "\"commit\": null")) << report;
}

TEST_F(ReplayTest, MayStopAtTheFirstError) {
  write("bad.set", "set system foo\nset system bar\n");
  write("good.set", "set system host-name a\n");
  const Outcome outcome = run("--stop-on-error bad.set good.set");
  EXPECT_EQ(outcome.status, 1);
  EXPECT_TRUE(has(outcome.text, "bad.set:1:11: syntax error: foo\n")) << outcome.text;
  EXPECT_FALSE(has(outcome.text, "bar")) << outcome.text;
  EXPECT_FALSE(has(outcome.text, "good.set")) << outcome.text;
}

TEST_F(ReplayTest, ChecksOnly) {
  write("good.set", "set system host-name a\n");
  const Outcome outcome = run("--check good.set");
  EXPECT_EQ(outcome.status, 0);
  EXPECT_TRUE(has(outcome.text, "configuration check succeeds\n")) << outcome.text;
  EXPECT_TRUE(has(outcome.text, "good.set: not committed\n")) << outcome.text;
}

TEST_F(ReplayTest, TellsWrongUsageFromWhatIsNotThere) {
  write("good.set", "set system host-name a\n");
  EXPECT_EQ(run("").status, 2);
  EXPECT_EQ(run("--nonsense good.set").status, 2);
  EXPECT_EQ(run("--confirmed 0 good.set").status, 2);
  EXPECT_EQ(run("--check --confirmed 5 good.set").status, 2);
  EXPECT_EQ(run("--confirmed 5 good.set good.set").status, 2);
  EXPECT_EQ(run("good.set missing.set").status, 3);
  EXPECT_EQ(run("good.set /").status, 3);
  EXPECT_EQ(run("--to no-such-node good.set").status, 3);
  EXPECT_EQ(run("--socket nowhere.sock good.set").status, 4);
  EXPECT_EQ(run("--model mx1 good.set").status, 4);
  EXPECT_EQ(run("good.set --report /nowhere/report.json").status, 3);
  EXPECT_EQ(run("--help").status, 0);
}

TEST_F(ReplayTest, BearsAnything) {
  write("binary", std::string("\0\xFF\xFE\x01{", 5) + std::string(10000, '\xC3'));
  write("deep", [] {
    std::string text;
    for (int i = 0; i < 10000; ++i) text += "a {\n";
    return text;
  }());
  write("long", "set system host-name " + std::string(1 << 20, 'x') + "\n");
  for (const char* file : {"binary", "deep", "long"}) {
    const Outcome outcome = run(std::string(file) + " --report report.json");
    EXPECT_EQ(outcome.status, 1) << file << ": " << outcome.text.substr(0, 500);
  }
}

TEST_F(ReplayTest, PlaysRecordedSessions) {
  const Outcome same = run(kTranscripts + "levels.txt");
  EXPECT_EQ(same.status, 0) << same.text;
  std::stringstream recorded;
  recorded << std::ifstream(kTranscripts + "levels.txt").rdbuf();
  std::string text = recorded.str();
  const size_t at = text.find("Entering configuration mode");
  ASSERT_NE(at, text.npos);
  write("session", text.replace(at, 8, "Leaving"));
  const Outcome other = run("session --report report.json");
  EXPECT_EQ(other.status, 1);
  EXPECT_TRUE(has(other.text, "- Leaving configuration mode\n+ Entering configuration mode\n"))
      << other.text;
  EXPECT_TRUE(has(read("report.json"), "\"recorded\": \"Leaving configuration mode")) << other.text;
  EXPECT_EQ(run("--update session").status, 1);
  EXPECT_EQ(run("session").status, 0) << read("session");
}

TEST_F(ReplayTest, APlayIsTheSameEveryTime) {
  write("session",
        "root> configure\nEntering configuration mode\n\n[edit]\n"
        "root# load merge terminal\n[Type ^D at a new line to end input]\n"
        "system {\n    host-name x;\n}\nload complete\n\n[edit]\n"
        "root# commit\ncommit complete\n\n[edit]\n"
        "root@x# show system host-name\nhost-name x;\n\n[edit]\n"
        "root@x# set system host-name y\n\n[edit]\n"
        "root@x# exit\nThe configuration has been changed but not committed\n"
        "Exit with uncommitted changes? [yes,no] (yes) no\n\n[edit]\n"
        "root@x# run show system commit\n0   2011-01-01 00:00:00 UTC by root via cli\n"
        "1   2011-01-01 00:00:00 UTC by root via other\n\n[edit]\n");
  const Outcome outcome = run("session");
  EXPECT_EQ(outcome.status, 0) << outcome.text;
  EXPECT_TRUE(has(outcome.text, "session: 7 commands, 0 answered otherwise")) << outcome.text;
  // What it left uncommitted is gone.
  write("a.set", "set system host-name a\n");
  EXPECT_EQ(run("session a.set session").status, 1);  // the host's name is another now
  run("--update session");
  const std::string once = read("session");
  run("--update session");
  EXPECT_EQ(read("session"), once);
}

TEST_F(ReplayTest, GoesToARunningRouter) {
  const std::string socket = directory_ + "/mgmt.sock";
  const RouterProcess router(socket);
  const auto cli = [&](const std::string& commands) {
    const std::string command = kPrograms + "nezu cli --socket " + socket + " " + commands;
    FILE* pipe = popen(command.c_str(), "r");
    char text[4096];
    const size_t got = fread(text, 1, sizeof text, pipe);
    pclose(pipe);
    return std::string(text, got);
  };
  write("a.set", "set system host-name a\n");
  write("bad.set", "set system host-name b\nset system foo\n");
  EXPECT_EQ(run("--socket mgmt.sock --check a.set").status, 0);
  EXPECT_FALSE(has(cli("-c 'show configuration'"), "host-name"));
  EXPECT_EQ(run("--socket mgmt.sock a.set").status, 0);
  EXPECT_TRUE(has(cli("-c 'show configuration'"), "host-name a;"));
  EXPECT_EQ(run("--socket mgmt.sock bad.set").status, 1);
  EXPECT_TRUE(has(cli("-c 'show configuration'"), "host-name a;"));
  // A check would confirm what somebody may want to be taken back.
  EXPECT_EQ(run("--socket mgmt.sock --confirmed 5 a.set").status, 0);
  EXPECT_EQ(run("--socket mgmt.sock --check a.set").status, 4);
  EXPECT_EQ(run("--socket mgmt.sock bad.set").status, 1);
  EXPECT_TRUE(has(cli("-c 'show system commit'"), "rollback in 5mins"));
  EXPECT_EQ(run("--socket mgmt.sock a.set").status, 0);
  EXPECT_FALSE(has(cli("-c 'show system commit'"), "rollback in"));
  // Somebody has changed something: it is not ours to commit or to throw away.
  cli("-c configure -c 'set system host-name other'");
  EXPECT_EQ(run("--socket mgmt.sock a.set").status, 4);
  EXPECT_TRUE(has(cli("-c configure -c 'show system'"), "host-name other;"));
}

// The hashes are of "openssl passwd".
TEST(Password, IsHeldAgainstItsHash) {
  const std::string sha512 =
      "$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/"
      "O817G3uBnIFNjnQJuesI68u4OTLiBFdcbYEdFCoEOfaS3"
      "5inz1";
  const std::string sha256 = "$5$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5";
  EXPECT_TRUE(is_password("Hello world!", sha512));
  EXPECT_TRUE(is_password("Hello world!", sha256));
  EXPECT_FALSE(is_password("Hello world", sha512));
  for (const char* none : {"", "*", "!", "Hello world!", "$6$", "$9$abc", "*0"})
    EXPECT_FALSE(is_password("Hello world!", none)) << none;
  EXPECT_FALSE(is_password("", "*"));
  // Minutes of work are no answer.
  EXPECT_FALSE(is_password("x", "$6$rounds=999999999$saltstring$" + std::string(86, 'a')));
}

TEST(LineDiff, ShowsWhatChanged) {
  EXPECT_EQ(line_diff("a\nb\n", "a\nb\n"), "");
  EXPECT_EQ(line_diff("a\nb\nc\nd\ne\n", "a\nb\nx\nd\ne\n"), "  b\n- c\n+ x\n  d\n");
  EXPECT_EQ(line_diff("", "a\n"), "+ a\n");
  EXPECT_EQ(line_diff("a", ""), "- a\n");
  const std::string many(5000, '\n'), more(5001, '\n');
  EXPECT_FALSE(line_diff(many, more).empty());
}

TEST(JsonString, EscapesAndReplaces) {
  EXPECT_EQ(json_string("a\"\\\n\x01"), "\"a\\\"\\\\\\n\\u0001\"");
  EXPECT_EQ(json_string("gr\xC3\xBC\xC3"), "\"gr\xC3\xBC\xEF\xBF\xBD\"");
  EXPECT_EQ(json_string("\xED\xA0\x80"), "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\"");
}

TEST(Form, IsSeenFromTheBeginning) {
  EXPECT_EQ(form_of("\xEF\xBB\xBF# x\nset system"), "set");
  EXPECT_EQ(form_of("system {\n"), "text");
  EXPECT_EQ(form_of("\n  <configuration>"), "xml");
  EXPECT_EQ(form_of("{ \"configuration\""), "json");
  EXPECT_EQ(form_of("\nuser@host> show version\n"), "session");
  EXPECT_EQ(form_of("## Last commit: yesterday\nsystem {"), "text");
  EXPECT_EQ(form_of(""), "set");
}

}  // namespace
}  // namespace nezu::cli
