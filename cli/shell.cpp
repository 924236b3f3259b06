#include "cli/shell.h"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "cli/client.h"
#include "cli/console.h"
#include "cli/node.h"
#include "cli/program.h"
#include "cli/script.h"
#include "cli/signals.h"

namespace nezu::cli {
namespace {
constexpr char kOwnSocket[] = "/run/nezu/mgmt.sock";  // as a router sees its own
constexpr char kUsersSocket[] = "/run/users.sock";    // the same for who is not root

constexpr char kUsageText[] =
    "usage: nezu cli [NODE|LAB/NODE] [--user NAME] [-c COMMAND]...\n"
    "       nezu cli --socket PATH [--user NAME] [-c COMMAND]...\n"
    "The command line of a router. LAB/NODE: where several labs have a node of that name.\n"
    "Inside a router's own namespaces the node need not be said.\n"
    "  -c COMMAND     run it and leave; may be repeated, the first that is refused is the last.\n"
    "                 Without -c: a shell on a terminal, else the lines of standard input\n"
    "  --socket PATH  the management socket itself, instead of a node\n"
    "  --user NAME    as this user of the router (system login user), with his rights\n"
    "  --login        what sshd starts in a router: the command that ssh asks for, or a shell\n"
    "  -h, --help     this text\n"
    "Status: 0 well, 1 a command was refused, 2 wrong usage, 3 no such node, 4 the router does\n"
    "not answer, 130 ^C.\n";

struct Request {
  std::string user;
  std::string node;
  std::string socket;
  std::vector<std::string> commands;
  bool login = false;
  ProgramPlace programs;  ///< of the router, once it is found
};

bool parse(const std::vector<std::string>& arguments, Request& request) {
  for (size_t i = 0; i < arguments.size(); ++i) {
    const std::string& word = arguments[i];
    const bool last = i + 1 == arguments.size();
    if (word == "-c" && !last) {
      request.commands.push_back(arguments[++i]);
    } else if (word == "--login") {
      request.login = true;
    } else if (word == "--user" && !last) {
      request.user = arguments[++i];
    } else if (word == "--socket" && !last) {
      request.socket = arguments[++i];
    } else if (word.starts_with('-') || !request.node.empty()) {
      return false;
    } else {
      request.node = word;
    }
  }
  return true;
}

// Where the router listens; "" with the reason in `error`.
std::string socket_of(Request& request, std::string& error) {
  if (!request.socket.empty()) return request.socket;
  request.programs.known = true;
  if (request.login) return kUsersSocket;
  if (request.node.empty()) {
    if (std::filesystem::exists(kOwnSocket)) return kOwnSocket;
    error = "which node? nezu cli NODE, or nezu cli LAB/NODE; 'nezu lab list' has them";
    return "";
  }
  Node node;
  if (!find_node(request.node, node, error)) return "";
  request.programs.node = node;
  if (node.router()) return node.run() + "/mgmt.sock";
  error = "node '" + request.node + "' is a host, not a router: nezu exec " + request.node +
          " -- COMMAND";
  return "";
}

// A command that is refused is no failure of ssh.
int run_asked(Client& client, const char* command) {
  const int status = run_commands(client, {command});
  return status == kRefused ? kFine : status;
}

int complain(const std::string& message, Status status) {
  fprintf(stderr, "nezu: %s\n", message.c_str());
  return status;
}
}  // namespace

int shell(const std::vector<std::string>& arguments) {
  Request request;
  for (const std::string& word : arguments)
    if (word == "-h" || word == "--help") return fputs(kUsageText, stdout), kFine;
  if (!parse(arguments, request)) return fputs(kUsageText, stderr), kUsage;
  std::string error;
  const std::string socket = socket_of(request, error);
  if (socket.empty()) return complain(error, request.node.empty() ? kUsage : kNoNode);
  signals::install();
  Client client(socket);
  client.act_as(request.user);
  if (const char* by = getenv("SSH_CONNECTION"); by && request.login) client.come_by(by);
  error = client.connect();
  if (!error.empty()) return complain("the router does not answer: " + error, kGone);
  if (!request.commands.empty()) return run_commands(client, request.commands);
  if (const char* asked = getenv("SSH_ORIGINAL_COMMAND"); asked && request.login)
    return run_asked(client, asked);
  if (isatty(STDIN_FILENO) && isatty(STDOUT_FILENO)) return Console(client, request.programs).run();
  return run_script(client, stdin);
}

}  // namespace nezu::cli
