// The real program on a real terminal (a pty), against a router without a network.
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "tests/cli/router_process.h"
#include "tests/cli/terminal.h"
#include "tests/temporary_directory.h"

namespace nezu::cli {
namespace {
namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

class TerminalTest : public testing::Test {
 protected:
  TemporaryDirectory temporary_;
  const std::string directory_ = temporary_.path();
  std::string socket_ = directory_ + "/mgmt.sock";
  RouterProcess router_{socket_};
  Terminal terminal_{socket_};

  void SetUp() override { ASSERT_TRUE(terminal_.shows("root> ")); }

  // A key at a time, as a person does.
  void keys(const std::string& each, const std::string& then) {
    for (const char key : each) {
      terminal_.type({&key, 1});
      std::this_thread::sleep_for(milliseconds(15));
    }
    ASSERT_TRUE(terminal_.shows(then)) << "after " << each;
  }
  void run(const std::string& line, const std::string& then) {
    terminal_.type(line + "\r");
    ASSERT_TRUE(terminal_.shows(then, true)) << "after " << line;
  }
};

TEST_F(TerminalTest, CompletesOnSpaceTabAndQuestionMark) {
  keys("sh ", "show ");
  keys("te", "te");
  keys("\t", "st ");
  keys("?",
       "?\nPossible completions:\n  interfaces           Show test interfaces\n"
       "  lines                Show numbered lines\nroot> show test ");
  keys("int et\t", "et-0/");
  keys("2\t\r", "2/10\nInterface       Status\net-0/2/10       up\n\nroot> ");
}

TEST_F(TerminalTest, EnterCompletesTheLastWord) {
  keys("conf\r", "configure\nEntering configuration mode\n\n[edit]\nroot# ");
  keys("exit\r", "exit\nExiting configuration mode\n\nroot> ");
}

TEST_F(TerminalTest, SpaceSaysWhatIsWrongAndShowsTheLineAnew) {
  run("configure", "root# ");
  keys("set fo ", "set fo\n          ^\nsyntax error.\n[edit]\nroot# set fo");
  keys(
      "\x15"
      "set s ",
      "'s' is ambiguous.\nPossible completions:\n> security");
  ASSERT_TRUE(terminal_.shows("root# set s"));
}

TEST_F(TerminalTest, QuotesAreLiteral) {
  run("configure", "root# ");
  keys("set security ike proposal p description \"a ? b\"\r", "b\"\n\n[edit]\nroot# ");
  run("show | display set", "set security ike proposal p description \"a ? b\"\n");
}

TEST_F(TerminalTest, EditsWithEmacsKeys) {
  run("set cli complete-on-space off", "root> ");
  keys("xhow test lines 3\x01\x04s", "show test lines 3");  // ^A ^D
  keys(
      "\x05\x08"
      "4\r",
      "line 4\n\nroot> ");  // ^E ^H
  keys(
      "show nothing\x17"
      "test lines 2\r",
      "line 2\n\nroot> ");                                                       // ^W
  keys("show test lines 1 junk\x02\x02\x02\x02\x02\x0b\r", "line 1\n\nroot> ");  // ^B ^K
  keys("junk\x15show test lines 2\r", "line 2\n\nroot> ");                       // ^U
  keys("junk\x18show test lines 1\r", "line 1\n\nroot> ");                       // ^X
  keys("lines 3\x15show test \x19\r", "line 3\n\nroot> ");                       // ^Y
  keys("show junk test lines 2\x01\033f\033d\r", "line 2\n\nroot> ");            // M-f M-d
  keys("show test lines 1 2\033b\033b\033d1\x0b\r", "line 1\n\nroot> ");         // M-b
  keys("show test linesx 2\033b\x02\x02\x04\r", "line 2\n\nroot> ");
  keys("\x10\x10\x0e\r", "line 2\n\nroot> ");  // ^P ^N
  terminal_.type("\033[A\033[A\033[B\r");
  ASSERT_TRUE(terminal_.shows("line 2\n\nroot> ", true));
  keys("show test lin\033/ 1\r", "show test lines 1\nline 1\n\nroot> ");
  keys("show test lines 1 junk\033\x7f\r", "line 1\n\nroot> ");                       // M-Backspace
  keys("show test lines 21\x02\x02\x06\x04\r", "line 2\n\nroot> ");                   // ^F
  keys("show test lines 3\x0c", "root> show test lines 3\nroot> show test lines 3");  // ^L
  keys("\r", "line 3\n\nroot> ");
}

TEST_F(TerminalTest, PasswordsAreNotShown) {
  run("configure", "root# ");
  run("set system root-authentication plain-text-password", "New password:");
  keys(
      "Secret1\x7F"
      "2\r",
      "New password:\nRetype new password:");
  keys("wrong\x15Secret2\r", "Retype new password:\n\n[edit]\nroot# ");
  run("show | match \"password .\\$6\\$\" | count", "Count: 1 lines\n\n[edit]\nroot# ");
  run("set system root-authentication plain-text-password", "New password:");
  keys("\x03", "New password:^C\n\n[edit]\nroot# ");
  run("set system root-authentication plain-text-password", "New password:");
  keys("Secret1\r", "\nRetype new password:");
  keys("Secret2\r",
       "Retype new password:\nerror: Passwords are not equal; aborting\n\n[edit]\nroot# ");
  EXPECT_EQ(terminal_.text().find("Secret"), std::string::npos);
}

// `nezu cli -c` asks at the terminal it was called from.
TEST_F(TerminalTest, PasswordsAreNotShownToCommandsEither) {
  Terminal terminal(
      socket_, {"-c", "configure", "-c", "set system root-authentication plain-text-password", "-c",
                "show | match \"password .\\$6\\$\" | count"});
  ASSERT_TRUE(terminal.shows("New password:"));
  terminal.type("Secret1\r");
  ASSERT_TRUE(terminal.shows("Retype new password:"));
  terminal.type("Secret1\r");
  ASSERT_TRUE(terminal.shows("Count: 1 lines"));
  EXPECT_EQ(terminal.exit_status(), 0);
  EXPECT_EQ(terminal.text().find("Secret"), std::string::npos) << terminal.text();
  EXPECT_TRUE(terminal.is_as_before());
}

// What is typed before the second question is its answer.
TEST_F(TerminalTest, CommandsTakeBothPasswordsTypedAhead) {
  Terminal terminal(
      socket_, {"-c", "configure", "-c", "set system root-authentication plain-text-password", "-c",
                "show | match \"password .\\$6\\$\" | count"});
  ASSERT_TRUE(terminal.shows("New password:"));
  terminal.type("Secret1\rSecret1\r");
  ASSERT_TRUE(terminal.shows("Count: 1 lines"));
  EXPECT_EQ(terminal.exit_status(), 0);
  EXPECT_TRUE(terminal.is_as_before());
}

TEST_F(TerminalTest, SearchesTheHistory) {
  run("show test lines 1", "line 1\n\nroot> ");
  run("show test lines 2", "line 2\n\nroot> ");
  run("show test interfaces st0", "root> ");
  keys("\x12lin", "(history search) 'lin': show test lines 2");
  keys("\x12", "(history search) 'lin': show test lines 1");
  keys("\x12", "(failed history search) 'lin': show test lines 1");
  keys("\r", "root> show test lines 1\nline 1\n\nroot> ");
  keys("\x12st0", "'st0': show test interfaces st0");
  keys("\x08\x08\x08lines 2", "'lines 2': show test lines 2");
  keys(
      "\x05\x08"
      "3",
      "root> show test lines 3");  // any other key takes it
  keys("\x12nothing\x07", "root> show test lines 3");
  keys("\r", "line 3\n\nroot> ");
}

TEST_F(TerminalTest, DrawsLinesOfSeveralRows) {
  run("configure", "root# ");
  const std::string line =
      "set security ike proposal a-long-name description \"" + std::string(60, 'x') + "\" dh-";
  terminal_.type(line);
  ASSERT_TRUE(terminal_.shows("dh-"));
  keys("?",
       "\" dh-?\nPossible completions:\n  dh-group             Keys are agreed in this "
       "Diffie-Hellman group\n"
       "[edit]\nroot# set security");
  ASSERT_TRUE(terminal_.shows("\" dh-"));
  keys("\x01\x06\x06", "");  // in the first of two rows
  keys("?", "\nPossible completions:\n  set                  Set a parameter\n[edit]\nroot# set");
  ASSERT_TRUE(terminal_.shows("\" dh-"));
  keys("\x05group group14\r", "dh-group group14\n\n[edit]\nroot# ");
  run("show | display set | match dh-", "dh-group group14\n");
}

TEST_F(TerminalTest, TakesAPasteAtOnce) {
  run("configure", "root# ");
  std::string paste;
  for (int i = 0; i < 1000; ++i)
    paste += i == 500 ? "set interfaces et-0/0/0 wrong\r"
                      : "set security ike proposal proposal-" + std::to_string(i) +
                            " description \"what? for " + std::to_string(i) + "\"\r";
  const auto begin = Clock::now();
  terminal_.type(paste + "show | display set | count\r");
  ASSERT_TRUE(terminal_.shows("Count: 999 lines\n"));
  const auto took = std::chrono::duration_cast<milliseconds>(Clock::now() - begin);
  RecordProperty("milliseconds", static_cast<int>(took.count()));
  printf("1000 pasted lines: %d ms\n", static_cast<int>(took.count()));
  EXPECT_LT(took.count(), 20000);
  const std::string& screen = terminal_.passed();
  EXPECT_NE(screen.find("root# set interfaces et-0/0/0 wrong\n"
                        "                              ^\nsyntax error.\n\n[edit]\nroot# set"),
            screen.npos);
}

// What had not left the terminal at the far end when ^C was pressed comes after it all the same.
TEST_F(TerminalTest, TheRestOfAPasteGoesWithItsInterrupt) {
  run("configure", "root# ");
  std::string paste;
  for (int i = 0; i < 400; ++i) paste += "set interfaces et-0/0/0 unit " + std::to_string(i) + "\r";
  run("load set terminal", "[Type ^D at a new line to end input]\n");
  terminal_.type(paste + "\x03" + paste);
  ASSERT_TRUE(terminal_.shows("^C"));  // behind it is "[abort]" if a command was under way
  ASSERT_TRUE(terminal_.shows("\n\n[edit]\nroot# "));
  EXPECT_EQ(terminal_.rest(), "");
  run("show | display set | count", "Count: 0 lines\n\n[edit]\nroot# ");
  terminal_.type(paste.substr(0, paste.size() / 2) + "\x03" + paste + "set system host-name a\r");
  ASSERT_TRUE(terminal_.shows("^C"));  // behind it is "[abort]" if a command was under way
  ASSERT_TRUE(terminal_.shows("\n\n[edit]\nroot# "));
  EXPECT_EQ(terminal_.rest(), "");
  run("show system", "\n[edit]\nroot# ");
}

TEST_F(TerminalTest, NoKeyStopsOrKillsIt) {
  for (const char* line : {"configure", "set system host-name a", "exit", "no"}) {
    terminal_.type(std::string("\x1a\x1c") + line + "\x1a\x1c\r");
    ASSERT_TRUE(terminal_.shows(line == std::string("exit") ? "(yes) " : "root# ", true)) << line;
  }
  run("exit", "(yes) ");
  keys("\x04", "(yes)\n\n[edit]\nroot# ");  // as "no"
  run("load set terminal", "[Type ^D at a new line to end input]\n");
  terminal_.type("set system host-name b\r\x1a\x1c\x04");
  ASSERT_TRUE(terminal_.shows("load complete\n\n[edit]\nroot# "));
}

TEST_F(TerminalTest, PastedLinesMayEndInCarriageReturnAndLineFeed) {
  terminal_.type("configure\r\nset system host-name a\r\nshow | display set | count\r\n");
  ASSERT_TRUE(terminal_.shows("Count: 1 lines\n\n[edit]\nroot# "));
  EXPECT_EQ(terminal_.rest(), "");
}

TEST_F(TerminalTest, PagesLongOutput) {
  run("show test lines 100", "line 23\n---(more 23%)---");
  keys(" ", "line 24\n");
  ASSERT_TRUE(terminal_.shows("line 46\n---(more 46%)---"));
  keys("\r", "line 47\n---(more 47%)---");
  keys("d", "line 48\n");
  ASSERT_TRUE(terminal_.shows("line 58\n---(more 58%)---"));
  keys("h", "Enter");
  ASSERT_TRUE(terminal_.shows("---(more 58%)---"));
  keys("q", "[abort]\n\nroot> ");
  run("show test lines 100 | no-more", "line 100\n\nroot> ");
  EXPECT_EQ(terminal_.passed().find("more)"), std::string::npos);
  run("show test lines 23", "line 23\n\nroot> ");  // exactly a screen: nothing to wait for
  run("show test lines 1000000", "---(more)---");  // of which nobody knows the end yet
  keys("q", "[abort]\n\nroot> ");
  run("show test interfaces st0", "st0             up\n\nroot> ");
}

TEST_F(TerminalTest, ThePagerGoesBack) {
  run("show test lines 100", "---(more 23%)---");
  keys("  ", "line 69\n---(more 69%)---");
  keys("b", "line 24\nline 25\n");
  ASSERT_TRUE(terminal_.shows("line 46\n---(more 46%)---"));
  keys("k", "line 23\nline 24\n");
  ASSERT_TRUE(terminal_.shows("line 45\n---(more 45%)---"));
  keys("u", "line 12\n");
  ASSERT_TRUE(terminal_.shows("line 34\n---(more 34%)---"));
  keys("g", "line 1\nline 2\n");
  ASSERT_TRUE(terminal_.shows("line 23\n---(more 23%)---"));
  terminal_.type("\033[6~");  // Page Down
  ASSERT_TRUE(terminal_.shows("line 46\n---(more 46%)---"));
  keys("G", "line 78\n");
  ASSERT_TRUE(terminal_.shows("line 100\n---(more 100%)---"));
  keys("b", "line 55\n");
  ASSERT_TRUE(terminal_.shows("line 77\n---(more 77%)---"));
  keys("  ", "line 100\n\nroot> ");  // forwards from the end is out
}

TEST_F(TerminalTest, ThePagerSearches) {
  run("show test lines 100000", "line 23\n---(more");
  keys("/line 500$\r", "line 500\nline 501\n");
  ASSERT_TRUE(terminal_.shows("line 522\n---(more"));
  keys("/0$\r", "line 510\n");
  ASSERT_TRUE(terminal_.shows("line 532\n---(more"));
  keys("n", "line 520\n");
  ASSERT_TRUE(terminal_.shows("line 542\n---(more"));
  keys("?line 7$\r", "line 7\n");
  ASSERT_TRUE(terminal_.shows("line 29\n---(more"));
  keys("/nothing like it\r", "Pattern not found\n---(more 0%)---");
  keys("/(\r", "regular expression '('");
  keys("/x\x7F\x7F", "---(more 0%)---");  // taken back
  keys("q", "[abort]\n\nroot> ");
}

TEST_F(TerminalTest, ThePagerFilters) {
  run("show test lines 1000", "---(more 2%)---");
  keys("m99\r", "line 99\nline 199\nline 299\n");
  ASSERT_TRUE(terminal_.shows("---(more[filtered] 100%)---"));
  keys("e5\r", "line 99\nline 199\n");
  ASSERT_TRUE(terminal_.shows("line 999\n---(more[filtered] 100%)---"));
  EXPECT_EQ(terminal_.passed().find("line 599"), std::string::npos);
  keys("c", "line 999\n");
  ASSERT_TRUE(terminal_.shows("---(more"));
  const std::string file = directory_ + "/saved";
  keys("s" + file + "\r", "Wrote 1000 lines of output to '" + file + "'\n---(more");
  EXPECT_EQ(fs::file_size(file), 8893u);
  keys("q", "root> ");
}

TEST_F(TerminalTest, ThePagerErasesItsMark) {
  run("show test lines 30", "---(more 76%)---");
  keys(" ", "line 24\n");
  ASSERT_TRUE(terminal_.shows("line 30\n\nroot> "));
  EXPECT_EQ(terminal_.text().find("more"), std::string::npos);
}

TEST_F(TerminalTest, SetCliReachesTheTerminal) {
  run("show cli", "screen-length set to 24\nCLI screen-width set to 80\nCLI terminal is 'xterm'\n");
  run("set cli screen-length 10", "root> ");
  run("show test lines 100", "line 9\n---(more 9%)---");
  keys(" ", "line 18\n---(more 18%)---");
  keys("q", "root> ");
  run("set cli screen-length 0", "root> ");
  run("show test lines 100", "line 100\n\nroot> ");
  run("set cli screen-width 40", "root> ");
  run("configure", "root# ");
  run("set security ike proposal p description \"123456789 123456789 123456789 1234\"", "root# ");
  run("show | display set", "description\n\"123456789 123456789 123456789 1234\"\n");
  run("run set cli complete-on-space off", "root# ");
  keys("sho ", "sho ");
  keys("\x15", "root# ");
  run("run set cli prompt \"here>\"", "here> ");
  run("run set cli timestamp format at-noon", "here> ");
  run("run show test lines 1", "at-noon\nline 1\n");
}

TEST_F(TerminalTest, HistoryIsShownByMode) {
  run("show test lines 1", "root> ");
  run("show cli history", " -- show test lines 1\n");
  ASSERT_TRUE(terminal_.shows(" -- show cli history\n\nroot> "));
  run("configure", "root# ");
  run("run show cli history 1", " -- run show cli history 1\n\n[edit]\nroot# ");
  EXPECT_EQ(terminal_.passed().find("lines 1"), std::string::npos);
}

TEST_F(TerminalTest, ACommandMayEndInItsOwnWay) {
  run("request test probe", "probing\n");
  keys("\x03", "^C\n--- statistics ---\n\nroot> ");
  run("request test probe | match nothing", "\n");
  std::this_thread::sleep_for(milliseconds(200));
  keys("\x03", "^C\n\nroot> ");
}

// Whether it was committed is wanted, whatever was pressed meanwhile.
TEST_F(TerminalTest, ACommitIsWaitedFor) {
  run("configure", "root# ");
  run("set system host-name slow", "root# ");
  terminal_.type("commit\r");
  ASSERT_TRUE(terminal_.shows("root# commit"));
  for (int i = 0; i < 2; ++i) {
    std::this_thread::sleep_for(milliseconds(150));
    terminal_.type("\x03");
  }
  ASSERT_TRUE(terminal_.shows("^C\n^C\ncommit complete\n\n[edit]\nroot@slow# "));
}

// The time above its output does not begin that output.
TEST_F(TerminalTest, ACommitWithATimestampIsWaitedForToo) {
  run("set cli timestamp format at-noon", "root> ");
  run("configure", "root# ");
  run("set system host-name slow", "root# ");
  terminal_.type("commit\r");
  ASSERT_TRUE(terminal_.shows("root# commit"));
  std::this_thread::sleep_for(milliseconds(200));
  terminal_.type("\x03");
  ASSERT_TRUE(terminal_.shows("^C\nat-noon\ncommit complete\n\n[edit]\nroot@slow# "));
}

TEST_F(TerminalTest, RefreshesUntilInterrupted) {
  run("show test lines 2 | match 2 | refresh 1", "---(refreshed at");
  ASSERT_TRUE(terminal_.shows("line 2\n---(refreshed at"));
  ASSERT_TRUE(terminal_.shows("line 2\n"));
  keys("\x03", "^C\n\nroot> ");
  run("request test silence | refresh 1", "\n");
  std::this_thread::sleep_for(milliseconds(200));
  keys("\x03", "^C\n\nroot> ");
  run("show test interfaces st0", "st0             up\n\nroot> ");
}

TEST_F(TerminalTest, SendsOutputToAllTerminals) {
  run("show test lines 2 | request message all", "Broadcast Message from root");
  ASSERT_TRUE(terminal_.shows("line 1"));
  ASSERT_TRUE(terminal_.shows("line 2"));
}

TEST_F(TerminalTest, HoldsAndSaves) {
  run("show test lines 3 | hold", "line 3\n---(more 100%)---");
  keys("k", "line 1\nline 2\nline 3\n---(more 100%)---");
  keys("q", "[abort]\n\nroot> ");
  run("set cli directory " + directory_, "root> ");
  run("show test lines 3 | save file", "Wrote 3 lines of output to 'file'\n\nroot> ");
  EXPECT_EQ(fs::file_size(directory_ + "/file"), 21u);
}

TEST_F(TerminalTest, AnInterruptGivesThePromptBack) {
  keys("show te\x03", "^C\n\nroot> ");
  run("request test silence", "\n");
  std::this_thread::sleep_for(milliseconds(200));
  keys("\x03", "^C[abort]\n\nroot> ");
  run("show test interfaces st0", "st0             up\n\nroot> ");
}

TEST_F(TerminalTest, AnInterruptEndsAPaste) {
  run("configure", "root# ");
  std::string paste;
  for (int i = 0; i < 3000; ++i)
    paste += "set security ike proposal proposal-" + std::to_string(i) + " description \"of " +
             std::to_string(i) + "\"\r";
  terminal_.type(paste);
  terminal_.type("\x03");
  terminal_.rest();
  run("", "root# ");
  run("show | display set | except description | count", "Count: 0 lines\n\n[edit]\nroot# ");
  run("show | display set | count", " lines\n\n[edit]\nroot# ");
  const std::string screen = terminal_.text();
  const int taken = atoi(screen.c_str() + screen.rfind("Count: ") + 7);
  printf("of 3000 pasted lines %d were taken before ^C\n", taken);
  EXPECT_LT(taken, 3000);
  run("show | display set | count", "Count: " + std::to_string(taken) + " lines\n");
}

TEST_F(TerminalTest, AnInterruptedLoadLoadsNothing) {
  run("configure", "root# ");
  run("set system host-name kept", "root# ");
  for (const char* how : {"load override terminal", "load merge terminal"}) {
    run(how, "[Type ^D at a new line to end input]\n");
    terminal_.type("system {\r    host-name lost;\r}\r");
    ASSERT_TRUE(terminal_.shows("}\n"));
    keys("\x03", "^C\n\n[edit]\nroot# ");
    run("show system", "host-name kept;\n\n[edit]\nroot# ");
  }
}

TEST_F(TerminalTest, AnInterruptEndsLongOutput) {
  run("show test lines 10000000 | match nothing", "\n");
  std::this_thread::sleep_for(milliseconds(200));
  keys("\x03", "^C[abort]\n\nroot> ");
  run("show test lines 10000000 | no-more | count", "\n");
  std::this_thread::sleep_for(milliseconds(200));
  keys("\x03", "^C[abort]\n\nroot> ");
  run("show test interfaces st0", "st0             up\n\nroot> ");
}

TEST_F(TerminalTest, MessagesReachOtherTerminals) {
  Terminal other(socket_);
  ASSERT_TRUE(other.shows("root> "));
  run("configure", "root# ");
  run("run request message all message \"noon, all out\"", "root# ");
  EXPECT_NE(terminal_.text().find("Broadcast Message from root@\n        (pts/"),
            std::string::npos);
  ASSERT_TRUE(other.shows("Broadcast Message from root@\n        (pts/"));
  ASSERT_TRUE(other.shows(") at 08:00 UTC...\n\nnoon, all out\n\n"));
  other.type("show test lines 1\r");
  ASSERT_TRUE(other.shows("line 1\n\nroot> "));
  run("run request message message secret user root", "Message from root@ on pts/");
  ASSERT_TRUE(other.shows(" at 08:00 ...\nsecret\nEOF\n"));
  run("run request message message x user nobody",
      "error: user 'nobody' is not logged in at a terminal\n");
  run("run request message message x", "error: all, user or terminal must be given\n");
}

TEST_F(TerminalTest, HistoryIsKeptByMode) {
  run("show test lines 1", "line 1\n\nroot> ");
  run("configure", "root# ");
  run("set system host-name h", "root# ");
  keys("\x10", "set system host-name h");
  keys("\x15", "");
  run("exit configuration-mode", "(yes) ");
  run("", "root> ");
  keys("\x10\x10\x10\r", "show test lines 1\nline 1\n");
}

TEST_F(TerminalTest, LeavesTheTerminalAsItWas) {
  EXPECT_FALSE(terminal_.is_as_before());
  keys("\x04", "exit\n");
  EXPECT_EQ(terminal_.exit_status(), 0);
  EXPECT_TRUE(terminal_.is_as_before());
}

TEST_F(TerminalTest, LeavesTheTerminalAsItWasWhenItIsTerminated) {
  run("show test lines 100", "---(more 23%)---");
  terminal_.signal(SIGTERM);
  terminal_.exit_status();
  EXPECT_TRUE(terminal_.is_as_before());
}

TEST_F(TerminalTest, ComesBackWhenTheRouterDoes) {
  run("configure", "root# ");
  router_.kill();
  ASSERT_TRUE(terminal_.shows("The routing engine went away; reconnecting"));
  router_.start();
  ASSERT_TRUE(terminal_.shows("Reconnected, in operational mode.\n\nroot> "));
  run("show test interfaces st0", "st0             up\n\nroot> ");
  router_.kill();
  ASSERT_TRUE(terminal_.shows("reconnecting"));
  terminal_.type("\x03");
  EXPECT_EQ(terminal_.exit_status(), 4);
  EXPECT_TRUE(terminal_.is_as_before());
}

TEST_F(TerminalTest, LoadsTextFromTheTerminal) {
  run("configure", "root# ");
  run("load merge terminal", "[Type ^D at a new line to end input]\n");
  terminal_.type("system {\r    host-name typed;\r}\r\x04");
  ASSERT_TRUE(terminal_.shows("}\nload complete\n\n[edit]\nroot# "));
  run("show", "host-name typed;\n");
}

}  // namespace
}  // namespace nezu::cli
