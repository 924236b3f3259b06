#include "services/log/log_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace nezu::log {

// A pipe or a device in its place would take what is written, or hold us up.
void LogFile::open() {
  if (descriptor_ >= 0) return;
  descriptor_ =
      ::open(path_.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK,
             limits_.mode);
  struct stat info {};
  if (descriptor_ < 0) return;
  if (fstat(descriptor_, &info) != 0 || !S_ISREG(info.st_mode)) return close();
  fchmod(descriptor_, limits_.mode);
  measure();
}

void LogFile::close() {
  if (descriptor_ >= 0) ::close(std::exchange(descriptor_, -1));
}

void LogFile::measure() {
  struct stat info {};
  size_ = fstat(descriptor_, &info) == 0 ? static_cast<uint64_t>(info.st_size) : 0;
}

void LogFile::rotate() {
  close();
  const auto name = [&](uint32_t number) { return path_ + '.' + std::to_string(number); };
  for (uint32_t number = limits_.files - 2; number > 0; --number)
    ::rename(name(number - 1).c_str(), name(number).c_str());
  ::rename(path_.c_str(), name(0).c_str());
  open();
}

void LogFile::write(std::string_view line) {
  open();
  const std::string whole = std::string(line) + '\n';
  const auto full = [&] { return size_ > 0 && size_ + whole.size() > limits_.size; };
  if (descriptor_ >= 0 && full()) measure();  // it may have been emptied
  if (descriptor_ >= 0 && full()) rotate();
  if (descriptor_ < 0) return;
  const ssize_t written = ::write(descriptor_, whole.data(), whole.size());
  if (written > 0) size_ += static_cast<uint64_t>(written);
}

std::string one_line(std::string_view text, size_t longest) {
  std::string line(text.substr(0, longest));
  for (char& c : line)
    if (static_cast<unsigned char>(c) < ' ' || c == '\x7f') c = ' ';
  return line;
}

}  // namespace nezu::log
