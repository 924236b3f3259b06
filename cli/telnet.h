#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace nezu::cli {

/// What a telnet client makes of the bytes that come (RFC 854, 1143): text, and answers to offers.
/// It takes ECHO and SUPPRESS-GO-AHEAD of the other side and refuses everything else.
class TelnetReader {
 public:
  struct Read {
    std::string text;   ///< to be shown
    std::string reply;  ///< to be sent
  };
  Read take(std::string_view bytes);
  bool echoes() const { return echo_; }  ///< the other side echoes: the terminal is not to

 private:
  enum class At { kText, kCommand, kOption, kInside, kInsideCommand };
  void command(unsigned char byte);
  void option(unsigned char option, Read& read);

  At at_ = At::kText;
  unsigned char verb_ = 0;
  bool echo_ = false, go_ahead_ = true, after_return_ = false;
};

/// Bytes of the keyboard as they are sent: 255 twice, Enter as CR LF.
std::string telnet_bytes(std::string_view typed);

/// A telnet client on this terminal: [-4|-6] -- HOST PORT. ^] ends it; nothing it does is asked of
/// a shell. Returns an exit status.
int telnet(const std::vector<std::string>& arguments);

}  // namespace nezu::cli
