#include "cli/replay.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <memory>

#include "cli/configuration_file.h"
#include "cli/line_diff.h"
#include "cli/node.h"
#include "cli/offline_engine.h"
#include "cli/recording.h"
#include "cli/signals.h"

namespace nezu::cli {
namespace {
constexpr char kUsage[] =
    "usage: nezu replay [OPTION]... FILE...\n"
    "Loads, checks and commits configurations (set form, braces, XML, JSON) one after the other\n"
    "into a scratch database, without root and without a router; plays recorded sessions again\n"
    "and shows what is answered otherwise. '-' is standard input.\n"
    "  --to NODE|LAB/NODE  into a running router instead, which nobody else may be editing\n"
    "  --socket PATH       the same by its management socket\n"
    "  --check             commit nothing\n"
    "  --confirmed MINUTES commit confirmed: rolled back unless somebody commits within the time\n"
    "  --override          each file replaces the whole configuration, and does not add to it\n"
    "  --stop-on-error     the first error ends it\n"
    "  --report FILE.json  writes what was found, with places and times ('-': standard output)\n"
    "  --update            writes what came back over the recorded sessions\n"
    "  --model NAME        of the chassis without a router (mx304)\n"
    "  -h, --help          this text\n"
    "Status: 0 well, 1 errors or differences, 2 wrong usage, 3 no such file or node, 4 the router\n"
    "does not answer or cannot be edited, 130 ^C.\n";

enum Status : int {
  kWell = 0,
  kErrors = 1,
  kUsageStatus = 2,
  kNotFound = 3,
  kNoRouter = 4,
  kStopped = 130
};
constexpr size_t kMostFile = size_t{1} << 30;
constexpr size_t kMostShown = 50;  // errors of a file on the screen

struct Options {
  std::vector<std::string> files;
  std::string node, socket, report, model = "mx304";
  FileWork work;
  bool update = false;

  bool offline() const { return node.empty() && socket.empty(); }
};

bool good_minutes(const std::string& text) {
  return !text.empty() && text.size() <= 5 && text.find_first_not_of("0123456789") == text.npos &&
         text != "0";
}

bool parse(const std::vector<std::string>& words, Options& options) {
  const std::pair<const char*, bool*> flags[] = {{"--check", &options.work.check_only},
                                                 {"--override", &options.work.override_all},
                                                 {"--stop-on-error", &options.work.stop_on_error},
                                                 {"--update", &options.update}};
  const std::pair<const char*, std::string*> values[] = {{"--to", &options.node},
                                                         {"--socket", &options.socket},
                                                         {"--confirmed", &options.work.confirmed},
                                                         {"--report", &options.report},
                                                         {"--model", &options.model}};
  for (size_t i = 0; i < words.size(); ++i) {
    const auto is = [&](const auto& each) { return words[i] == each.first; };
    const auto flag = std::find_if(std::begin(flags), std::end(flags), is);
    const auto value = std::find_if(std::begin(values), std::end(values), is);
    if (flag != std::end(flags)) {
      *flag->second = true;
    } else if (value != std::end(values)) {
      if (++i == words.size()) return false;
      *value->second = words[i];
    } else if (words[i].starts_with("-") && words[i] != "-") {
      return false;
    } else {
      options.files.push_back(words[i]);
    }
  }
  const std::string& minutes = options.work.confirmed;
  const bool sense = minutes.empty() || (good_minutes(minutes) && !options.work.check_only);
  return !options.files.empty() && sense && (options.node.empty() || options.socket.empty());
}

bool read_all(const std::string& name, std::string& text) {
  FILE* file = name == "-" ? stdin : fopen(name.c_str(), "rb");
  if (!file) return false;
  char piece[65536];
  size_t got;
  while ((got = fread(piece, 1, sizeof piece, file)) > 0 && text.size() < kMostFile)
    text.append(piece, got);
  const bool good = !ferror(file) && text.size() < kMostFile;
  if (file != stdin) fclose(file);
  return good;
}

int complain(const std::string& words, int status) {
  fprintf(stderr, "nezu replay: %s\n", words.c_str());
  return status;
}

/// One run: the target, the files, the report.
class Replay {
 public:
  explicit Replay(Options options) : options_(std::move(options)) {}

  int run() {
    report_.target = options_.offline() ? "offline" : options_.socket + options_.node;
    if (const int status = read_files()) return status;
    if (confirms_itself())
      return complain("--confirmed takes one configuration: the next would confirm it",
                      kUsageStatus);
    report_.status = connect();
    for (size_t at = 0; at < texts_.size() && goes_on(); ++at) replay(at);
    if (editing_) leave();
    if (!write_report()) return complain(options_.report + " cannot be written", kNotFound);
    return report_.status;
  }

 private:
  // All are read first: one that is not there is known before anything is done.
  int read_files() {
    for (const std::string& name : options_.files) {
      FileReport file;
      file.file = name;
      std::string text;
      if (!read_all(name, text)) return complain(name + " cannot be read", kNotFound);
      file.bytes = text.size();
      file.lines = count_lines(text);
      file.form = form_of(text);
      texts_.push_back(std::move(text));
      report_.files.push_back(std::move(file));
    }
    return kWell;
  }

  // The check of a second file would confirm the commit of the first.
  bool confirms_itself() const {
    const auto files = std::count_if(report_.files.begin(), report_.files.end(),
                                     [](const FileReport& file) { return file.form != "session"; });
    return !options_.work.confirmed.empty() && files > 1;
  }

  int connect() {
    std::string error;
    if (options_.offline()) {
      error = engine_.start(options_.model);
      if (error.empty()) client_ = std::make_unique<Client>(engine_.descriptor(), "nezu-re");
    } else if (!options_.socket.empty()) {
      client_ = std::make_unique<Client>(options_.socket);
    } else {
      Node node;
      if (!find_node(options_.node, node, error)) return complain(error, kNotFound);
      if (!node.router()) return complain("node '" + node.name + "' is no router", kNotFound);
      client_ = std::make_unique<Client>(node.run() + "/mgmt.sock");
    }
    if (error.empty()) error = client_->connect();
    if (error.empty()) {
      conversation_ = std::make_unique<Conversation>(*client_);
      return kWell;
    }
    const std::string words = options_.offline() ? engine_.last_words() : "";
    return complain(words.empty() ? error : words, kNoRouter);
  }

  bool goes_on() const {
    return report_.status == kWell || (report_.status == kErrors && !options_.work.stop_on_error);
  }

  void replay(size_t at) {
    FileReport& file = report_.files[at];
    if (file.form != "session" && !editing_ && !edit()) return;
    file.begun = true;
    if (file.form == "session") return play(texts_[at], file);
    const auto ending = ConfigurationFile(*conversation_, options_.work, file).replay(texts_[at]);
    say(file);
    if (!file.well()) report_.status = kErrors;
    if (ending == ConfigurationFile::Ending::kGone) went_away();
    if (ending == ConfigurationFile::Ending::kStopped)
      report_.status = complain("interrupted", kStopped);
  }

  void play(const std::string& text, FileReport& file) {
    if (editing_) leave();
    const Recording recording(text);
    RecordingPlayer player(recording, *conversation_);
    const auto ending = player.play(options_.work.stop_on_error, file);
    say_session(file);
    if (options_.offline() && ending == RecordingPlayer::Ending::kPlayed) forget_candidate();
    if (!file.well()) report_.status = kErrors;
    if (ending == RecordingPlayer::Ending::kGone) return went_away();
    if (ending == RecordingPlayer::Ending::kStopped) report_.status = kStopped;
    if (!options_.update || ending != RecordingPlayer::Ending::kPlayed || file.file == "-") return;
    std::ofstream out(file.file, std::ios::binary);
    if (!(out << player.screen()).flush())
      report_.status = complain(file.file + " cannot be written", kNotFound);
  }

  // What a session leaves uncommitted is not the next file's.
  void forget_candidate() {
    conversation_->open(false);
    for (const char* line : {"configure", "rollback 0", "exit configuration-mode"})
      conversation_->execute(line);
  }

  void went_away() {
    const std::string words = options_.offline() ? engine_.last_words() : "";
    report_.status =
        complain("the router went away" + (words.empty() ? "" : ": " + words), kNoRouter);
    editing_ = false;
  }

  // Alone, so that nothing of somebody else is committed, and nothing of ours stays behind.
  bool edit() {
    const Said opened = conversation_->open(false);
    const Said said = conversation_->execute("configure exclusive");
    editing_ = !opened.gone && said.done() && !said.answer.banner.empty();
    if (!editing_) {
      fputs(said.output.c_str(), stderr);
      report_.status = complain("the configuration cannot be edited", kNoRouter);
    }
    // A check within the time would confirm what somebody else may want to be taken back.
    options_.work.waiting = said.answer.banner.starts_with("# commit confirmed");
    if (editing_ && options_.work.waiting && options_.work.check_only) {
      leave();
      report_.status =
          complain("a commit waits to be confirmed, which a check would do", kNoRouter);
    }
    return editing_;
  }

  void leave() {
    conversation_->execute("rollback 0");
    conversation_->execute("exit configuration-mode");
    editing_ = false;
  }

  void say(const FileReport& file) const {
    FILE* to = stream();
    size_t shown = 0;
    for (const auto& error : file.errors) {
      if (++shown > kMostShown) break;
      fputs(file.file.c_str(), to);
      if (error.line) fprintf(to, ":%zu:%zu", error.line, error.column);
      fprintf(to, ": %s\n%s", error.message.c_str(), error.detail.c_str());
    }
    const size_t all = file.errors.size() + file.more_errors;
    if (all > kMostShown)
      fprintf(to, "%s: … and %zu errors more\n", file.file.c_str(), all - kMostShown);
    for (size_t i = 0; i < std::min(kMostShown, file.warnings.size()); ++i)
      fprintf(to, "%s: warning: %s\n", file.file.c_str(), file.warnings[i].c_str());
    fprintf(to, "%s: %zu lines (%s), %zu errors, loaded in %.1f ms\n", file.file.c_str(),
            file.lines, file.form.c_str(), all, file.load.milliseconds);
    say_steps(file, to);
    fflush(to);
  }

  // The commit says all that the check said, and more.
  static void say_steps(const FileReport& file, FILE* to) {
    const auto& last = file.commit ? file.commit : file.check;
    if (last) fputs(last->text.c_str(), to);
    if (file.check)
      fprintf(to, "%s: checked in %.1f ms\n", file.file.c_str(), file.check->milliseconds);
    if (file.commit && file.commit->done)
      fprintf(to, "%s: committed in %.1f ms\n", file.file.c_str(), file.commit->milliseconds);
    else
      fprintf(to, "%s: not committed\n", file.file.c_str());
  }

  void say_session(const FileReport& file) const {
    FILE* to = stream();
    for (const auto& each : file.differences)
      fprintf(to, "%s:%zu: %s\n%s", file.file.c_str(), each.line, each.command.c_str(),
              line_diff(each.recorded, each.answered).c_str());
    fprintf(to, "%s: %zu commands, %zu answered otherwise\n", file.file.c_str(), file.commands,
            file.differences.size());
    fflush(to);
  }

  FILE* stream() const { return options_.report == "-" ? stderr : stdout; }

  bool write_report() const {
    if (options_.report.empty()) return true;
    const std::string text = report_.json();
    FILE* file = options_.report == "-" ? stdout : fopen(options_.report.c_str(), "wb");
    if (!file) return false;
    const bool written = fwrite(text.data(), 1, text.size(), file) == text.size();
    return (file == stdout ? fflush(file) : fclose(file)) == 0 && written;
  }

  Options options_;
  std::vector<std::string> texts_;
  ReplayReport report_;
  OfflineEngine engine_;
  std::unique_ptr<Client> client_;  // before the engine goes, so that it sees us leave
  std::unique_ptr<Conversation> conversation_;
  bool editing_ = false;
};
}  // namespace

int replay(const std::vector<std::string>& arguments) {
  for (const std::string& word : arguments)
    if (word == "-h" || word == "--help") return fputs(kUsage, stdout), kWell;
  Options options;
  if (!parse(arguments, options)) return fputs(kUsage, stderr), kUsageStatus;
  signals::install();
  return Replay(std::move(options)).run();
}

}  // namespace nezu::cli
