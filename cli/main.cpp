// nezu: what people type.
#include <cstdio>
#include <string>
#include <vector>

#include "cli/console_login.h"
#include "cli/exec.h"
#include "cli/lab.h"
#include "cli/replay.h"
#include "cli/shell.h"

namespace {

constexpr char kUsage[] =
    "usage: nezu cli [NODE|LAB/NODE] [-c COMMAND]...          the command line of a router\n"
    "       nezu console NODE|LAB/NODE                        its console, which asks who is "
    "there\n"
    "       nezu lab up|down|list|check ...                   labs of routers and hosts\n"
    "       nezu exec [--wires] NODE|LAB/NODE [--] COMMAND... a program inside a node\n"
    "       nezu replay [OPTION]... FILE...                   configurations and recorded "
    "sessions\n"
    "'nezu COMMAND --help' says more.\n";

int help(FILE* to, int status) {
  fputs(kUsage, to);
  return status;
}

}  // namespace

int main(int count, char** values) {
  const std::vector<std::string> words(values + 1, values + count);
  // As the shell of a router's user: "-nezu", or "nezu -c COMMAND" by sshd, whose command is ours.
  const bool is_shell = values[0][0] == '-' || (words.size() == 2 && words[0] == "-c");
  if (is_shell) return nezu::cli::shell({"--login"});
  if (words.empty()) return help(stderr, 2);
  const std::vector<std::string> rest(words.begin() + 1, words.end());
  if (words[0] == "lab") return nezu::cli::lab(rest);
  if (words[0] == "exec") return nezu::cli::exec(rest);
  if (words[0] == "console") return nezu::cli::console(rest);
  if (words[0] == "cli") return nezu::cli::shell(rest);
  if (words[0] == "replay") return nezu::cli::replay(rest);
  if (words[0] == "help" || words[0] == "--help" || words[0] == "-h") return help(stdout, 0);
  fprintf(stderr, "nezu: unknown command '%s'\n", words[0].c_str());
  return help(stderr, 2);
}
