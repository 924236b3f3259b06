#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "cli/conversation.h"
#include "cli/replay_report.h"

namespace nezu::cli {

/// A session as a terminal showed it: prompts, what was typed behind them, what came.
class Recording {
 public:
  /// Whether a text begins as a session does: with a prompt.
  static bool is_one(std::string_view text);

  explicit Recording(std::string_view text);

  struct Step {
    size_t line;  ///< of the recording, from 1
    std::string prompt;
    std::string typed;
    std::vector<std::string> answer;  ///< up to the next prompt, the banner above it included
  };
  const std::vector<Step>& steps() const { return steps_; }

 private:
  std::vector<Step> steps_;
};

/// Types a recording again and compares. What cannot be the same twice (times, process numbers,
/// secrets in $9$ form, who is at the prompt) is not compared.
class RecordingPlayer {
 public:
  RecordingPlayer(const Recording& recording, Conversation& conversation)
      : recording_(recording), conversation_(conversation) {}

  enum class Ending { kPlayed, kGone, kStopped };
  /// Puts what differs into `report`; ends at the first if `stop_on_error`.
  Ending play(bool stop_on_error, FileReport& report);
  /// The session as it is now, to be written over the recording.
  const std::string& screen() const { return screen_; }

 private:
  std::string carry_out(const Recording::Step& step, Said& said);
  std::string help(const Recording::Step& step, const std::string& line, Said& said);
  std::string go_on(const Recording::Step& step, Said& said, size_t& at);
  void take_prompt(const Said& said);

  const Recording& recording_;
  Conversation& conversation_;
  std::string screen_, banner_, prompt_;
};

}  // namespace nezu::cli
