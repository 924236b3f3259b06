#include "services/mgmt/terminals.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "configdb/deadline.h"
#include "grammar/markup.h"

namespace nezu::mgmt {
namespace {

void write_to(const std::string& name, const std::string& text) {
  const int terminal =
      ::open(("/dev/" + name).c_str(), O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  if (terminal < 0) return;
  struct stat info;
  if (fstat(terminal, &info) == 0 && S_ISCHR(info.st_mode)) [[maybe_unused]]
    const ssize_t written = ::write(terminal, text.data(), text.size());
  ::close(terminal);
}

// The bytes of the character at the front, if it is a whole one of UTF-8 that may be shown; else 0.
// A byte of 0x80 to 0x9F that stands alone is a control to some terminals, and so is U+0080 to
// U+009F to others.
size_t shown_bytes(std::string_view text) {
  const auto first = static_cast<unsigned char>(text[0]);
  if (first < 0x80) return first >= 0x20 && first != 0x7F ? 1 : 0;
  const bool control =
      first == 0xC2 && text.size() > 1 && static_cast<unsigned char>(text[1]) < 0xA0;
  return control ? 0 : grammar::utf8_sequence(text, 0);
}

// Nobody steers somebody else's terminal.
std::string clean(std::string_view text, bool lines = true) {
  std::string out;
  for (size_t at = 0, size = 1; at < text.size(); at += std::max<size_t>(size, 1)) {
    size = shown_bytes(text.substr(at));
    out += text.substr(at, size);
    if (lines && text[at] == '\n') out += "\r\n";
    if (lines && text[at] == '\t') out += '\t';
  }
  return out;
}

// The client says what its terminal is called.
std::string place_of(const Terminals::Speaker& speaker) {
  return speaker.tty.empty() ? "no tty" : clean(speaker.tty, false);
}

std::string name_of(const Terminals::Speaker& speaker) {
  return clean(speaker.user + "@" + speaker.host, false);
}

std::string clock_of(const Terminals::Speaker& speaker) {
  return configdb::utc(speaker.when).substr(11, 5);
}

// What it looks like on the screen.
std::string broadcast_text(const Terminals::Speaker& speaker, const std::string& text) {
  return "\r\n\a\aBroadcast Message from " + name_of(speaker) + "\r\n        (" +
         place_of(speaker) + ") at " + clock_of(speaker) + " UTC...\r\n\r\n" + clean(text) +
         "\r\n\r\n";
}

std::string message_text(const Terminals::Speaker& speaker, const std::string& text) {
  return "\r\n\a\aMessage from " + name_of(speaker) + " on " + place_of(speaker) + " at " +
         clock_of(speaker) + " ...\r\n" + clean(text) + "\r\nEOF\r\n";
}

}  // namespace

time_t Terminals::now() {
  timespec time{};
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec;
}

void Terminals::add(const Terminal& terminal) {
  open_[&terminal] = {&terminal, now(), now()};
}

void Terminals::touch(const Terminal& terminal) {
  if (const auto found = open_.find(&terminal); found != open_.end()) found->second.last = now();
}

std::vector<Terminals::Open> Terminals::all() const {
  std::vector<Open> all;
  for (const auto& [_, open] : open_) all.push_back(open);
  std::stable_sort(all.begin(), all.end(),
                   [](const Open& a, const Open& b) { return a.since < b.since; });
  return all;
}

// The client says what its terminal is called; nothing but a pseudo terminal is written to.
bool Terminals::is_terminal_name(std::string_view name) {
  if (!name.starts_with("pts/") || name.size() == 4) return false;
  return std::all_of(name.begin() + 4, name.end(), [](char c) { return c >= '0' && c <= '9'; });
}

void Terminals::put(const std::string& name, std::string_view text) {
  if (is_terminal_name(name)) write_to(name, clean(text));
}

std::set<std::string> Terminals::names(const Wanted& wanted) const {
  std::set<std::string> names;
  for (const auto& [terminal, _] : open_)
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
