#pragma once
#include <QTimer>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "configdb/session.h"
#include "services/mgmt/local_commands.h"
#include "services/mgmt/router.h"
#include "services/mgmt/run.h"
#include "services/mgmt/session.h"

namespace nezu::mgmt {

/// The command line of a router: operational and configuration mode.
class CliSession : public Session {
 public:
  CliSession(const Router& router, std::shared_ptr<const LocalCommands> commands,
             Terminal terminal);
  ~CliSession() override;

  void execute(std::string_view line, ScreenPtr screen) override;
  void answer(std::string_view words, ScreenPtr screen) override;
  void input(std::string_view text, ScreenPtr screen) override;
  void interrupt() override;
  Completion complete(std::string_view line, Trigger trigger) override;
  Prompt prompt() const override;

 private:
  using Words = std::span<const grammar::Word>;
  using Path = grammar::Path;
  struct Partial;

  Mode mode() const { return candidate_ ? Mode::kConfiguration : Mode::kOperational; }
  const grammar::Statement& root() const { return router_.schema->configuration(); }
  /// Where paths of a command begin.
  Path base() const { return candidate_ && !from_top_ ? candidate_->level() : Path(); }
  RunPtr make_run(std::string_view line, ScreenPtr screen);
  void save_later();

  // cli_session.cpp: which command, and what concerns the session itself.
  void dispatch(Mode mode, Words words, const RunPtr& run);
  void local(const FoundCommand& found, Words rest, const RunPtr& run);
  void call(const grammar::CommandMatch& match, const RunPtr& run);
  void configure(const RunPtr& run);
  void exit(const grammar::CommandMatch& match, const RunPtr& run);
  void leave_configuration(const RunPtr& run);
  void set_cli(const grammar::CommandMatch& match, const RunPtr& run);
  void show_cli(const RunPtr& run);
  void ask(const RunPtr& run, std::string text, std::string standard,
           std::function<void(bool yes, const RunPtr& run)> then);

  // session_configuration.cpp: what changes the candidate.
  using Paths = std::vector<Path>;
  using Change = std::function<std::string(const Paths&)>;
  void change(Words rest, grammar::Reach reach, const RunPtr& run, const Change& change);
  void report(const std::string& text, const RunPtr& run);
  void remove(Words rest, const RunPtr& run);
  void annotate(Words rest, const RunPtr& run);
  void insert(Words rest, const RunPtr& run);
  void edit(Words rest, const RunPtr& run);
  void top(Words rest, const RunPtr& run);
  void up(const grammar::CommandMatch& match, const RunPtr& run);
  void rollback(const grammar::CommandMatch& match, const RunPtr& run);
  void load(const grammar::CommandMatch& match, const RunPtr& run);
  void load_text(configdb::Session::Load mode, std::string_view text, const std::string& source,
                 const Path& level, const RunPtr& run);
  void commit(const grammar::CommandMatch& match, const RunPtr& run);
  void committed(const configdb::CommitResult& result, bool quit, const RunPtr& run);
  void status(const RunPtr& run);

  // session_show.cpp: what shows configuration.
  void show(Words rest, const RunPtr& run);
  void show_configuration(Words rest, const RunPtr& run);
  void show_compare(const Path& path, const RunPtr& run);
  void show_tree(const configdb::NodePtr& tree, const Path& path, const RunPtr& run);
  void show_system_commit(const RunPtr& run);

  // session_completion.cpp
  Partial take_apart(std::string_view line);
  struct Place {
    Mode mode;
    Path level;  ///< where paths begin
  };
  Place place() const { return {mode(), base()}; }
  static Place behind(const FoundCommand& found, const Place& place);
  grammar::Completion possible(const Place& place, Words words, std::string_view partial) const;
  grammar::Completion possible_path(const FoundCommand& found, const Place& place, Words rest,
                                    std::string_view partial) const;
  std::optional<grammar::LineProblem> check(const Place& place, Words& words) const;
  void add_live_names(Mode mode, std::string_view partial, grammar::Completion& found) const;
  Completion complete_word(const Partial& partial, const grammar::Completion& found) const;
  Completion complete_name(const Partial& partial, const grammar::Completion& found) const;
  Completion accept_typed(const Partial& partial) const;
  std::string complaint(const grammar::LineProblem& problem, Words words,
                        std::string_view line) const;

  const Router& router_;
  std::shared_ptr<const LocalCommands> commands_;
  Terminal terminal_;
  grammar::CommandLineReader reader_;
  std::unique_ptr<configdb::Session> candidate_;  ///< null in operational mode
  bool from_top_ = false;                         ///< while `top COMMAND` is carried out
  std::vector<Path> levels_;                      ///< where `edit` was said, for `exit`

  std::function<void(bool yes, const RunPtr&)> question_;
  bool question_standard_ = false;
  std::function<void(std::string_view text, const RunPtr&)> input_;
  std::weak_ptr<Run> current_;  ///< an rpc under way, which may be given up

  bool pager_ = true;
  bool complete_on_space_ = true;
  size_t screen_length_ = 24, screen_width_ = 80;
  QTimer save_timer_;
  std::shared_ptr<bool> alive_;  ///< false once this is gone: a commit may outlive its session
};

/// For Server: opens command lines on `router`, which must outlive them.
OpenSession open_command_lines(const Router& router);

}  // namespace nezu::mgmt
