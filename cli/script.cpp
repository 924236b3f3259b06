#include "cli/script.h"

#include <unistd.h>

#include <cstdlib>
#include <memory>
#include <optional>

#include "cli/conversation.h"
#include "cli/hidden_words.h"
#include "cli/shell.h"
#include "cli/signals.h"
#include "services/mgmt/xml_reader.h"

namespace nezu::cli {
namespace {
using mgmt::xml_escape;

std::string rest_of(FILE* lines) {
  std::string text;
  char piece[4096];
  for (size_t got; (got = fread(piece, 1, sizeof piece, lines)) > 0;) text.append(piece, got);
  return text;
}

bool next_line(FILE* lines, std::string& line) {
  char* text = nullptr;
  size_t room = 0;
  const ssize_t length = getline(&text, &room, lines);
  const std::unique_ptr<char, decltype(&free)> owner(text, &free);
  if (length < 0) return false;
  line.assign(text, static_cast<size_t>(length));
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
std::optional<std::string> answer_to(const Answer& asked, FILE* lines, Keys& keys) {
  if (asked.hidden() && isatty(fileno(lines)))
    return hidden_words(asked, keys ? *keys : keys.emplace());
  printf("%s%s\n", asked.question.c_str(), asked.standard.c_str());
  std::string words = asked.standard;
  if (asked.hidden()) next_line(lines, words);
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
      const auto words = answer_to(answer, lines, keys);
      if (!words) return kStopped;  // the question is left open, and forgotten
      sent = client.send("answer", xml_escape(*words));
    } else if (answer.outcome == "input") {
      keys.reset();
      sent = client.send("input", xml_escape(rest_of(lines)));
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
  for (std::string line; next_line(lines, line);) {
    const Status status = run(client, line, lines);
    if (status == kGone || status == kStopped) return status;
    if (status != kFine) worst = status;
    if (client.answer().outcome == "closed") break;
  }
  return worst;
}

}  // namespace nezu::cli
