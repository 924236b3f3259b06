#include "cli/telnet.h"

#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>

namespace nezu::cli {
namespace {
// RFC 854, 857, 858.
constexpr unsigned char kIac = 255, kDont = 254, kDo = 253, kWont = 252, kWill = 251, kSub = 250,
                        kSubEnd = 240, kEcho = 1, kGoAhead = 3;
constexpr char kEscape = '\x1d';  // ^]
constexpr size_t kPiece = 4096;

std::string told(unsigned char verb, unsigned char option) {
  return {static_cast<char>(kIac), static_cast<char>(verb), static_cast<char>(option)};
}

bool send_all(int socket, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<size_t>(sent));
  }
  return true;
}

void show(std::string_view text) {
  fwrite(text.data(), 1, text.size(), stdout);
  fflush(stdout);
}

/// The terminal byte by byte while it lives; what it echoes depends on the other side.
class RawTerminal {
 public:
  RawTerminal() : known_(tcgetattr(STDIN_FILENO, &kept_) == 0) { echo(true); }
  ~RawTerminal() {
    if (known_) tcsetattr(STDIN_FILENO, TCSADRAIN, &kept_);
  }
  RawTerminal(const RawTerminal&) = delete;
  RawTerminal& operator=(const RawTerminal&) = delete;

  void echo(bool on) {
    if (!known_) return;
    termios wanted = kept_;
    wanted.c_lflag &= ~static_cast<tcflag_t>(ICANON | ISIG | IEXTEN | ECHO);
    wanted.c_iflag &= ~static_cast<tcflag_t>(IXON);
    if (on) wanted.c_lflag |= ECHO;
    tcsetattr(STDIN_FILENO, TCSADRAIN, &wanted);
  }

 private:
  termios kept_{};
  bool known_;
};

std::string numeric(const addrinfo& address) {
  char text[NI_MAXHOST] = "";
  getnameinfo(address.ai_addr, address.ai_addrlen, text, sizeof text, nullptr, 0, NI_NUMERICHOST);
  return text;
}

// Tries the host's addresses in turn; -1, after it said why.
int connect_to(const std::string& host, const std::string& port, int family) {
  addrinfo hints{}, *found = nullptr;
  hints.ai_family = family;
  hints.ai_socktype = SOCK_STREAM;
  if (getaddrinfo(host.c_str(), port.c_str(), &hints, &found) != 0 || !found) {
    fprintf(stderr, "%s: Unknown host\n", host.c_str());
    return -1;
  }
  int made = -1;
  for (const addrinfo* each = found; each && made < 0; each = each->ai_next) {
    show("Trying " + numeric(*each) + "...\n");
    made = socket(each->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (made >= 0 && connect(made, each->ai_addr, each->ai_addrlen) == 0) break;
    fprintf(stderr, "telnet: connect to address %s: %s\n", numeric(*each).c_str(), strerror(errno));
    if (made >= 0) close(made);
    made = -1;
  }
  if (made >= 0) show("Connected to " + host + ".\nEscape character is '^]'.\n");
  freeaddrinfo(found);
  if (made < 0) fprintf(stderr, "telnet: Unable to connect to remote host\n");
  return made;
}

// One piece of each side. False: it is over.
bool from_host(int socket, TelnetReader& reader, RawTerminal& terminal) {
  char bytes[kPiece];
  const ssize_t got = recv(socket, bytes, sizeof bytes, 0);
  if (got < 0 && errno == EINTR) return true;
  if (got <= 0) return show("\nConnection closed by foreign host.\n"), false;
  const bool echoed = reader.echoes();
  const TelnetReader::Read read = reader.take({bytes, static_cast<size_t>(got)});
  if (reader.echoes() != echoed) terminal.echo(!reader.echoes());
  show(read.text);
  return send_all(socket, read.reply);
}

bool from_keyboard(int socket) {
  char bytes[kPiece];
  const ssize_t got = read(STDIN_FILENO, bytes, sizeof bytes);
  if (got < 0 && errno == EINTR) return true;
  const std::string_view typed(bytes, static_cast<size_t>(got > 0 ? got : 0));
  const bool sent = send_all(socket, telnet_bytes(typed.substr(0, typed.find(kEscape))));
  if (sent && got > 0 && typed.find(kEscape) == typed.npos) return true;
  show("\nConnection closed.\n");
  return false;
}

void converse(int socket) {
  TelnetReader reader;
  RawTerminal terminal;
  pollfd ready[] = {{STDIN_FILENO, POLLIN, 0}, {socket, POLLIN, 0}};
  for (;;) {
    if (poll(ready, 2, -1) < 0 && errno != EINTR) return;
    if (ready[1].revents != 0 && !from_host(socket, reader, terminal)) return;
    if (ready[0].revents != 0 && !from_keyboard(socket)) return;
  }
}
}  // namespace

TelnetReader::Read TelnetReader::take(std::string_view bytes) {
  Read read;
  for (const char each : bytes) {
    const auto byte = static_cast<unsigned char>(each);
    switch (at_) {
      case At::kText:
        if (byte == kIac) {
          at_ = At::kCommand;
        } else {
          if (byte != 0 || !after_return_) read.text += each;  // CR NUL is a bare return
          after_return_ = each == '\r';
        }
        break;
      case At::kCommand:
        if (byte == kIac) read.text += each;
        command(byte);
        break;
      case At::kOption:
        option(byte, read);
        at_ = At::kText;
        break;
      case At::kInside:
        if (byte == kIac) at_ = At::kInsideCommand;
        break;
      case At::kInsideCommand:
        at_ = byte == kSubEnd ? At::kText : At::kInside;
        break;
    }
  }
  return read;
}

void TelnetReader::command(unsigned char byte) {
  verb_ = byte;
  at_ = byte == kSub ? At::kInside : byte >= kWill && byte != kIac ? At::kOption : At::kText;
}

// What is as it is said already is not answered, or two ends would agree for ever.
void TelnetReader::option(unsigned char option, Read& read) {
  if (verb_ == kDo) read.reply += told(kWont, option);
  if (verb_ != kWill && verb_ != kWont) return;
  const bool will = verb_ == kWill;
  if (option == kEcho && echo_ != will) {
    echo_ = will;
    read.reply += told(will ? kDo : kDont, option);
  } else if (option == kGoAhead && go_ahead_ == will) {
    go_ahead_ = !will;
    read.reply += told(will ? kDo : kDont, option);
  } else if (option != kEcho && option != kGoAhead && will) {
    read.reply += told(kDont, option);
  }
}

std::string telnet_bytes(std::string_view typed) {
  std::string bytes;
  for (const char each : typed) {
    if (each == '\r' || each == '\n') {
      bytes += "\r\n";
    } else {
      bytes += each;
      if (static_cast<unsigned char>(each) == kIac) bytes += each;
    }
  }
  return bytes;
}

int telnet(const std::vector<std::string>& arguments) {
  int family = AF_UNSPEC;
  std::vector<std::string> names;
  for (const std::string& word : arguments) {
    if (word == "-4") family = AF_INET;
    if (word == "-6") family = AF_INET6;
    if (!word.starts_with('-')) names.push_back(word);
  }
  if (names.size() != 2) return 2;
  const int socket = connect_to(names[0], names[1], family);
  if (socket < 0) return 1;
  converse(socket);
  close(socket);
  return 0;
}

}  // namespace nezu::cli
