#pragma once
#include <string>
#include <vector>

/// What `help` says that is not in the schema: the router's log messages, and tips.
namespace nezu::mgmt {

struct SyslogMessage {
  std::string tag;
  std::string help;   ///< one line
  std::string cause;  ///< when it is logged
};
/// By their tags.
const std::vector<SyslogMessage>& syslog_messages();
std::string syslog_line(const SyslogMessage& message);
std::string syslog_text(const SyslogMessage& message);

/// How to work with the command line; each a line or two without the last line feed.
const std::vector<std::string>& tips();

}  // namespace nezu::mgmt
