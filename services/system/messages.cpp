#include "services/system/messages.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <ctime>
#include <utility>

namespace nezu::system {
namespace {

constexpr size_t kLongestLine = 2048;

std::string stamp() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  gmtime_r(&now, &parts);
  char text[32];
  return {text, std::strftime(text, sizeof text, "%b %e %H:%M:%S", &parts)};
}

// One line, whatever it holds.
std::string printable(std::string_view text) {
  std::string out(text.substr(0, kLongestLine));
  for (char& c : out)
    if (static_cast<unsigned char>(c) < ' ' || c == '\x7f') c = ' ';
  return out;
}

}  // namespace

Messages::Messages(std::string directory, std::function<std::string()> host)
    : directory_(std::move(directory)), host_(std::move(host)) {}

Messages::~Messages() {
  if (file_ >= 0) ::close(file_);
}

void Messages::open() {
  if (file_ >= 0) return;
  file_ = ::open((directory_ + "/messages").c_str(),
                 O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0640);
  measure();
}

void Messages::measure() {
  struct stat info;
  size_ = file_ >= 0 && fstat(file_, &info) == 0 ? static_cast<size_t>(info.st_size) : 0;
}

void Messages::rotate() {
  const std::string name = directory_ + "/messages";
  for (int i = kKept - 2; i > 0; --i)
    ::rename(fmt::format("{}.{}", name, i - 1).c_str(), fmt::format("{}.{}", name, i).c_str());
  ::rename(name.c_str(), (name + ".0").c_str());
  ::close(std::exchange(file_, -1));
  open();
}

void Messages::write(std::string_view program, std::string_view tag, std::string_view text) {
  open();
  if (size_ >= kLargest) measure();  // `clear log` may have emptied it
  if (file_ >= 0 && size_ >= kLargest) rotate();
  if (file_ < 0) return;
  const std::string host = host_();
  const std::string line =
      fmt::format("{}  {} {}[{}]: {}: {}\n", stamp(), host.empty() ? "localhost" : host, program,
                  ::getpid(), tag, printable(text));
  const ssize_t written = ::write(file_, line.data(), line.size());
  if (written > 0) size_ += static_cast<size_t>(written);
}

}  // namespace nezu::system
