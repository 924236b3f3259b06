// request message: to those who are logged in.
#include "services/mgmt/context.h"

namespace nezu::mgmt {
namespace {
const TextType kText("message");
const TextType kUser("user");
const TextType kTerminal("terminal");

void message(Context& context, const Call& call) {
  const Terminal& from = context.terminal();
  const std::string& text = *call.input("message");
  const std::string *user = call.input("user"), *terminal = call.input("terminal");
  if (call.says("all")) {
    if (user || terminal)
      return call.run->refuse("error: 'all' and a user or terminal cannot be given together\n");
    context.router().broadcast(text, from.user, from.tty);
    return call.run->done();
  }
  if (!user && !terminal) return call.run->refuse("error: all, user or terminal must be given\n");
  const auto wanted = [&](const Terminal& each) {
    return (!user || each.user == *user) && (!terminal || each.tty == *terminal);
  };
  if (!context.router().send(text, from, wanted))
    return call.run->refuse("error: " + (user ? "user '" + *user : "terminal '" + *terminal) +
                            "' is not logged in at a terminal\n");
  call.run->done();
}
}  // namespace

void add_message_commands(LocalCommands& commands) {
  commands.add(Mode::kOperational,
               {.words = "request message",
                .help = "Send text message to other users",
                .arguments = {flag("all", "Send message to all users"),
                              mandatory(keyword("message", "Message text", kText)),
                              keyword("terminal", "Send message to terminal", kTerminal),
                              keyword("user", "Send message to user", kUser)},
                .handle = message});
}

}  // namespace nezu::mgmt
