// Whole sessions, byte for byte. A file in transcripts/ is what a user's screen shows from the
// first prompt on; what stands behind a prompt is typed, everything else must come back.
// NEZU_UPDATE_GOLDEN=1 writes what did come back into the files.
#include <gtest/gtest.h>
#include <unistd.h>

#include <QCoreApplication>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include "cli/client.h"
#include "tests/services/mgmt/test_router.h"

namespace nezu::mgmt {
namespace {
namespace fs = std::filesystem;
const fs::path kTranscripts = fs::path(NEZU_SOURCE_DIR) / "tests/services/mgmt/transcripts";

std::string content(const fs::path& file) {
  std::stringstream text;
  text << std::ifstream(file).rdbuf();
  return text.str();
}

std::string trimmed(std::string text) {
  text.erase(text.find_last_not_of(" \n") + 1);
  return text;
}

// What a terminal shows, typed from a transcript.
class Typist {
 public:
  /// `directory`: where relative file names begin.
  Typist(std::string socket, std::string directory, const std::string& transcript)
      : client_(std::move(socket)), directory_(std::move(directory)), lines_(transcript) {}

  std::string screen() {
    std::string error = client_.connect();
    if (!error.empty()) return error;
    open("");
    std::string line;
    while (!left_ && next_after(client_prompt_, line)) command(line);
    return screen_;
  }

 private:
  // The rest of the next line of the transcript that begins with `prompt`.
  bool next_after(const std::string& prompt, std::string& typed) {
    for (std::string line; std::getline(lines_, line);)
      if (line == "%files") {
        // From here on relative names of files are those of a directory of its own.
        screen_ += line + "\n";
        files_ = true;
        open("");
      } else if (line.starts_with("%user ")) {
        // From here on as another user, in a command line of his own.
        screen_ += line + "\n";
        open("<user>" + line.substr(6) + "</user>");
      } else if (line.starts_with(prompt)) {
        typed = line.substr(prompt.size());
        return true;
      }
    return false;
  }

  void open(const std::string& user) {
    request("open", files_ ? user + "<directory>" + directory_ + "</directory>" : user);
  }

  void command(std::string line) {
    if (!banner_.empty()) screen_ += banner_ + "\n";
    screen_ += client_prompt_;
    if (line.ends_with('?')) {
      line.pop_back();
      screen_ += line + "?\n";
      request("complete", "<line>" + xml_escape(line) + "</line><trigger>question</trigger>");
      return;
    }
    line = trimmed(line);
    screen_ += line.empty() ? "\n" : line + " \n";
    request("execute", "<line>" + xml_escape(line) + "</line>");
    while (converse()) {
    }
    if (!left_) screen_ += "\n";
  }

  // Whether the command asked for something, which was then given.
  bool converse() {
    const cli::Answer answer = client_.answer();
    left_ = answer.outcome == "closed";
    std::string typed;
    if (answer.outcome == "question" && next_after(answer.question, typed)) {
      screen_ += answer.question + typed + "\n";
      request("answer", typed);
      return true;
    }
    if (answer.outcome == "question") ADD_FAILURE() << "not answered: " << answer.question;
    if (answer.outcome != "input") return false;
    std::string text;
    for (std::string line; std::getline(lines_, line) && line != "^D";)
      if (!line.starts_with("[Type")) text += line + "\n";
    screen_ += text + "^D\n";
    request("input", xml_escape(text));
    return true;
  }

  void request(const char* name, const std::string& text) {
    if (!client_.send(name, text)) screen_ += "<gone>\n";
    std::string piece;
    while (true) {
      const auto event = client_.next(piece);
      if (event == cli::Client::Event::kText) screen_ += piece;
      if (event == cli::Client::Event::kGone) screen_ += "<gone>\n";
      if (event != cli::Client::Event::kText) break;
    }
    if (!client_.answer().error.empty()) screen_ += "<" + client_.answer().error + ">\n";
    if (client_.answer().prompt.empty()) return;
    banner_ = client_.answer().banner;
    client_prompt_ = client_.answer().prompt;
  }

  cli::Client client_;
  std::string directory_;
  bool files_ = false;
  std::stringstream lines_;
  std::string screen_, banner_, client_prompt_;
  bool left_ = false;
};

std::string played(const std::string& transcript) {
  int count = 0;
  QCoreApplication application(count, nullptr);
  TestRouter router;
  if (const auto error = router.listen(router.socket()); !error.empty()) return error;
  std::string screen;
  std::thread typing([&] {
    screen = Typist(router.socket(), router.path(""), transcript).screen();
    QMetaObject::invokeMethod(&application, &QCoreApplication::quit, Qt::QueuedConnection);
  });
  QCoreApplication::exec();
  typing.join();
  return screen;
}

class Transcript : public testing::TestWithParam<fs::path> {};

TEST_P(Transcript, IsByteExact) {
  const std::string expected = content(GetParam());
  const std::string screen = played(expected);
  if (getenv("NEZU_UPDATE_GOLDEN")) std::ofstream(GetParam()) << screen;
  EXPECT_EQ(screen, expected);
}

std::vector<fs::path> transcripts() {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(kTranscripts)) files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  return files;
}

INSTANTIATE_TEST_SUITE_P(Transcripts, Transcript, testing::ValuesIn(transcripts()),
                         [](const auto& file) { return file.param.stem().string(); });

}  // namespace
}  // namespace nezu::mgmt
