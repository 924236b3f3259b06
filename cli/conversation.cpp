#include "cli/conversation.h"

#include <unistd.h>

#include <climits>

#include "cli/signals.h"
#include "services/mgmt/xml_reader.h"

namespace nezu::cli {
using mgmt::xml_escape;

std::string opening(const Client& client, bool interactive) {
  char directory[PATH_MAX] = "";
  const char* here = getcwd(directory, sizeof directory);
  const std::string user =
      client.user().empty() ? "" : "<user>" + xml_escape(client.user()) + "</user>";
  return user + "<connection>" + xml_escape(client.connection()) + "</connection><process>" +
         std::to_string(getpid()) + "</process><directory>" + xml_escape(here ? here : "/") +
         "</directory><interactive>" + (interactive ? "true" : "false") + "</interactive>";
}

Said Conversation::open(bool interactive) {
  return ask("open", opening(client_, interactive));
}

Said Conversation::execute(const std::string& line) {
  return ask("execute", "<line>" + xml_escape(line) + "</line>");
}

Said Conversation::answer(const std::string& words) {
  return ask("answer", xml_escape(words));
}

Said Conversation::input(const std::string& text) {
  return ask("input", xml_escape(text));
}

Said Conversation::help(const std::string& line) {
  return ask("complete", "<line>" + xml_escape(line) + "</line><trigger>question</trigger>");
}

Said Conversation::ask(const char* name, const std::string& content) {
  Said said;
  said.gone = !client_.send(name, content);
  for (std::string piece; !said.gone;) {
    const auto event = client_.next(piece);
    if (event == Client::Event::kText && said.output.size() < Said::kMost) said.output += piece;
    if (event == Client::Event::kEnd) break;
    said.gone = event == Client::Event::kGone || signals::ending();
    if (event != Client::Event::kSignal || !signals::take_interrupt() || said.stopped) continue;
    said.stopped = true;
    client_.interrupt();
  }
  said.answer = client_.answer();
  if (!said.answer.error.empty()) said.output += "error: " + said.answer.error + "\n";
  return said;
}

}  // namespace nezu::cli
