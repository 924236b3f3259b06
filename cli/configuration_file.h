#pragma once
#include <string>
#include <string_view>

#include "cli/conversation.h"
#include "cli/replay_report.h"

namespace nezu::cli {

/// "set", "text", "xml", "json" or "session", by how a text begins.
std::string form_of(std::string_view text);

/// Lines of a text; the last may lack its line feed.
size_t count_lines(std::string_view text);

/// What is done with a configuration file.
struct FileWork {
  bool override_all = false;  ///< instead of the whole configuration, not on top of it
  bool check_only = false;
  bool stop_on_error = false;  ///< nothing more of a file is loaded behind an error
  std::string confirmed;       ///< minutes; "" for a plain commit
  bool waiting = false;        ///< a commit waits to be confirmed: no check without a commit
};

/// Loads a configuration into the candidate, checks it, and commits it if nothing was wrong. Parts
/// of it are never committed; the candidate of a bad file is taken back. In configuration mode.
class ConfigurationFile {
 public:
  ConfigurationFile(Conversation& conversation, const FileWork& work, FileReport& report)
      : conversation_(conversation), work_(work), report_(report) {}

  enum class Ending { kDone, kGone, kStopped };
  Ending replay(std::string_view text);

 private:
  bool load(std::string_view text);
  bool load_lines(std::string_view text);
  bool load_part(std::string_view text, size_t lines_before);
  std::string verb() const;
  void take_problems(const std::string& output, size_t lines_before);
  void add(FileReport::Error error);
  bool step(const std::string& command, std::optional<FileReport::Step>& step);
  bool take_back();
  bool broken(const Said& said);

  Conversation& conversation_;
  const FileWork& work_;
  FileReport& report_;
  Ending ending_ = Ending::kDone;
};

}  // namespace nezu::cli
