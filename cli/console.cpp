#include "cli/console.h"

#include <poll.h>
#include <unistd.h>

#include <climits>
#include <cstdio>
#include <cstdlib>
#include <optional>

#include "cli/given_text.h"
#include "cli/hidden_words.h"
#include "cli/pager.h"
#include "cli/shell.h"
#include "cli/signals.h"
#include "services/mgmt/xml_reader.h"

namespace nezu::cli {
namespace {
using mgmt::xml_escape;
constexpr int kRetry = 200;  // milliseconds

void put(std::string_view text) {
  fwrite(text.data(), 1, text.size(), stdout);
  fflush(stdout);
}

// Nothing for a terminal that does not say.
std::string number(const std::string& name, size_t value) {
  if (value == 0) return "";
  return "<" + name + ">" + std::to_string(value) + "</" + name + ">";
}

std::string opening(const Client& client) {
  char directory[PATH_MAX] = "";
  const char* here = getcwd(directory, sizeof directory);
  std::string_view tty = ttyname(STDIN_FILENO) ? ttyname(STDIN_FILENO) : "";
  if (tty.starts_with("/dev/")) tty.remove_prefix(5);
  const char* type = getenv("TERM");
  const std::string user =
      client.user().empty() ? "" : "<user>" + xml_escape(client.user()) + "</user>";
  return user + "<connection>" + xml_escape(client.connection()) + "</connection><directory>" +
         xml_escape(here ? here : "/") + "</directory><tty>" + xml_escape(tty) + "</tty><process>" +
         std::to_string(getpid()) + "</process>" + number("height", Pager::rows()) +
         number("width", Pager::columns()) + "<terminal>" + xml_escape(type ? type : "") +
         "</terminal><programs>yes</programs>";
}
}  // namespace

Console::Console(Client& client, ProgramPlace programs)
    : client_(client),
      programs_(std::move(programs)),
      editor_(keyboard_, [this](std::string_view line, const char* trigger) {
        return complete(line, trigger);
      }) {}

int Console::run() {
  if (!open()) return kGone;
  if (const auto& said = client_.answer().announcement; !said.empty()) put(said + "\n");
  put("--- NEZU " NEZU_VERSION "\n");
  while (!leave_ && !signals::ending()) {
    std::string line;
    switch (editor_.read(asking(), line)) {
      case Editor::Ending::kLine:
        break;
      case Editor::Ending::kInterrupt:
        put("^C\n\n");
        continue;
      case Editor::Ending::kEnd:
        put("exit \n");
        line = "exit";
        break;
      case Editor::Ending::kIdle:
        close_idle();
        return kFine;
      case Editor::Ending::kClosed:
        put("\n");
        return kFine;
      case Editor::Ending::kGone:
        client_.close();
        put("\n");
        if (!reconnect()) return kGone;
        continue;
    }
    if (!command(line) && !reconnect()) return kGone;
    if (!leave_) put("\n");
  }
  return kFine;
}

Editor::Asking Console::asking() const {
  Editor::Asking asking{banner_, prompt_, banner_.empty() ? "operational" : "configuration"};
  asking.watch = client_.descriptor();
  return asking;
}

bool Console::open() {
  if (!client_.send("open", opening(client_)) || client_.finish() != Client::Event::kEnd)
    return false;
  if (const auto& error = client_.answer().error; !error.empty())
    return fprintf(stderr, "nezu: %s\n", error.c_str()), false;
  take_prompt();
  return true;
}

void Console::take_prompt() {
  if (client_.answer().prompt.empty()) return;
  banner_ = client_.answer().banner;
  prompt_ = client_.answer().prompt;
  rows_ = strtoul(client_.answer().rows.c_str(), nullptr, 10);
  keyboard_.set_idle(std::chrono::seconds(strtoul(client_.answer().idle.c_str(), nullptr, 10)));
  editor_.use_terminal(client_.answer().terminal);
}

// False: the server has gone.
bool Console::command(const std::string& line) {
  given_up_ = false;
  return client_.send("execute", "<line>" + xml_escape(line) + "</line>") && converse();
}

// Shows answers until the command has no more to ask.
bool Console::converse() {
  while (show_output()) {
    const Answer answer = client_.answer();
    take_prompt();
    if (!answer.error.empty()) put("error: " + answer.error + "\n");
    leave_ = answer.outcome == "closed";
    if (answer.outcome == "question") {
      if (!ask(answer)) return false;
    } else if (answer.outcome == "input") {
      if (!read_text()) return false;
    } else if (answer.outcome == "program") {
      return run_asked(answer), true;
    } else {
      return true;
    }
    if (leave_ || given_up_) return true;
  }
  return leave_;
}

// Not even a question that is open keeps the session.
void Console::close_idle() {
  put("\nIdle timeout exceeded: closing session\n");
  leave_ = true;
}

void Console::run_asked(const Answer& answer) {
  keyboard_.rest();
  const std::string error = run_program(programs_, answer.words, answer.account);
  keyboard_.wake();
  if (!error.empty()) put("error: " + error + "\n");
}

bool Console::show_output() {
  Pager pager(keyboard_, client_, rows_);
  switch (pager.run()) {
    case Pager::Ending::kSeen:
      return true;
    case Pager::Ending::kGone:
      return false;
    case Pager::Ending::kIdle:
      close_idle();
      return false;
    case Pager::Ending::kLeft:
      break;
  }
  client_.interrupt();
  return client_.finish() == Client::Event::kEnd;
}

bool Console::ask(const Answer& answer) {
  std::string words;
  const auto ending = answer.hidden()
                          ? read_hidden(keyboard_, answer.question, words)
                          : editor_.read({"", answer.question, "", Editor::Kind::kText, -1}, words);
  if (ending == Editor::Ending::kIdle) return close_idle(), true;
  if (ending == Editor::Ending::kInterrupt) put("^C\n");
  if (ending == Editor::Ending::kEnd && !answer.hidden()) put("\n");
  const bool given = ending == Editor::Ending::kLine;
  // A password that is not given is no password: the question is left open, and forgotten.
  given_up_ = answer.hidden() && !given;
  return given_up_ || client_.send("answer", xml_escape(given ? words : "no"));
}

// Lines up to ^D, for `load … terminal`. If they do not come to that end nothing is loaded, not
// even an empty text: `load override` of that would delete everything.
bool Console::read_text() {
  GivenText text;
  std::string line;
  const auto read = [&] { return editor_.read({"", "", "", Editor::Kind::kText, -1}, line); };
  auto ending = read();
  for (; ending == Editor::Ending::kLine; ending = read()) text.add(line + "\n");
  if (ending == Editor::Ending::kIdle) return close_idle(), true;
  if (ending == Editor::Ending::kInterrupt) put("^C\n");
  if (text.too_long()) put(GivenText::kTooLong);
  given_up_ = text.too_long() || ending != Editor::Ending::kEnd;
  return given_up_ || client_.send("input", text.escaped());
}

Completed Console::complete(std::string_view line, const char* trigger) {
  std::string output, text;
  const bool sent = client_.send(
      "complete", "<line>" + xml_escape(line) + "</line><trigger>" + trigger + "</trigger>");
  while (sent) {
    const auto event = client_.next(text);
    if (event == Client::Event::kText) output += text;
    if (event == Client::Event::kEnd) return {client_.answer().insert, output};
    if (event == Client::Event::kGone || signals::ending()) break;
    if (event == Client::Event::kSignal) signals::take_interrupt();
  }
  return {};
}

bool Console::reconnect() {
  if (signals::ending()) return false;
  const bool configuring = !banner_.empty();
  put("The routing engine went away; reconnecting (^C to give up) ...\n");
  while (!client_.connect().empty() || !open()) {
    pollfd ready{signals::descriptor(), POLLIN, 0};
    poll(&ready, 1, kRetry);
    if (signals::take_interrupt() || signals::ending()) return false;
  }
  put(configuring ? "Reconnected, in operational mode.\n\n" : "Reconnected.\n\n");
  return true;
}

}  // namespace nezu::cli
