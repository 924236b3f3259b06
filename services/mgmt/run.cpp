#include "services/mgmt/run.h"

#include <QTimer>
#include <ctime>
#include <utility>

#include "services/mgmt/completion_text.h"

namespace nezu::mgmt {
namespace {
constexpr size_t kLookAfter = 65536;  // bytes of output
}

Run::Run(const Terminal& terminal, const Prompt& prompt, std::string line,
         grammar::CommandLine parsed, ScreenPtr screen)
    : terminal_(terminal),
      prompt_(columns(prompt.text)),
      level_(prompt.banner.substr(prompt.banner.rfind('\n') + 1)),
      line_(std::move(line)),
      parsed_(std::move(parsed)),
      screen_(std::move(screen)) {}

namespace {
// The time as the user wants it; "" for none.
std::string stamp(const std::string& format) {
  if (format.empty()) return "";
  const time_t now = time(nullptr);
  tm parts{};
  localtime_r(&now, &parts);
  char text[256];
  return std::string(text, strftime(text, sizeof text, format.c_str(), &parts)) + "\n";
}
}  // namespace

bool Run::open_pipes(const Shows& shows, const PipeSurroundings& around) {
  const CliSettings& settings = around.settings;
  pipeline_ = read_pipes(parsed_.pipes, shows);
  if (pipeline_.problem) {
    refuse(*pipeline_.problem, parsed_.pipes[pipeline_.problem_pipe]);
    return false;
  }
  if (!settings.pager() || !pipeline_.pager) screen_->without_pager();
  if (pipeline_.hold) screen_->hold();
  stamp_ = stamp(settings.timestamp);
  std::string error;
  filter_ = build(
      pipeline_, [this](std::string_view text) { show(text); }, [this] { ended(); }, around, error);
  if (!filter_) refuse("error: " + error + "\n");
  return filter_ != nullptr;
}

// What begins the screen tells the terminal what ^C does: the time does not come before that.
void Run::put_stamp() {
  if (!stamp_.empty()) screen_->write(std::exchange(stamp_, {}));
}

void Run::show(std::string_view text) {
  put_stamp();
  screen_->write(text);
}

void Run::write(std::string_view text) {
  if (done_) return;
  if (!filter_) return show(text);
  filter_->write(text);
  // A pipe may let nothing through for long.
  unseen_ += text.size();
  if (unseen_ < kLookAfter) return;
  unseen_ = 0;
  screen_->look();
}

void Run::on_interrupt(std::function<void()> end) {
  end_ = std::move(end);
  screen_->ends_itself();
}

void Run::see_through() {
  seen_through_ = true;
  screen_->sees_through();
}

bool Run::end_softly() {
  if (done_) return false;
  if (seen_through_) return true;
  const auto end = std::exchange(end_, nullptr);
  if (!end) return false;
  end();
  return true;
}

void Run::done(Outcome outcome) {
  if (std::exchange(done_, true)) return;
  outcome_ = std::move(outcome);
  if (!filter_) return ended();
  filter_->end();
  if (!ended_) lasts_ = shared_from_this();
}

void Run::ended() {
  if (std::exchange(ended_, true)) return;
  put_stamp();
  screen_->done(std::move(outcome_));
  // Not from within its own pipes.
  if (lasts_) QTimer::singleShot(0, [self = std::exchange(lasts_, nullptr)] {});
}

void Run::give_up() {
  if (lasts_) ended();
}

void Run::refuse(std::string_view text) {
  write(text);
  done({Outcome::Kind::kRefused});
}

void Run::refuse(const grammar::LineProblem& problem, std::span<const grammar::Word> words) {
  const grammar::Words list(words.begin(), words.end());
  refuse(terminal_.interactive ? problem_text(problem, list, columns(line_), prompt_)
                               : problem_line(problem, list));
}

}  // namespace nezu::mgmt
