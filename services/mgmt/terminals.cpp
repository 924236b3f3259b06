#include "services/mgmt/terminals.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <set>

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

// What it looks like on the screen. Nobody steers somebody else's terminal.
std::string broadcast_text(const std::string& host, int64_t when, const std::string& text) {
  const std::string time = configdb::utc(when).substr(11, 5);
  std::string clean = text;
  std::erase_if(clean, [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && c != '\n' && c != '\t') || byte == 0x7f;
  });
  return "\r\n\a\aBroadcast Message from root@" + host + "\r\n        (no tty) at " + time +
         " UTC...\r\n\r\n" + clean + "\r\n\r\n";
}

}  // namespace

void Terminals::broadcast(const std::string& host, int64_t when, const std::string& text) const {
  std::set<std::string> names;
  for (const Terminal* terminal : open_)
    if (is_terminal_name(terminal->tty)) names.insert(terminal->tty);
  for (const std::string& name : names) write_to(name, broadcast_text(host, when, text));
}

}  // namespace nezu::mgmt
