#include "cli/program.h"

#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "cli/signals.h"
#include "cli/telnet.h"

namespace nezu::cli {
namespace {
constexpr int kTold = 125;            // the child has said what is wrong
constexpr uid_t kFirstPerson = 1000;  // those below are the machine's own accounts
constexpr useconds_t kWakeMicroseconds = 100'000;

int complain(const std::string& text) {
  fprintf(stderr, "error: %s\n", text.c_str());
  return kTold;
}

void mind(void (*handler)(int)) {
  for (const int signal : {SIGINT, SIGQUIT, SIGTSTP}) ::signal(signal, handler);
}

// Nothing of the caller's goes to the program of a user, and no program can make him another.
bool become(const std::string& account) {
  if (account == "root" && geteuid() == 0) return true;
  const char* type = getenv("TERM");
  const std::string kept = type ? type : "vt100";
  clearenv();
  setenv("TERM", kept.c_str(), 1);
  setenv("PATH", "/usr/bin:/bin", 1);
  setenv("HOME", "/", 1);
  setenv("USER", account.c_str(), 1);
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return false;
  const passwd* entry = getpwnam(account.c_str());
  if (!entry || (account != "root" && entry->pw_uid < kFirstPerson)) return false;
  if (geteuid() != 0) return geteuid() == entry->pw_uid;
  return setgroups(0, nullptr) == 0 && setgid(entry->pw_gid) == 0 && setuid(entry->pw_uid) == 0;
}

int execute(const std::vector<std::string>& words) {
  if (words[0] == "telnet") return telnet({words.begin() + 1, words.end()});
  std::vector<char*> command;
  for (const std::string& word : words) command.push_back(const_cast<char*>(word.c_str()));
  command.push_back(nullptr);
  execvp(command[0], command.data());
  return complain(words[0] + ": " + strerror(errno));
}

bool in_background() {
  const pid_t foreground = tcgetpgrp(STDIN_FILENO);
  return foreground > 0 && foreground != getpgrp();
}

// A program that stops itself goes on, at the latest when we have the terminal again: nobody else
// could wake it.
int wait_for(pid_t child) {
  int status = 0;
  for (;;) {
    if (waitpid(child, &status, WUNTRACED) < 0) {
      if (errno != EINTR) return kTold;
    } else if (!WIFSTOPPED(status)) {
      return exit_status(status);
    } else {
      while (in_background()) usleep(kWakeMicroseconds);
      kill(child, SIGCONT);
    }
  }
}

// In a process of its own, since it does not come back from where it goes; the one below it has
// the router's numbers of processes.
int go(const ProgramPlace& place, const std::vector<std::string>& words,
       const std::string& account) {
  std::string error;
  if (place.node && !enter(*place.node, Network::kNode, error)) return complain(error);
  if (chdir("/") != 0) return complain(strerror(errno));
  for (const int signal : {SIGTERM, SIGHUP, SIGWINCH, SIGPIPE}) ::signal(signal, SIG_DFL);
  const pid_t child = fork();
  if (child < 0) return complain(strerror(errno));
  if (child > 0) return mind(SIG_IGN), wait_for(child);
  mind(SIG_DFL);
  if (!become(account)) return complain("user " + account + " has no account on the router");
  prctl(PR_SET_PDEATHSIG, SIGHUP);  // forgotten when one becomes somebody else
  return execute(words);
}
}  // namespace

std::string run_program(const ProgramPlace& place, const std::vector<std::string>& words,
                        const std::string& account) {
  if (!place.known || words.empty())
    return "where the router's programs run is not known here: name the node, 'nezu cli NODE'";
  fflush(nullptr);
  const pid_t child = fork();
  if (child < 0) return strerror(errno);
  if (child == 0) {
    prctl(PR_SET_PDEATHSIG, SIGHUP);
    _exit(go(place, words, account));
  }
  const auto quit = ::signal(SIGQUIT, SIG_IGN);  // a key that ends the program, not us
  wait_for(child);
  ::signal(SIGQUIT, quit);
  signals::take_interrupt();  // it was the program's
  return "";
}

}  // namespace nezu::cli
