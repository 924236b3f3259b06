// What concerns the terminal: set cli, show cli, and leaving.
#include "services/mgmt/context.h"

namespace nezu::mgmt {
namespace {
const WordType kOnOff(std::vector<grammar::Choice>{{"off", "Disable"}, {"on", "Enable"}});
const WordType kTimestamp(std::vector<grammar::Choice>{
    {"disable", "Do not print the time of each command"}});
const NumberType kLines("length", 0, 100000);
const NumberType kColumns("width", 0, 1024);

void screen_length(Context& context, const Call& call) {
  CliSettings& settings = context.settings();
  settings.screen_length = call.number("screen-length", 0);
  settings.pager = settings.screen_length > 0;
  call.run->write("Screen length set to " + std::to_string(settings.screen_length) + "\n");
  call.run->done();
}

void screen_width(Context& context, const Call& call) {
  context.settings().screen_width = call.number("screen-width", 0);
  call.run->write("Screen width set to " + std::to_string(context.settings().screen_width) + "\n");
  call.run->done();
}

void complete_on_space(Context& context, const Call& call) {
  const bool on = *call.input("complete-on-space") == "on";
  context.settings().complete_on_space = on;
  call.run->write(on ? "Enabling complete-on-space\n" : "Disabling complete-on-space\n");
  call.run->done();
}

void timestamp(Context&, const Call& call) {
  call.run->done();  // off is what it is
}

void show_cli(Context& context, const Call& call) {
  const CliSettings& settings = context.settings();
  call.run->write(settings.complete_on_space ? "CLI complete-on-space set to on\n"
                                             : "CLI complete-on-space set to off\n");
  call.run->write("CLI screen-length set to " + std::to_string(settings.screen_length) + "\n");
  call.run->write("CLI screen-width set to " + std::to_string(settings.screen_width) + "\n");
  call.run->done();
}

void leave(Context&, const Call& call) {
  call.run->done({Outcome::Kind::kClosed});
}
}  // namespace

void add_cli_commands(LocalCommands& commands) {
  const auto mode = Mode::kOperational;
  commands.describe(mode, "set", "Set CLI properties");
  commands.describe(mode, "set cli", "Set command-line interface settings");
  commands.describe(mode, "show", "Show system information");
  commands.add(mode, {.words = "exit", .help = "Exit the management session", .handle = leave});
  commands.add(mode, {.words = "quit", .help = "Exit the management session", .handle = leave});
  commands.add(mode, {.words = "set cli screen-length",
                      .help = "Set number of lines on screen",
                      .arguments = {mandatory(value("screen-length", "Number of lines", kLines))},
                      .handle = screen_length});
  commands.add(mode,
               {.words = "set cli screen-width",
                .help = "Set number of characters on a line",
                .arguments = {mandatory(value("screen-width", "Number of characters", kColumns))},
                .handle = screen_width});
  commands.add(
      mode,
      {.words = "set cli complete-on-space",
       .help = "Set whether typing space completes the current word",
       .arguments = {mandatory(value("complete-on-space", "Whether space completes", kOnOff))},
       .handle = complete_on_space});
  commands.add(mode, {.words = "set cli timestamp",
                      .help = "Set the time stamp of commands",
                      .arguments = {mandatory(value("timestamp", "What to print", kTimestamp))},
                      .handle = timestamp});
  commands.add(
      mode,
      {.words = "show cli", .help = "Show command-line interface settings", .handle = show_cli});
}

}  // namespace nezu::mgmt
