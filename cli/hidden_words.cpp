#include "cli/hidden_words.h"

#include <cstdio>
#include <utility>

#include "cli/signals.h"
#include "cli/width.h"

namespace nezu::cli {
namespace {
constexpr size_t kMost = 1024;
constexpr char kEnd = 'D' - 64, kKill = 'U' - 64, kEscape = '[' - 64;

void put(const std::string& text) {
  fwrite(text.data(), 1, text.size(), stdout);
  fflush(stdout);
}

// How a Special ends it; kLine: not at all.
Editor::Ending ending_of(int special) {
  if (special == Keyboard::kIdle) return Editor::Ending::kIdle;
  if (special != Keyboard::kSignal) return Editor::Ending::kClosed;
  if (signals::take_interrupt()) return Editor::Ending::kInterrupt;
  return signals::ending() ? Editor::Ending::kClosed : Editor::Ending::kLine;
}

// Keys become words; those that move a cursor or mean nothing are no part of a password.
class HiddenLine {
 public:
  explicit HiddenLine(std::string& words) : words_(words) {}

  void take(int byte) {
    if (escape_ != Escape::kNone && in_sequence(byte)) return;
    if (byte == kEscape) {
      escape_ = Escape::kBegun;
    } else if (byte == kKill) {
      words_.clear();
    } else if (byte == '\b' || byte == 0x7F) {
      rub_out(words_);
    } else if (byte >= ' ' && words_.size() < kMost) {
      words_ += static_cast<char>(byte);
    }
  }

 private:
  enum class Escape { kNone, kBegun, kParameters, kLast };

  // ESC [ 1 ; 5 C, ESC O A; ESC before anything else is nothing. False: `byte` is no part.
  bool in_sequence(int byte) {
    const Escape at = std::exchange(escape_, Escape::kNone);
    if (at == Escape::kBegun && byte == '[') escape_ = Escape::kParameters;
    if (at == Escape::kBegun && byte == 'O') escape_ = Escape::kLast;
    if (at == Escape::kBegun) return escape_ != Escape::kNone;
    if (at == Escape::kParameters && byte >= ' ' && byte < '@') escape_ = Escape::kParameters;
    return byte >= ' ';
  }

  std::string& words_;
  Escape escape_ = Escape::kNone;
};
}  // namespace

Editor::Ending read_hidden(Keyboard& keyboard, const std::string& question, std::string& words) {
  words.clear();
  HiddenLine line(words);
  keyboard.awake();
  put(question);
  while (true) {
    const int byte = keyboard.byte(-1);
    if (byte == Keyboard::kWarning) {
      put("\n" + keyboard.warning() + question);
    } else if (byte < 0) {
      const auto ending = ending_of(byte);
      if (ending == Editor::Ending::kInterrupt) keyboard.drop();
      if (ending != Editor::Ending::kLine) return ending;
    } else if (byte == '\r' || byte == '\n') {
      return put("\n"), Editor::Ending::kLine;
    } else if (byte == kEnd && words.empty()) {
      return put("\n"), Editor::Ending::kEnd;
    } else {
      line.take(byte);
    }
  }
}

}  // namespace nezu::cli
