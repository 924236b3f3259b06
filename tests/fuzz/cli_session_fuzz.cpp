// The command line as a user types it: every line is completed with each key and then executed, on
// the real schema and a database of its own.
#include <QCoreApplication>
#include <algorithm>
#include <cstdint>
#include <cstdlib>

#include "tests/services/mgmt/test_router.h"

using namespace nezu::mgmt;

namespace {
class Sink : public Screen {
 public:
  void write(std::string_view text) override { size_ += text.size(); }
  void without_pager() override {}
  bool cancelled() const override { return size_ > 1 << 20; }
  void done(Outcome outcome) override {
    if (ended_) abort();
    ended_ = true;
    kind = outcome.kind;
  }
  ~Sink() override {
    if (!ended_) abort();
  }
  Outcome::Kind kind = Outcome::Kind::kDone;

 private:
  size_t size_ = 0;
  bool ended_ = false;
};

// "load FILE" would read this machine's files, "save", "append" and "tee" write some, "silence"
// never ends: neither they nor what abbreviates them, as a whole word.
bool harmless(std::string_view line) {
  constexpr std::string_view kBetweenWords = " \t|\"'";
  while (!line.empty()) {
    const size_t end = std::min(line.find_first_of(kBetweenWords), line.size());
    const std::string_view word = line.substr(0, end);
    for (const std::string_view harm : {"load", "silence", "save", "append", "tee"})
      if (!word.empty() && harm.starts_with(word)) return false;
    line.remove_prefix(std::min(end + 1, line.size()));
  }
  return true;
}

void run(Session& session, std::string_view line) {
  for (const auto trigger : {Trigger::kSpace, Trigger::kTab, Trigger::kQuestion, Trigger::kEnter})
    session.complete(line, trigger);
  auto screen = std::make_shared<Sink>();
  session.execute(line, screen);
  if (screen->kind == Outcome::Kind::kQuestion) session.answer("yes", std::make_shared<Sink>());
  session.prompt();
}
}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  static int count = 0;
  static QCoreApplication application(count, nullptr);
  static TestRouter router;
  std::string_view text(reinterpret_cast<const char*>(bytes), size);
  Terminal terminal;
  const auto session = router.session(terminal);
  if (text.starts_with('#')) session->execute("configure", std::make_shared<Sink>());
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    if (harmless(line)) run(*session, line);
    text.remove_prefix(std::min(text.size(), line.size() + 1));
  }
  return 0;
}
