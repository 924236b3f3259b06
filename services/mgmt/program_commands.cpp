// ssh, telnet and start shell: programs that need the user's own terminal. The client starts them,
// where the router is and as the user.
#include <sys/stat.h>

#include <algorithm>

#include "services/mgmt/context.h"

namespace nezu::mgmt {
namespace {

/// An address or a name, in front of it perhaps USER@; nothing that could be an option.
class HostType : public TextType {
 public:
  explicit HostType(bool with_user) : TextType("host"), with_user_(with_user) {}
  std::optional<std::string> refuse(std::string_view text) const override {
    constexpr size_t kLongest = 255;
    const auto fits = [this](char c) {
      return std::isalnum(static_cast<unsigned char>(c)) ||
             std::string_view("._:%-").find(c) != std::string_view::npos ||
             (with_user_ && c == '@');
    };
    if (!text.empty() && text.size() <= kLongest && text[0] != '-' && text[0] != '@' &&
        std::all_of(text.begin(), text.end(), fits))
      return std::nullopt;
    return "invalid host: '" + std::string(text) + "'";
  }

 private:
  bool with_user_;
};

const HostType kSshHost(true), kTelnetHost(false);
const HostType kSource(false);
const TextType kCommand("command");
const NumberType kPort("port", 1, 65535);

// What a user has not typed, and no file of his, decides what the program does.
constexpr const char* kSshOptions[] = {"-F", "none",
                                       "-o", "IdentityFile=none",
                                       "-o", "IdentityAgent=none",
                                       "-o", "PermitLocalCommand=no",
                                       "-o", "EnableEscapeCommandline=no"};

void give(const Context& context, const Call& call, std::vector<std::string> words) {
  if (!context.terminal().programs)
    return call.run->refuse("error: this needs a terminal: open the command line on one\n");
  if (!call.run->parsed().pipes.empty())
    return call.run->refuse("error: what this shows cannot be piped\n");
  Outcome outcome{Outcome::Kind::kProgram, context.terminal().user};
  outcome.program = std::move(words);
  call.run->done(std::move(outcome));
}

// Hosts are remembered for root alone: other users have no directory of their own to write in.
std::string known_hosts(const Context& context) {
  const std::string& homes = context.router().homes;
  if (context.terminal().user != "root" || homes.empty()) return "/dev/null";
  ::mkdir(homes.c_str(), 0700);
  ::mkdir((homes + "/root").c_str(), 0700);
  return homes + "/root/.known_hosts";
}

void add_family(const Call& call, std::vector<std::string>& words) {
  if (call.says("inet")) words.emplace_back("-4");
  if (call.says("inet6")) words.emplace_back("-6");
}

void ssh(Context& context, const Call& call) {
  std::vector<std::string> words = {"ssh"};
  words.insert(words.end(), std::begin(kSshOptions), std::end(kSshOptions));
  words.insert(words.end(), {"-o", "UserKnownHostsFile=" + known_hosts(context)});
  const std::string& host = *call.input("host");
  if (host.find('@') == host.npos) words.insert(words.end(), {"-l", context.terminal().user});
  add_family(call, words);
  if (const std::string* source = call.input("source")) words.insert(words.end(), {"-b", *source});
  if (const std::string* port = call.input("port")) words.insert(words.end(), {"-p", *port});
  words.insert(words.end(), {"--", host});
  give(context, call, std::move(words));
}

void telnet(Context& context, const Call& call) {
  std::vector<std::string> words = {"telnet"};
  add_family(call, words);
  const std::string* port = call.input("port");
  words.insert(words.end(), {"--", *call.input("host"), port ? *port : "23"});
  give(context, call, std::move(words));
}

// The router shares the machine's files and its kernel: a shell of a router's user would be one of
// the machine's.
void shell(Context& context, const Call& call) {
  const Terminal& terminal = context.terminal();
  if (!terminal.on_machine || !terminal.owner || terminal.user != "root")
    return call.run->refuse(
        "error: a shell is for root of the machine alone, by 'nezu cli': the router shares the "
        "machine's files with it\n");
  std::vector<std::string> words = {"/bin/sh"};
  if (const std::string* command = call.input("command"))
    words.insert(words.end(), {"-c", *command});
  give(context, call, std::move(words));
}

std::vector<Argument> host_arguments(const HostType& host) {
  return {mandatory(value("host", "Host name or address of the remote host", host)),
          one_of(1, flag("inet", "Reach it over IPv4 only")),
          one_of(1, flag("inet6", "Reach it over IPv6 only")),
          keyword("port", "Port of the remote host", kPort)};
}
}  // namespace

void add_program_commands(LocalCommands& commands) {
  const auto mode = Mode::kOperational;
  auto arguments = host_arguments(kSshHost);
  arguments.push_back(keyword("source", "Address to come from", kSource));
  commands.add(mode, {.words = "ssh",
                      .help = "Start secure shell on another host",
                      .arguments = std::move(arguments),
                      .handle = ssh});
  commands.add(mode, {.words = "telnet",
                      .help = "Telnet to another host",
                      .arguments = host_arguments(kTelnetHost),
                      .handle = telnet});
  commands.describe(mode, "start", "Start shell");
  commands.add(mode, {.words = "start shell",
                      .help = "Start shell of the machine in the router's network",
                      .arguments = {keyword("command", "Run it and come back", kCommand)},
                      .handle = shell});
}

}  // namespace nezu::mgmt
