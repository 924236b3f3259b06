#pragma once
#include <sys/types.h>

#include <QTimer>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "services/mgmt/pipes.h"

namespace nezu::mgmt {

/// Log files whose new lines come to one user's terminal as they are written.
class LogMonitor {
 public:
  static constexpr size_t kMost = 32;  ///< files at once

  /// Of the files in `directory`; a name never leads out of it.
  LogMonitor(std::string directory, grammar::Sink terminal);
  ~LogMonitor();
  LogMonitor(const LogMonitor&) = delete;
  LogMonitor& operator=(const LogMonitor&) = delete;

  /// Makes the pipes that lines go through on their way to `sink`; null, after it said why.
  using Pipes = std::function<std::unique_ptr<Filter>(grammar::Sink sink)>;
  /// What is wrong, "error: …"; "" if the file is followed from now on. One that is followed
  /// already begins anew.
  std::string start(const std::string& name, const Pipes& pipes);
  /// Of "" all. False: it is not followed.
  bool stop(const std::string& name);
  /// "monitor start "messages" (Last changed Nov 22 17:10)", a line each.
  std::string list() const;

 private:
  struct Followed;
  void look();
  void show(const std::string& name, std::string_view text);

  std::string directory_;
  grammar::Sink terminal_;
  std::vector<std::unique_ptr<Followed>> files_;
  std::string last_;  ///< whose lines came last
  QTimer timer_;
};

}  // namespace nezu::mgmt
