#include "cli/console_login.h"

#include <crypt.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <sstream>
#include <thread>

#include "cli/client.h"
#include "cli/console.h"
#include "cli/editor.h"
#include "cli/hidden_words.h"
#include "cli/node.h"
#include "cli/shell.h"
#include "cli/signals.h"

namespace nezu::cli {
namespace {
constexpr char kUsageText[] =
    "usage: nezu console NODE|LAB/NODE\n"
    "The console of a router: asks for a user of its configuration and his password, and gives "
    "him\n"
    "the command line; then for the next. Root needs no password before one is configured.\n"
    "^D at 'login:' ends it.\n";
constexpr unsigned long kMostRounds = 1'000'000;
// Takes as long as a real one, so that nobody sees which users there are.
constexpr char kNobody[] =
    "$6$nobody$"
    "1111111111111111111111111111111111111111111111111111111111111111111111111111111111111.";

void put(const std::string& text) {
  fwrite(text.data(), 1, text.size(), stdout);
  fflush(stdout);
}

std::string content(const std::string& path) {
  std::stringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

/// What the router says of who may come in: its /run/accounts.
class Door {
 public:
  explicit Door(const Node& node)
      : place_("/proc/" + std::to_string(node.pid()) + "/root/run/accounts/") {}

  bool exists() const { return std::filesystem::exists(place_ + "shadow"); }
  std::string message() const { return content(place_ + "message"); }

  /// Of crypt(3); "*": he has no password; "": he is not there.
  std::string hash_of(const std::string& user) const {
    std::istringstream lines(content(place_ + "shadow"));
    for (std::string line; std::getline(lines, line);)
      if (line.starts_with(user + ":"))
        return line.substr(user.size() + 1, line.find(':', user.size() + 1) - user.size() - 1);
    return "";
  }
  /// Nothing is configured that root could prove himself with.
  bool is_open() const {
    return hash_of("root") == "*" && !std::filesystem::exists(place_ + "keys/root");
  }

  struct Patience {
    int tries = 3, threshold = 2, factor = 5;
  };
  Patience patience() const {
    Patience patience;
    std::istringstream(content(place_ + "retry")) >> patience.tries >> patience.threshold >>
        patience.factor;
    return patience;
  }

 private:
  std::string place_;
};

/// One console: `login:` again and again.
class LoginPrompt {
 public:
  LoginPrompt(const Node& node, const Door& door)
      : node_(node),
        door_(door),
        editor_(keyboard_, [](std::string_view, const char*) { return Completed{}; }) {}

  int run() {
    for (;;) {
      put("\n" + door_.message() + "\n" + node_.name + " (console)\n\n");
      const auto user = log_in();
      if (!user) return kFine;
      if (user->empty()) return kRefused;
      const int status = serve(*user);
      if (status != kFine || signals::ending()) return status;
    }
  }

 private:
  // nullopt: nobody is there any more; "": too many wrong passwords.
  std::optional<std::string> log_in() {
    const Door::Patience patience = door_.patience();
    for (int wrong = 0; wrong < patience.tries;) {
      std::string user, password;
      const auto named = editor_.read({"", "login: ", "", Editor::Kind::kText, -1}, user);
      if (named == Editor::Ending::kInterrupt) put("\n");
      if (named != Editor::Ending::kLine && named != Editor::Ending::kInterrupt) return {};
      if (named != Editor::Ending::kLine || user.empty()) continue;
      if (user == "root" && door_.is_open()) return user;
      const auto given = read_hidden(keyboard_, "Password:", password);
      if (given != Editor::Ending::kLine && given != Editor::Ending::kInterrupt) return {};
      const std::string hash = door_.hash_of(user);
      const bool right = is_password(password, hash.empty() ? kNobody : hash) && !hash.empty();
      if (right && given == Editor::Ending::kLine) return user;
      put("Login incorrect\n");
      rest(++wrong, patience);
    }
    return "";
  }

  // Each try after the first few takes longer.
  static void rest(int wrong, const Door::Patience& patience) {
    const int beyond = std::max(0, wrong - patience.threshold + 1);
    std::this_thread::sleep_for(std::chrono::seconds(beyond * patience.factor));
  }

  int serve(const std::string& user) {
    Client client(node_.run() + "/mgmt.sock");
    client.act_as(user);
    if (const std::string error = client.connect(); !error.empty())
      return fprintf(stderr, "nezu: the router does not answer: %s\n", error.c_str()), kGone;
    return Console(client, {true, node_}).run();
  }

  const Node& node_;
  const Door& door_;
  Keyboard keyboard_;
  Editor editor_;
};
}  // namespace

bool is_password(const std::string& password, const std::string& hash) {
  if (hash.empty() || hash[0] != '$') return false;
  if (const size_t at = hash.find("rounds="); at != hash.npos) {
    unsigned long rounds = kMostRounds + 1;
    const char* digits = hash.data() + at + sizeof "rounds=" - 1;
    std::from_chars(digits, hash.data() + hash.size(), rounds);
    if (rounds > kMostRounds) return false;
  }
  const auto work = std::make_unique<crypt_data>();
  const char* made = crypt_r(password.c_str(), hash.c_str(), work.get());
  return made && made[0] == '$' && made == hash;
}

int console(const std::vector<std::string>& arguments) {
  const bool help = arguments.size() == 1 && (arguments[0] == "-h" || arguments[0] == "--help");
  if (help) return fputs(kUsageText, stdout), kFine;
  if (arguments.size() != 1 || arguments[0].starts_with('-'))
    return fputs(kUsageText, stderr), kUsage;
  const auto complain = [](const std::string& words, Status status) {
    return fprintf(stderr, "nezu console: %s\n", words.c_str()), status;
  };
  Node node;
  std::string error;
  if (!find_node(arguments[0], node, error)) return complain(error, kNoNode);
  if (!node.router()) return complain("node '" + arguments[0] + "' is no router", kNoNode);
  const Door door(node);
  if (!node.pid() || !door.exists()) return complain("the router is not running", kGone);
  if (!isatty(STDIN_FILENO)) return complain("a console needs a terminal", kUsage);
  signals::install();
  return LoginPrompt(node, door).run();
}

}  // namespace nezu::cli
