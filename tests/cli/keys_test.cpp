// Keys that come, or do not come: parts of the program alone on a pty.
#include <gtest/gtest.h>

#include "cli/client.h"
#include "cli/editor.h"
#include "cli/given_text.h"
#include "cli/hidden_words.h"
#include "cli/keyboard.h"
#include "cli/pager.h"
#include "tests/cli/alone.h"
#include "tests/cli/router_process.h"
#include "tests/temporary_directory.h"

namespace nezu::cli {
namespace {
using std::chrono::milliseconds;

std::string idle_editor(milliseconds idle, milliseconds time) {
  return alone(time, [idle] {
    Keyboard keyboard;
    keyboard.set_idle(idle);
    Editor editor(keyboard, [](std::string_view, const char*) { return Completed{}; });
    std::string line;
    const auto ending = editor.read({"[edit]", "root# ", ""}, line);
    printf("<%d>", ending == Editor::Ending::kIdle);
  });
}

TEST(IdleEditor, WarnsAndEnds) {
  EXPECT_NE(idle_editor(milliseconds(300), milliseconds(5000)).find("<1>"), std::string::npos);
  const std::string warned = idle_editor(milliseconds(10'200), milliseconds(1500));
  EXPECT_NE(warned.find("session will be closed in 10 seconds if there is no activity\r\n[edit]"),
            std::string::npos)
      << warned;
}

TEST(IdleEditor, EndsInAQuestionToo) {
  const std::string asked = alone(milliseconds(5000), [] {
    Keyboard keyboard;
    keyboard.set_idle(milliseconds(300));
    std::string words;
    const auto ending = read_hidden(keyboard, "New password:", words);
    printf("<%d>", ending == Editor::Ending::kIdle);
  });
  EXPECT_EQ(asked, "New password:<1>");
}

// What comes of keys in a question whose answer is not shown.
std::string hidden_answer(const std::string& keys) {
  int ends[2];
  if (pipe(ends) != 0) return "<no pipe>";
  [[maybe_unused]] const ssize_t done = write(ends[1], keys.data(), keys.size());
  close(ends[1]);
  return alone(milliseconds(5000), [&ends] {
    dup2(ends[0], STDIN_FILENO);
    Keyboard keyboard;
    std::string words;
    read_hidden(keyboard, "", words);
    printf("<%s>", words.c_str());
  });
}

TEST(HiddenWords, AreWhatIsTypedNotKeysThatMove) {
  EXPECT_EQ(hidden_answer("a\xc3\xa4\x7f\x7f\x7fo\xe2\x82\xac\bk\r"), "\r\n<ok>");
  EXPECT_EQ(hidden_answer("p\x1b[A\x1b[1;5Ca\x1bOBs\x01s\tw\x1b\x1b[3~ord\r"), "\r\n<password>");
  EXPECT_EQ(hidden_answer("a\x1b"
                          "b\x1b[\r"),
            "\r\n<ab>");
}

TEST(IdlePager, Ends) {
  TemporaryDirectory temporary;
  const std::string socket = temporary.path() + "/mgmt.sock";
  RouterProcess router{socket};

  const std::string paged = alone(milliseconds(10000), [&socket] {
    Keyboard keyboard;
    keyboard.set_idle(milliseconds(11000));  // of which the last ten seconds are warned of
    Client client(socket);
    client.connect();
    client.send("open", "<height>24</height>");
    client.finish();
    client.send("execute", "<line>show test lines 100</line>");
    Pager(keyboard, client, 24).run();
    printf("<ended>");
  });
  EXPECT_NE(paged.find("line 23\r\n---(more 23%)---"), paged.npos) << paged;
  const size_t warned = paged.find("Warning: session will be closed in 10 seconds");
  ASSERT_NE(warned, paged.npos) << paged;
  EXPECT_NE(paged.find("---(more 23%)---", warned), paged.npos) << paged;
  EXPECT_EQ(paged.find("<ended>"), paged.npos);
  const std::string ended = alone(milliseconds(10000), [&socket] {
    Keyboard keyboard;
    keyboard.set_idle(milliseconds(300));
    Client client(socket);
    client.connect();
    client.send("open", "<height>24</height>");
    client.finish();
    client.send("execute", "<line>show test lines 100</line>");
    printf("<%d>", Pager(keyboard, client, 24).run() == Pager::Ending::kIdle);
  });
  EXPECT_NE(ended.find("<1>"), ended.npos) << ended;
}

// More than a request takes is refused here: the router would end the connection for it.
TEST(GivenText, EndsWhereARequestDoes) {
  GivenText text;
  text.add("a < b\n");
  EXPECT_FALSE(text.too_long());
  EXPECT_EQ(text.escaped(), "a &lt; b\n");
  text.add(std::string(8 << 20, 'x'));
  EXPECT_TRUE(text.too_long());
  EXPECT_EQ(text.escaped(), "");
  GivenText marks;
  marks.add(std::string(4 << 20, '<'));
  EXPECT_TRUE(marks.too_long());
}

}  // namespace
}  // namespace nezu::cli
