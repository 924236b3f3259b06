#include "services/mgmt/log_monitor.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "services/mgmt/file_names.h"

namespace nezu::mgmt {
namespace {
constexpr int kLookMs = 200;           // how often new lines are looked for
constexpr size_t kMostAtOnce = 16384;  // octets of a file between two looks; more waits

bool is_plain_name(const std::string& name) {
  return !name.empty() && name[0] != '.' && name.find('/') == name.npos &&
         name.find('\0') == name.npos;
}

// A regular file, never through a link; -1 if there is none.
int open_log(const std::string& path, struct stat& status) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  if (file < 0) return -1;
  if (::fstat(file, &status) == 0 && S_ISREG(status.st_mode)) return file;
  ::close(file);
  return -1;
}
}  // namespace

struct LogMonitor::Followed {
  std::string name, path;
  std::unique_ptr<Filter> pipes;
  int file = -1;
  ino_t inode = 0;

  ~Followed() { close(); }
  void close() {
    if (file >= 0) ::close(file);
    file = -1;
  }

  // From its end, or from the beginning of one that took its place.
  bool open(bool at_end) {
    struct stat status {};
    const int opened = open_log(path, status);
    if (opened < 0) return false;
    close();
    file = opened;
    inode = status.st_ino;
    if (at_end) ::lseek(file, 0, SEEK_END);
    return true;
  }

  // What is new, as much as is shown at once.
  std::string read() {
    std::string text(kMostAtOnce, '\0');
    const ssize_t got = file < 0 ? 0 : ::read(file, text.data(), text.size());
    text.resize(got > 0 ? static_cast<size_t>(got) : 0);
    return text;
  }

  // Emptied: it begins anew. Rotated: another has its name.
  void follow() {
    struct stat status {};
    if (file >= 0 && ::fstat(file, &status) == 0 && status.st_size < ::lseek(file, 0, SEEK_CUR))
      ::lseek(file, 0, SEEK_SET);
    if (::lstat(path.c_str(), &status) == 0 && status.st_ino != inode) open(false);
  }
};

LogMonitor::LogMonitor(std::string directory, grammar::Sink terminal)
    : directory_(std::move(directory)), terminal_(std::move(terminal)) {
  QObject::connect(&timer_, &QTimer::timeout, &timer_, [this] { look(); });
}

LogMonitor::~LogMonitor() = default;

std::string LogMonitor::start(const std::string& name, const Pipes& pipes) {
  auto followed = std::make_unique<Followed>();
  followed->name = name;
  followed->path = directory_ + "/" + name;
  if (!is_plain_name(name) || !followed->open(true))
    return "error: could not resolve file: " + name + "\n";
  followed->pipes = pipes([this, name](std::string_view text) { show(name, text); });
  if (!followed->pipes) return "";
  stop(name);
  if (files_.size() >= kMost)
    return "error: no more than " + std::to_string(kMost) + " files are monitored at once\n";
  files_.push_back(std::move(followed));
  timer_.start(kLookMs);
  return "";
}

bool LogMonitor::stop(const std::string& name) {
  const size_t removed =
      std::erase_if(files_, [&](const auto& each) { return name.empty() || each->name == name; });
  if (files_.empty()) timer_.stop();
  return removed > 0;
}

std::string LogMonitor::list() const {
  std::string text;
  for (const auto& each : files_) {
    struct stat status {};
    text += "monitor start \"" + each->name + "\"";
    if (::stat(each->path.c_str(), &status) == 0)
      text += " (Last changed " + changed_text(status.st_mtime) + ")";
    text += "\n";
  }
  return text;
}

void LogMonitor::look() {
  for (const auto& each : files_) {
    std::string text = each->read();
    if (text.empty()) {
      each->follow();
      text = each->read();
    }
    if (!text.empty()) each->pipes->write(text);
  }
}

// Whose lines follow is said when another file's came before.
void LogMonitor::show(const std::string& name, std::string_view text) {
  std::string whole = last_ == name ? "" : "\n*** " + name + " ***\n";
  last_ = name;
  terminal_(whole.append(text));
}

}  // namespace nezu::mgmt
