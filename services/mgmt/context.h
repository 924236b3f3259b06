#pragma once
#include <QTimer>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "configdb/session.h"
#include "services/mgmt/authorization.h"
#include "services/mgmt/candidate_guard.h"
#include "services/mgmt/cli_history.h"
#include "services/mgmt/cli_settings.h"
#include "services/mgmt/local_commands.h"
#include "services/mgmt/log_monitor.h"
#include "services/mgmt/router.h"
#include "services/mgmt/run.h"
#include "services/mgmt/session.h"
#include "services/mgmt/user_files.h"

namespace nezu::mgmt {

/// What the commands of one command line work on, and how a line finds its command.
/// A handler that answers later holds weak_from_this(): the user may be gone by then.
class Context : public std::enable_shared_from_this<Context> {
 public:
  using Path = grammar::Path;
  using Paths = std::vector<Path>;

  Context(const Router& router, std::shared_ptr<const LocalCommands> commands, Terminal terminal);
  ~Context();

  const Router& router() const { return router_; }
  configdb::Database& database() const { return router_.database; }
  const LocalCommands& commands() const { return *commands_; }
  const Terminal& terminal() const { return terminal_; }
  CliSettings& settings() { return settings_; }
  const CliSettings& settings() const { return settings_; }
  CliHistory& history() { return history_[mode() == Mode::kConfiguration]; }  ///< of this mode
  /// Of this terminal; null if it has none that is written to.
  LogMonitor* monitor();
  PipeSurroundings surroundings() const;  ///< of pipes that begin now
  Prompt prompt() const;
  /// After how long without a key the session ends, 0: never. What the user has set, but no longer
  /// than his class allows now.
  size_t idle_minutes() const;
  size_t count_tip() { return tips_++; }  ///< the number of the next tip
  /// What the user may do now, by the active configuration.
  const Authorization& authorization() const;
  /// What he may have the router read and write for him, and where a file is that he names.
  UserFiles files() const {
    return {router_.homes, terminal_.user, authorization().all() && terminal_.on_machine};
  }
  UserFiles::Place file(const std::string& name) const {
    return files().find(settings_.directory, name);
  }
  /// Puts whole names in the place of the files among an rpc's arguments, for a service that knows
  /// no directory of the user's. Why he may not use one of them, "" if he may.
  std::string place_files(const Rpc& rpc, Input& input) const;

  Mode mode() const { return candidate_ ? Mode::kConfiguration : Mode::kOperational; }
  /// Null in operational mode.
  configdb::Session* candidate() const { return candidate_.get(); }
  /// The same for what ends later: by then the user may edit another candidate, or none.
  std::weak_ptr<const configdb::Session> editing() const { return candidate_; }
  void enter_configuration(configdb::Session::Mode mode, const char* via = "cli");
  void drop_candidate();                        ///< the end of it, without a word
  void leave_configuration(const RunPtr& run);  ///< says so, and ends the command
  /// Where `edit` was said, for `exit`.
  std::vector<Path>& levels() { return levels_; }

  /// Where paths of a command begin: the edit level, but for `top COMMAND`.
  Path base() const;
  Place place() const { return place_in(mode()); }
  Place place_in(Mode mode) const;
  /// The paths that a command's words name. nullopt: they are wrong, and the command was refused.
  std::optional<Paths> paths(Words words, grammar::Reach reach, const RunPtr& run) const {
    return paths_from(base(), words, reach, run);
  }
  std::optional<Paths> paths_from(const Path& base, Words words, grammar::Reach reach,
                                  const RunPtr& run) const;
  /// Changes the candidate at the paths that the words name, of which there must be one at least.
  /// `change` returns what there is to say.
  void change(Words words, grammar::Reach reach, const RunPtr& run,
              const std::function<std::string(const Paths&)>& change);
  /// Whether the user may name these statements in order to change them: what he may neither see
  /// nor change is not there for him, and a secret could be guessed. If not, the command was
  /// refused.
  bool permits(const Paths& paths, const RunPtr& run);
  /// Why not, "error: …"; "" if he may.
  std::string refusal(const Path& path) const;
  /// Ends a command that changed the candidate; a text with "error:" means that it was refused.
  void report(const std::string& text, const RunPtr& run);
  void save_later();  ///< writes the candidate down, once for all the edits of a moment

  /// Finds the command of a line and has it carried out.
  void dispatch(Mode mode, Words words, const RunPtr& run);
  /// The same in this mode, with paths that begin at `base`.
  void dispatch_at(Path base, Words words, const RunPtr& run);
  bool end_softly();  ///< see Session
  /// The command goes on whatever the user presses: what it says is wanted.
  void sees_it_through(const RunPtr& run);
  void interrupt();

  /// Ends the command with a question; its answer begins a run of its own. The lines before the
  /// last are output, the last is the question. `standard`: what Enter alone means.
  using Answered = std::function<void(bool yes, const RunPtr& run)>;
  void ask(const RunPtr& run, const std::string& text, std::string standard, Answered then);
  /// The same for words that are not shown while they are typed.
  using Given = std::function<void(const std::string& words, const RunPtr& run)>;
  void ask_hidden(const RunPtr& run, std::string text, Given then);
  void answer(std::string_view words, const RunPtr& run);
  /// The same for text until its end.
  using Entered = std::function<void(std::string_view text, const RunPtr& run)>;
  void want_input(const RunPtr& run, Entered then);
  void input(std::string_view text, const RunPtr& run);
  void forget_questions();

 private:
  void call(const grammar::CommandMatch& match, const RunPtr& run);
  std::string prompt_text() const;
  bool may_give(const FoundCommand& found, Mode mode, Words words) const;

  const Router& router_;
  std::shared_ptr<const LocalCommands> commands_;
  Terminal terminal_;
  CliSettings settings_;
  CliHistory history_[2];
  std::unique_ptr<LogMonitor> monitor_;
  mutable std::unique_ptr<Authorization> authorization_;
  mutable configdb::NodePtr authorized_by_;  ///< the tree that authorization_ was made of
  CandidateGuard guard_;
  std::shared_ptr<configdb::Session> candidate_;
  std::optional<Path> base_;  ///< while `top COMMAND` is carried out
  std::vector<Path> levels_;

  size_t tips_;
  Given question_;
  Entered input_;
  std::weak_ptr<Run> current_;  ///< an rpc under way, which may be given up
  QTimer save_timer_;
};

}  // namespace nezu::mgmt
