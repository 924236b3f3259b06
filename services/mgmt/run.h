#pragma once
#include <memory>
#include <span>
#include <string>

#include "services/mgmt/cli_settings.h"
#include "services/mgmt/pipeline.h"
#include "services/mgmt/session.h"

namespace nezu::mgmt {

/// One command on its way: its words, its pipes, its screen. Shared by whoever still has something
/// to say; done() is said once.
class Run : public std::enable_shared_from_this<Run> {
 public:
  /// `prompt` is what stands before the line on the user's screen.
  Run(const Terminal& terminal, const Prompt& prompt, std::string line, grammar::CommandLine parsed,
      ScreenPtr screen);

  std::span<const grammar::Word> words() const { return parsed_.words; }
  const grammar::CommandLine& parsed() const { return parsed_; }
  const Pipeline& pipeline() const { return pipeline_; }
  const Terminal& terminal() const { return terminal_; }
  const std::string& level() const { return level_; }  ///< "[edit]"; "" in operational mode

  /// Makes the pipes of the line ready. False: they are wrong, and the command is refused.
  bool open_pipes(const Shows& shows, const PipeSurroundings& around);

  void write(std::string_view text);
  bool cancelled() const { return screen_->cancelled(); }
  /// See Reply::on_interrupt.
  void on_interrupt(std::function<void()> end);
  /// It goes on to its end, however often it is interrupted.
  void see_through();
  /// False: the command has no way of its own to end.
  bool end_softly();
  void done(Outcome outcome = {});
  /// It is no longer wanted: not even what its pipes still have to say.
  void give_up();
  void refuse(std::string_view text);
  void refuse(const grammar::LineProblem& problem, std::span<const grammar::Word> words);

 private:
  Terminal terminal_;
  size_t prompt_;  ///< its columns
  std::string level_;
  std::string line_;
  grammar::CommandLine parsed_;
  ScreenPtr screen_;
  Pipeline pipeline_;
  std::unique_ptr<Filter> filter_;
  size_t unseen_ = 0;  ///< bytes since the user's keys were looked at
  std::function<void()> end_;
  void ended();
  void put_stamp();
  void show(std::string_view text);

  std::string stamp_;  ///< the time, until there is output for it to stand above
  bool seen_through_ = false;
  bool done_ = false;
  Outcome outcome_;
  bool ended_ = false;          ///< the pipes have said all
  std::shared_ptr<Run> lasts_;  ///< itself, while they have not
};
using RunPtr = std::shared_ptr<Run>;

}  // namespace nezu::mgmt
