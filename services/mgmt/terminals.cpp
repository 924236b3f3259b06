#include "services/mgmt/terminals.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "configdb/deadline.h"

namespace nezu::mgmt {
namespace {

// The client says what its terminal is called; nothing but a pseudo terminal is written to.
bool is_terminal_name(std::string_view name) {
  if (!name.starts_with("pts/") || name.size() == 4) return false;
  return std::all_of(name.begin() + 4, name.end(), [](char c) { return c >= '0' && c <= '9'; });
}

void write_to(const std::string& name, const std::string& text) {
  const int terminal =
      ::open(("/dev/" + name).c_str(), O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  if (terminal < 0) return;
  struct stat info;
  if (fstat(terminal, &info) == 0 && S_ISCHR(info.st_mode)) [[maybe_unused]]
    const ssize_t written = ::write(terminal, text.data(), text.size());
  ::close(terminal);
}

// Nobody steers somebody else's terminal.
std::string clean(std::string text) {
  std::erase_if(text, [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && c != '\n' && c != '\t') || byte == 0x7f;
  });
  for (size_t at = 0; (at = text.find('\n', at)) != std::string::npos; at += 2)
    text.insert(at, 1, '\r');
  return text;
}

std::string clock_of(const Terminals::Speaker& speaker) {
  return configdb::utc(speaker.when).substr(11, 5);
}

// What it looks like on the screen.
std::string broadcast_text(const Terminals::Speaker& speaker, const std::string& text) {
  return "\r\n\a\aBroadcast Message from " + speaker.user + "@" + speaker.host + "\r\n        (" +
         (speaker.tty.empty() ? "no tty" : speaker.tty) + ") at " + clock_of(speaker) +
         " UTC...\r\n\r\n" + clean(text) + "\r\n\r\n";
}

std::string message_text(const Terminals::Speaker& speaker, const std::string& text) {
  return "\r\n\a\aMessage from " + speaker.user + "@" + speaker.host + " on " +
         (speaker.tty.empty() ? "no tty" : speaker.tty) + " at " + clock_of(speaker) + " ...\r\n" +
         clean(text) + "\r\nEOF\r\n";
}

}  // namespace

std::set<std::string> Terminals::names(const Wanted& wanted) const {
  std::set<std::string> names;
  for (const Terminal* terminal : open_)
    if (is_terminal_name(terminal->tty) && wanted(*terminal)) names.insert(terminal->tty);
  return names;
}

void Terminals::broadcast(const Speaker& speaker, const std::string& text) const {
  for (const std::string& name : names([](const Terminal&) { return true; }))
    write_to(name, broadcast_text(speaker, text));
}

size_t Terminals::send(const Speaker& speaker, const std::string& text,
                       const Wanted& wanted) const {
  const auto to = names(wanted);
  for (const std::string& name : to) write_to(name, message_text(speaker, text));
  return to.size();
}

}  // namespace nezu::mgmt
