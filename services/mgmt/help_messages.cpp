#include "services/mgmt/help_messages.h"

#include <algorithm>

namespace nezu::mgmt {

const std::vector<SyslogMessage>& syslog_messages() {
  static const std::vector<SyslogMessage> kMessages = {
      {"IKE_VPN_DOWN_ALARM_USER", "VPN went down", "The last tunnel of a VPN with a peer ended"},
      {"IKE_VPN_UP_ALARM_USER", "VPN came up", "A tunnel of a VPN with a peer was made"},
      {"SNMP_TRAP_LINK_DOWN", "Interface went down",
       "A physical or logical interface has no link any more: its wire, its card, its tunnel or "
       "its "
       "configuration went"},
      {"SNMP_TRAP_LINK_UP", "Interface came up",
       "A physical or logical interface has a link again"},
      {"UI_CMDLINE_READ_LINE", "User entered a command",
       "Every line that is given to the command line, with its secrets taken out"},
      {"UI_COMMIT", "User requested a commit", "A commit or a check of one begins"},
      {"UI_COMMIT_AT_COMPLETED", "Scheduled commit was made", "The time of 'commit at' came"},
      {"UI_COMMIT_AT_FAILED", "Scheduled commit was not made",
       "The time of 'commit at' came and the configuration was refused, or could not be kept"},
      {"UI_COMMIT_COMPLETED", "Commit was completed", "A new revision is in force"},
      {"UI_COMMIT_NOT_CONFIRMED", "Commit was not confirmed in time",
       "The time of 'commit confirmed' ran out; the revision before it is in force again"},
      {"UI_COMMIT_PROGRESS", "Step of a commit", "A commit goes on to its next step"},
      {"UI_COMMIT_ROLLBACK_FAILED", "Automatic rollback failed",
       "The time of 'commit confirmed' ran out and the rollback was refused; it is tried again"},
      {"UI_CONFIGURATION_ERROR", "Commit found an error", "A check or a service refused a commit"},
      {"UI_DBASE_LOGIN_EVENT", "User entered configuration mode", "'configure' was given"},
      {"UI_DBASE_LOGOUT_EVENT", "User left configuration mode",
       "'exit' was given, or the user left"},
      {"UI_DBASE_OPEN_FAILED", "Configuration database could not be used",
       "What is stored is damaged: it was put aside"},
      {"UI_LOGIN_EVENT", "User logged in", "A command line was opened"},
      {"UI_LOGOUT_EVENT", "User logged out", "A command line was closed"},
      {"UI_NETCONF_CMD", "NETCONF client ran a command",
       "A management client read or changed the configuration"},
      {"UI_REBOOT", "User requested a reboot", "'request system reboot' was given"}};
  return kMessages;
}

std::string syslog_line(const SyslogMessage& message) {
  std::string tag = message.tag;
  tag.resize(std::max<size_t>(tag.size() + 1, 28), ' ');
  return tag + message.help + "\n";
}

std::string syslog_text(const SyslogMessage& message) {
  return "Name:     " + message.tag + "\nHelp:     " + message.help +
         "\nCause:    " + message.cause + "\n";
}

const std::vector<std::string>& tips() {
  static const std::vector<std::string> kTips = {
      "Type ? behind any word to see what may follow, or in the middle of one to see what it may\n"
      "become.",
      "'show | compare' in configuration mode shows what a commit would change.",
      "'commit check' says what is wrong without committing.",
      "'commit confirmed 5' takes itself back after five minutes unless you commit again.",
      "'rollback 1' brings the revision before the last commit into the candidate; nothing "
      "happens\n"
      "until you commit.",
      "'show | display set' prints configuration as the commands that make it.",
      "'deactivate' keeps a statement in the configuration without effect; 'activate' undoes it.",
      "'run' in front of an operational command gives it from configuration mode.",
      "'top' and 'up' in front of a command give it as if at another level.",
      "'load merge terminal' takes pasted configuration; ^D at the beginning of a line ends it.",
      "^R searches the history while you type; ESC-/ completes a word from it.",
      "'| match', '| except' and '| find' take regular expressions; several pipes may follow each\n"
      "other.",
      "'request system configuration rescue save' keeps a revision that 'rollback rescue' loads.",
      "'show system commit' lists who committed what and when; the numbers are those of rollback.",
      "'help apropos WORD' finds commands and statements that have to do with a word."};
  return kTips;
}

}  // namespace nezu::mgmt
