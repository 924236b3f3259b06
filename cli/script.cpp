#include "cli/script.h"

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <optional>

#include "cli/conversation.h"
#include "cli/given_text.h"
#include "cli/hidden_words.h"
#include "cli/shell.h"
#include "cli/signals.h"
#include "services/mgmt/xml_reader.h"

namespace nezu::cli {
namespace {
using mgmt::xml_escape;

constexpr unsigned long kMostIdle = 1'000'000'000;  // seconds

void close_idle(int) {
  constexpr char kText[] = "nezu: Idle timeout exceeded: closing session\n";
  [[maybe_unused]] const ssize_t done = write(STDERR_FILENO, kText, sizeof kText - 1);
  _exit(kGone);
}

// With its end. The program ends if none comes for as long as a session may be idle.
bool whole_line(const Client& client, FILE* lines, std::string& line) {
  signal(SIGALRM, close_idle);
  const unsigned long seconds = strtoul(client.answer().idle.c_str(), nullptr, 10);
  alarm(static_cast<unsigned>(std::min(seconds, kMostIdle)));  // 0: never
  char* text = nullptr;
  size_t room = 0;
  const ssize_t length = getline(&text, &room, lines);
  alarm(0);
  const std::unique_ptr<char, decltype(&free)> owner(text, &free);
  if (length < 0) return false;
  line.assign(text, static_cast<size_t>(length));
  return true;
}

GivenText rest_of(const Client& client, FILE* lines) {
  GivenText text;
  for (std::string line; whole_line(client, lines, line);) text.add(line);
  return text;
}

bool next_line(const Client& client, FILE* lines, std::string& line) {
  if (!whole_line(client, lines, line)) return false;
  line.erase(line.find_last_not_of("\r\n") + 1);
  return true;
}

// Prints the answer under way; `stopped`: ^C came meanwhile.
Client::Event print(Client& client, bool& stopped) {
  std::string text;
  while (true) {
    const auto event = client.next(text);
    if (event == Client::Event::kText) fwrite(text.data(), 1, text.size(), stdout);
    if (event == Client::Event::kEnd) fflush(stdout);
    if (event == Client::Event::kEnd || event == Client::Event::kGone) return event;
    if (event == Client::Event::kSignal && signals::ending()) return Client::Event::kGone;
    if (event == Client::Event::kSignal && signals::take_interrupt()) {
      stopped = true;
      client.interrupt();
    }
  }
}

Status refused(const Client& client) {
  fprintf(stderr, "nezu: %s\n", client.answer().error.c_str());
  return kRefused;
}

Status gone() {
  fprintf(stderr, "nezu: the router went away\n");
  return kGone;
}

// A password, which no terminal shows. nullopt: none is given.
std::optional<std::string> hidden_words(const Answer& asked, Keyboard& keyboard) {
  std::string words;
  switch (read_hidden(keyboard, asked.question, words)) {
    case Editor::Ending::kLine:
      return words;
    case Editor::Ending::kInterrupt:
      puts("^C");
      [[fallthrough]];
    default:
      return std::nullopt;
  }
}

// One for all questions of a command: what is typed ahead is for the next.
using Keys = std::optional<Keyboard>;

// What Enter alone means; but a password is the next line.
std::optional<std::string> answer_to(const Client& client, FILE* lines, Keys& keys) {
  const Answer& asked = client.answer();
  if (asked.hidden() && isatty(fileno(lines)))
    return hidden_words(asked, keys ? *keys : keys.emplace());
  printf("%s%s\n", asked.question.c_str(), asked.standard.c_str());
  std::string words = asked.standard;
  if (asked.hidden()) next_line(client, lines, words);
  return words;
}

// One command with whatever it asks for, which `lines` has.
Status run(Client& client, const std::string& line, FILE* lines) {
  if (!client.send("execute", "<line>" + xml_escape(line) + "</line>")) return gone();
  bool stopped = false;
  Keys keys;
  while (print(client, stopped) == Client::Event::kEnd) {
    if (stopped) return kStopped;
    const Answer answer = client.answer();
    if (!answer.error.empty()) printf("error: %s\n", answer.error.c_str());
    bool sent = true;
    if (answer.outcome == "question") {
      const auto words = answer_to(client, lines, keys);
      if (!words) return kStopped;  // the question is left open, and forgotten
      sent = client.send("answer", xml_escape(*words));
    } else if (answer.outcome == "input") {
      keys.reset();
      const GivenText text = rest_of(client, lines);
      if (text.too_long()) return fputs(GivenText::kTooLong, stdout), kRefused;
      sent = client.send("input", text.escaped());
    } else {
      return answer.outcome == "done" || answer.outcome == "closed" ? kFine : kRefused;
    }
    if (!sent) break;
  }
  return gone();
}

}  // namespace

int run_commands(Client& client, const std::vector<std::string>& commands) {
  if (!client.send("open", opening(client, false)) || client.finish() != Client::Event::kEnd)
    return gone();
  if (!client.answer().error.empty()) return refused(client);
  for (const std::string& command : commands) {
    const Status status = run(client, command, stdin);
    if (status != kFine) return status;
    if (client.answer().outcome == "closed") break;
  }
  return kFine;
}

int run_script(Client& client, FILE* lines) {
  if (!client.send("open", opening(client, false)) || client.finish() != Client::Event::kEnd)
    return gone();
  if (!client.answer().error.empty()) return refused(client);
  Status worst = kFine;
  for (std::string line; next_line(client, lines, line);) {
    const Status status = run(client, line, lines);
    if (status == kGone || status == kStopped) return status;
    if (status != kFine) worst = status;
    if (client.answer().outcome == "closed") break;
  }
  return worst;
}

}  // namespace nezu::cli
