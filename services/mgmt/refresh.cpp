#include "services/mgmt/refresh.h"

#include <ctime>
#include <utility>

namespace nezu::mgmt {
namespace {
std::string header() {
  const time_t now = time(nullptr);
  tm parts{};
  localtime_r(&now, &parts);
  char text[80];
  return {text, strftime(text, sizeof text, "---(refreshed at %Y-%m-%d %H:%M:%S %Z)---\n", &parts)};
}
}  // namespace

// The screen of one round: its end is not the end. What comes first waits for what is next, so that
// a line that is refused has no time above it.
class Refresh::OneRound : public Screen {
 public:
  explicit OneRound(std::shared_ptr<Refresh> owner) : owner_(std::move(owner)), head_(header()) {}

  void write(std::string_view text) override {
    if (done_) return;
    if (!std::exchange(begun_, true)) {
      held_ = text;
      return;
    }
    put(true);
    owner_->screen_->write(text);
  }
  void without_pager() override {}
  bool cancelled() const override { return owner_->screen_->cancelled(); }
  void look() override { owner_->screen_->look(); }
  void done(Outcome outcome) override {
    if (std::exchange(done_, true)) return;
    put(outcome.kind == Outcome::Kind::kDone);
    owner_->round_ended(outcome);
  }

 private:
  void put(bool with_head) {
    if (with_head) owner_->screen_->write(head_);
    owner_->screen_->write(held_);
    head_.clear();
    held_.clear();
  }

  std::shared_ptr<Refresh> owner_;
  std::string head_, held_;
  bool begun_ = false, done_ = false;
};

Refresh::Refresh(ScreenPtr screen, std::chrono::seconds interval, Round round)
    : screen_(std::move(screen)), round_(std::move(round)) {
  timer_.setSingleShot(true);
  timer_.setInterval(interval);
  QObject::connect(&timer_, &QTimer::timeout, &timer_, [this] { begin_round(); });
}

void Refresh::start() {
  self_ = shared_from_this();
  screen_->without_pager();  // nobody would turn the pages
  screen_->ends_itself();
  begin_round();
}

void Refresh::begin_round() {
  if (screen_->cancelled()) return end({Outcome::Kind::kRefused});
  under_way_ = true;
  round_(std::make_shared<OneRound>(shared_from_this()));
}

// A command that is refused, or asks something, is not given again.
void Refresh::round_ended(const Outcome& outcome) {
  under_way_ = false;
  if (outcome.kind == Outcome::Kind::kDone && !stopped_) return timer_.start();
  end({stopped_ || outcome.kind == Outcome::Kind::kDone ? Outcome::Kind::kDone
                                                        : Outcome::Kind::kRefused});
}

void Refresh::end(Outcome outcome) {
  if (std::exchange(ended_, true)) return;
  screen_->done(std::move(outcome));
  // Not from within its own timer.
  QTimer::singleShot(0, [self = std::exchange(self_, nullptr)] {});
}

bool Refresh::stop() {
  stopped_ = true;
  timer_.stop();
  if (under_way_) return false;
  end({});
  return true;
}

}  // namespace nezu::mgmt
