#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "grammar/command_line.h"
#include "grammar/resolve.h"
#include "services/mgmt/cli_settings.h"
#include "services/mgmt/pipes.h"
#include "services/mgmt/resolver.h"
#include "services/mgmt/session.h"
#include "services/mgmt/user_files.h"

namespace nezu::mgmt {

/// What `| compare` compares with.
struct Compared {
  size_t revision = 0;
  bool rescue = false;
  std::string file = {};  ///< "" for none
};

/// What the pipes of one command line mean together.
struct Pipeline {
  enum class Display { kText, kSet, kXml, kJson };
  Display display = Display::kText;
  bool detail = false;              ///< `display detail`, of a commit or of configuration
  bool relative = false;            ///< `display set relative`
  bool changed = false;             ///< `display changed`
  bool omitted = false;             ///< `display omit`: with what is left out otherwise
  bool modelled = false;            ///< `display modelled`
  std::optional<Compared> compare;  ///< `show | compare [rollback N|rescue | FILE]`
  bool pager = true;                ///< no `| no-more`
  bool hold = false;
  std::optional<size_t> refresh;  ///< seconds from the end of one round to the next
  enum class Inheritance { kNo, kComments, kNoComments, kBrief, kTerse };
  Inheritance inheritance = Inheritance::kNo;  ///< `| display inheritance`
  bool defaults = false;                       ///< … with the defaults in force
  struct Stage {
    std::string word, argument;
  };
  std::vector<Stage> filters;

  std::optional<grammar::LineProblem> problem;
  size_t problem_pipe = 0;  ///< the pipe whose words the problem counts
};

/// What a command prints, as far as pipes ask.
struct Shows {
  bool configuration = false;  ///< so `compare` and `display set` are legal
  bool again = true;           ///< it does nothing but show, so `refresh` is
};

Pipeline read_pipes(const std::vector<grammar::Words>& pipes, const Shows& shows);

/// What may be typed in the last pipe.
grammar::Completion complete_pipe(const grammar::Words& words, std::string_view partial,
                                  const Shows& shows);

/// What the pipes of a line have besides its output.
struct PipeSurroundings {
  const CliSettings& settings;
  std::function<void(const std::string& text)> broadcast;         ///< to all who are logged in
  std::function<UserFiles::Place(const std::string& name)> file;  ///< that the user names
  bool may_broadcast = true;
  std::shared_ptr<Resolver> resolver = {};  ///< of `resolve`
};

/// The filters, writing to `sink` in lines as wide as the user wants them. With `error` if an
/// expression or a number is bad. `ended` is told when all is written, which may be after end().
std::unique_ptr<Filter> build(const Pipeline& pipeline, grammar::Sink sink,
                              std::function<void()> ended, const PipeSurroundings& around,
                              std::string& error);

}  // namespace nezu::mgmt
