#include "services/mgmt/pipes.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <QCoreApplication>
#include <atomic>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include "services/mgmt/file_pipes.h"
#include "services/mgmt/readable_file.h"
#include "services/mgmt/resolve_pipe.h"
#include "services/mgmt/spill.h"
#include "tests/temporary_directory.h"

namespace nezu::mgmt {
namespace {
namespace fs = std::filesystem;

// `text` through one filter, given in pieces of `step` bytes.
std::string filtered(std::string_view word, std::string_view argument, std::string_view text,
                     size_t step = 1000) {
  std::string out;
  auto made =
      make_filter(word, argument, write_to([&out](std::string_view piece) { out += piece; }), 3);
  if (const auto* bad = std::get_if<FilterError>(&made)) return "error: " + bad->message;
  auto& filter = *std::get<std::unique_ptr<Filter>>(made);
  for (size_t at = 0; at < text.size(); at += step) filter.write(text.substr(at, step));
  filter.end();
  return out;
}

TEST(Pipes, SeeLinesWhateverThePieces) {
  const std::string text = "one\ntwo\nthree\nfour";
  for (const size_t step : {1, 2, 5, 1000}) {
    EXPECT_EQ(filtered("match", "o", text, step), "one\ntwo\nfour");
    EXPECT_EQ(filtered("except", "o", text, step), "three\n");
    EXPECT_EQ(filtered("find", "^t", text, step), "two\nthree\nfour");
    EXPECT_EQ(filtered("count", "", text, step), "Count: 4 lines\n");
    EXPECT_EQ(filtered("last", "2", text, step), "three\nfour");
    EXPECT_EQ(filtered("last", "", text, step), "two\nthree\nfour");
    EXPECT_EQ(filtered("first", "2", text, step), "one\ntwo\n");
    EXPECT_EQ(filtered("first", "", text, step), "one\ntwo\nthree\n");
    EXPECT_EQ(filtered("first", "0", text, step), "");
    EXPECT_EQ(filtered("trim", "2", text, step), "e\no\nree\nur");
  }
}

TEST(Pipes, TakePosixExpressionsWithoutRegardToCase) {
  EXPECT_EQ(filtered("match", "(ab|CD){2}$", "xABcd\nabx\n"), "xABcd\n");
  EXPECT_EQ(filtered("match", "[[:digit:]]+\\.", "v1.2\nv\n"), "v1.2\n");
  EXPECT_TRUE(filtered("match", "(", "").starts_with("error: "));
  EXPECT_TRUE(filtered("match", "(a)\\1", "").starts_with("error: "));  // cannot be linear
  EXPECT_TRUE(filtered("match", "((a{100}){100}){100}", "").starts_with("error: "));
}

TEST(Pipes, AreBoundedInTime) {
  const auto begin = std::chrono::steady_clock::now();
  filtered("match", "(a+)+$", std::string(60000, 'a') + "b\n");
  filtered("match", "(a|aa)*(b|bb)*c", std::string(60000, 'a') + "\n");
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(5));
}

TEST(Pipes, AreBoundedInMemory) {
  EXPECT_TRUE(filtered("last", "999999999", "").starts_with("error: "));
  EXPECT_TRUE(filtered("last", "99999999999999999999999", "").starts_with("error: "));
  EXPECT_TRUE(filtered("trim", "-1", "").starts_with("error: "));
  // A line without an end is cut.
  EXPECT_EQ(filtered("count", "", std::string(3 * kMaxLine, 'x')), "Count: 3 lines\n");
}

// A directory that goes with the test.
class FilePipes : public testing::Test {
 protected:
  std::string piped(std::string_view word, const std::string& name, std::string_view text) {
    std::string out;
    auto made = file_filter(word, name, fs::path(directory_) / name,
                            write_to([&out](std::string_view piece) { out += piece; }));
    if (const auto* bad = std::get_if<FilterError>(&made)) return "error: " + bad->message + "\n";
    auto& filter = *std::get<std::unique_ptr<Filter>>(made);
    filter.write(text);
    filter.end();
    return out;
  }
  std::string content(const std::string& name) {
    std::stringstream text;
    text << std::ifstream(directory_ + "/" + name).rdbuf();
    return text.str();
  }

  TemporaryDirectory temporary_;
  const std::string directory_ = temporary_.path();
};

TEST_F(FilePipes, WriteRelativeFiles) {
  EXPECT_EQ(piped("save", "f", "a\nb\n"), "Wrote 2 lines of output to 'f'\n");
  EXPECT_EQ(content("f"), "a\nb\n");
  EXPECT_EQ(piped("append", "f", "c"), "Wrote 1 lines of output to 'f'\n");
  EXPECT_EQ(content("f"), "a\nb\nc");
  EXPECT_EQ(piped("tee", "f", "d\n"), "d\nWrote 1 lines of output to 'f'\n");
  EXPECT_EQ(content("f"), "d\n");
  EXPECT_EQ(piped("save", directory_ + "/g", ""),
            "Wrote 0 lines of output to '" + directory_ + "/g'\n");
  EXPECT_EQ(fs::status(directory_ + "/g").permissions(),
            fs::perms::owner_read | fs::perms::owner_write);
}

TEST_F(FilePipes, SayWhatIsWrong) {
  EXPECT_EQ(piped("save", "no/f", "a\n"),
            "error: could not open file 'no/f': No such file or directory\n");
  EXPECT_EQ(piped("save", ".", "a\n"), "error: could not open file '.': Is a directory\n");
  EXPECT_EQ(piped("save", "", "a\n"), "error: could not open file '': Is a directory\n");
  EXPECT_EQ(piped("append", "/dev/null", "a\n"),
            "error: could not open file '/dev/null': Invalid argument\n");
  ASSERT_EQ(mkfifo((directory_ + "/fifo").c_str(), 0600), 0);
  EXPECT_TRUE(piped("save", "fifo", "a\n").starts_with("error: could not open"));  // at once
}

// Nothing that would keep the router waiting, or grow for ever, is read.
TEST_F(FilePipes, ReadRegularFilesOnly) {
  std::string content;
  std::ofstream(directory_ + "/f") << "text";
  EXPECT_EQ(read_file(directory_ + "/f", "f", content), "");
  EXPECT_EQ(content, "text");
  ASSERT_EQ(mkfifo((directory_ + "/fifo").c_str(), 0600), 0);
  for (const char* name : {"fifo", "/dev/zero", "/dev/tty", ".", "none"})
    EXPECT_EQ(read_file(fs::path(directory_) / name, name, content),
              "could not open file '" + std::string(name) + "'");
  ASSERT_EQ(truncate((directory_ + "/f").c_str(), kMaxFile + 1), 0);
  EXPECT_EQ(read_file(directory_ + "/f", "f", content), "file 'f' is too large");
}

TEST_F(FilePipes, SayThatTheDiskIsFull) {
  struct rlimit before {};
  getrlimit(RLIMIT_FSIZE, &before);
  const struct rlimit little { 100'000, before.rlim_max };
  const auto handler = signal(SIGXFSZ, SIG_IGN);
  setrlimit(RLIMIT_FSIZE, &little);
  EXPECT_EQ(piped("save", "f", std::string(200'000, 'x')),
            "error: could not write file 'f': File too large\n");
  setrlimit(RLIMIT_FSIZE, &before);
  signal(SIGXFSZ, handler);
}

// A resolver that knows two names at once, one after a while, and one never.
std::string slow_name(const std::string& address) {
  using std::chrono::milliseconds;
  if (address == "10.0.0.1") return "r1.example.net";
  if (address == "2001:db8::1") return "six.example.net";
  if (address == "10.0.0.2") std::this_thread::sleep_for(milliseconds(100));
  if (address == "10.0.0.3") std::this_thread::sleep_for(milliseconds(1500));
  return address == "10.0.0.2" || address == "10.0.0.3" ? "slow.example.net" : "";
}

class ResolvePipe : public testing::Test {
 protected:
  std::string resolved(bool full_names, std::string_view text) {
    std::string out;
    bool ended = false;
    const auto filter = resolve_filter(
        std::make_shared<Resolver>(slow_name), full_names,
        write_to([&out](std::string_view piece) { out += piece; }, [&ended] { ended = true; }),
        std::chrono::milliseconds(500));
    filter->write(text);
    filter->end();
    while (!ended) QCoreApplication::processEvents(QEventLoop::WaitForMoreEvents);
    return out;
  }

  int count_ = 0;
  QCoreApplication application_{count_, nullptr};
};

TEST_F(ResolvePipe, PutsNamesInThePlaceOfAddresses) {
  EXPECT_EQ(resolved(false, "via 10.0.0.1: up\n"), "via r1: up\n");
  EXPECT_EQ(resolved(true, "[10.0.0.1] 2001:db8::1."), "[r1.example.net] six.example.net.");
  EXPECT_EQ(resolved(true, "10.0.0.10 110.0.0.1 x10.0.0.1 10.0.0.4 dead:beef a:b ..\n"),
            "10.0.0.10 110.0.0.1 x10.0.0.1 10.0.0.4 dead:beef a:b ..\n");
  EXPECT_EQ(resolved(true, "10.0.0.1/32\n"), "r1.example.net/32\n");
  EXPECT_EQ(resolved(false, ""), "");
}

TEST_F(ResolvePipe, WaitsForSlowNamesAndKeepsTheOrder) {
  EXPECT_EQ(resolved(false, "a 10.0.0.2\nb 10.0.0.1\nc\nd 10.0.0.2 10.0.0.2"),
            "a slow\nb r1\nc\nd slow slow");
}

// A name is asked for once, whoever wants it, and by few threads in all.
TEST_F(ResolvePipe, SharesWhatItKnows) {
  std::atomic<int> asked = 0, at_once = 0, most = 0;
  const auto resolver = std::make_shared<Resolver>([&](const std::string&) {
    ++asked;
    most = std::max<int>(most, ++at_once);
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    --at_once;
    return std::string("r");
  });
  std::string out;
  int ended = 0;
  std::vector<std::unique_ptr<Filter>> pipes;
  for (int pipe = 0; pipe < 10; ++pipe) {
    pipes.push_back(resolve_filter(
        resolver, true,
        write_to([&out](std::string_view piece) { out += piece; }, [&ended] { ++ended; })));
    for (int i = 0; i < 10; ++i) pipes.back()->write("10.0.0." + std::to_string(i) + "\n");
    pipes.back()->end();
  }
  while (ended < 10) QCoreApplication::processEvents(QEventLoop::WaitForMoreEvents);
  EXPECT_EQ(asked, 10);
  EXPECT_LE(most, static_cast<int>(Resolver::kThreads));
  EXPECT_EQ(resolver->name_of("10.0.0.1"), "r");
  EXPECT_EQ(out.size(), 200u);
}

TEST_F(ResolvePipe, IsBoundedInTime) {
  const auto begin = std::chrono::steady_clock::now();
  std::string text = "10.0.0.3\n";
  for (int i = 0; i < 3000; ++i)
    text += "10.1." + std::to_string(i / 250) + "." + std::to_string(i % 250) + "\n";
  EXPECT_EQ(resolved(false, text), text);
  const auto took = std::chrono::steady_clock::now() - begin;
  EXPECT_GE(took, std::chrono::milliseconds(500));
  EXPECT_LT(took, std::chrono::milliseconds(1400));
}

TEST(Wrap, CutsCharactersNotBytes) {
  std::string out;
  const auto filter = wrap_at(3, write_to([&out](std::string_view piece) { out += piece; }));
  for (const char byte : std::string_view("abc\nabcd\n\xC3\xA4\xC3\xB6\xC3\xBC.\n"))
    filter->write({&byte, 1});
  filter->end();
  EXPECT_EQ(out, "abc\nabc\nd\n\xC3\xA4\xC3\xB6\xC3\xBC\n.\n");
}

TEST(Spill, GivesBackWhatItTookInOrder) {
  Spill spill;
  std::string expected, read;
  for (int i = 0; i < 400'000; ++i) {
    const std::string piece = std::to_string(i) + ",";
    expected += piece;
    ASSERT_TRUE(spill.write(piece));
    if (i % 1000 == 0) read += spill.read(777);
  }
  EXPECT_EQ(spill.size(), expected.size() - read.size());
  for (std::string piece; !(piece = spill.read(10'000)).empty();) read += piece;
  EXPECT_EQ(read, expected);
  EXPECT_EQ(spill.size(), 0u);
  ASSERT_TRUE(spill.write("again"));
  EXPECT_EQ(spill.read(100), "again");
  spill.write(std::string(3 << 20, 'x'));
  spill.clear();
  EXPECT_EQ(spill.size(), 0u);
  EXPECT_EQ(spill.read(100), "");
}

}  // namespace
}  // namespace nezu::mgmt
