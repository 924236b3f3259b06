#include "cli/hidden_words.h"

#include <cstdio>

#include "cli/signals.h"

namespace nezu::cli {
namespace {
constexpr size_t kMost = 1024;
constexpr char kEnd = 'D' - 64, kKill = 'U' - 64;

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

void take(int byte, std::string& words) {
  if (byte == kKill) {
    words.clear();
  } else if (byte == '\b' || byte == 0x7F) {
    if (!words.empty()) words.pop_back();
  } else if (words.size() < kMost) {
    words += static_cast<char>(byte);
  }
}
}  // namespace

Editor::Ending read_hidden(Keyboard& keyboard, const std::string& question, std::string& words) {
  words.clear();
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
      take(byte, words);
    }
  }
}

}  // namespace nezu::cli
