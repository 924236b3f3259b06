#include "cli/history_search.h"

#include <algorithm>
#include <cstdio>
#include <utility>

#include "cli/pager.h"
#include "cli/signals.h"

namespace nezu::cli {
namespace {
constexpr int control(char letter) {
  return letter - 64;
}

void put(std::string_view text) {
  fwrite(text.data(), 1, text.size(), stdout);
  fflush(stdout);
}
}  // namespace

std::vector<std::string> history_lines(History* history) {
  std::vector<std::string> lines;
  HistEvent event;
  for (int more = ::history(history, &event, H_FIRST); more >= 0;
       more = ::history(history, &event, H_NEXT)) {
    std::string line = event.str;
    line.erase(line.find_last_not_of(" \n") + 1);
    lines.push_back(std::move(line));
  }
  return lines;
}

HistorySearch::Found HistorySearch::run() {
  at_ = lines_.size();
  while (true) {
    show();
    const int key = keyboard_.byte(-1);
    if (key == Keyboard::kWarning) {
      put("\r\n" + keyboard_.warning());
      continue;
    }
    if (key == Keyboard::kSignal && !signals::take_interrupt() && !signals::ending()) continue;
    if (key < 0 || key == control('G')) break;
    if (key == control('R')) {
      if (!pattern_.empty()) find(at_ == lines_.size() ? 0 : at_ + 1);
    } else if (key == '\b' || key == 0x7F) {
      if (!pattern_.empty()) pattern_.pop_back();
      find(0);
    } else if (key >= ' ') {
      pattern_ += static_cast<char>(key);
      find(at_ == lines_.size() ? 0 : at_);
    } else {
      erase();
      const bool taken = at_ < lines_.size();
      return {taken, taken ? lines_[at_] : "", key};
    }
  }
  erase();
  return {};
}

// The newest line from `from` on that fits; if there is none, what is shown stays.
bool HistorySearch::find(size_t from) {
  failed_ = false;
  if (pattern_.empty()) {
    at_ = lines_.size();
    return false;
  }
  for (size_t at = from; at < lines_.size(); ++at)
    if (lines_[at].find(pattern_) != std::string::npos) {
      at_ = at;
      return true;
    }
  failed_ = true;
  return false;
}

void HistorySearch::show() {
  std::string text = failed_ ? "(failed history search) '" : "(history search) '";
  text += pattern_ + "': " + (at_ < lines_.size() ? lines_[at_] : "");
  const size_t room = Pager::columns() > 1 ? Pager::columns() - 1 : 79;
  if (text.size() > room) text.resize(room);  // its end is what matters least
  const size_t before = std::exchange(shown_, text.size());
  put("\r" + text + std::string(before > shown_ ? before - shown_ : 0, ' ') +
      std::string(before > shown_ ? before - shown_ : 0, '\b'));
}

void HistorySearch::erase() {
  put("\r" + std::string(shown_, ' ') + "\r");
}

}  // namespace nezu::cli
