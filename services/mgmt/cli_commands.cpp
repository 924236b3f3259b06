// What concerns the terminal: set cli, show cli, and leaving.
#include <ctime>
#include <filesystem>

#include "services/mgmt/context.h"

namespace nezu::mgmt {
namespace {
using grammar::Choice;

constexpr size_t kLeastColumns = 40;
constexpr char kStampFormat[] = "%b %d %T";

const WordType kOnOff(std::vector<Choice>{{"off", "Disable"}, {"on", "Enable"}});
const WordType kTerminals(std::vector<Choice>{{"ansi", "ANSI-compatible terminal"},
                                              {"small-xterm", "Small xterm window"},
                                              {"unknown", "A terminal without any control"},
                                              {"vt100", "VT100-compatible terminal"},
                                              {"xterm", "Large xterm window"}});
const TextType kName("name");
const TextType kPrompt("prompt");
const TextType kDirectory("directory");
const TextType kFormat("format");
const NumberType kLines("length", 0, 100000);
const NumberType kColumns("width", 0, 1024);
const NumberType kMinutes("minutes", 0, 35791);  // in milliseconds, an int of the terminal
const NumberType kCount("count", 0, CliHistory::kMostLines);

void say(const Call& call, const std::string& text) {
  call.run->write(text + "\n");
  call.run->done();
}

void screen_length(Context& context, const Call& call) {
  const size_t length = context.settings().screen_length = call.number("screen-length", 0);
  say(call, "Screen length set to " + std::to_string(length));
}

void screen_width(Context& context, const Call& call) {
  const size_t width = call.number("screen-width", 0);
  if (width > 0 && width < kLeastColumns)
    return call.run->refuse("error: screen width must be 0, or at least " +
                            std::to_string(kLeastColumns) + "\n");
  context.settings().screen_width = width;
  context.settings().width_set = true;
  say(call, "Screen width set to " + std::to_string(width));
}

void complete_on_space(Context& context, const Call& call) {
  const bool on = *call.input("complete-on-space") == "on";
  context.settings().complete_on_space = on;
  say(call, on ? "Enabling complete-on-space" : "Disabling complete-on-space");
}

std::string idle_text(size_t minutes) {
  return minutes ? "set to " + std::to_string(minutes) + " minutes" : "disabled";
}

void idle_timeout(Context& context, const Call& call) {
  context.settings().idle_minutes = call.number("idle-timeout", 0);
  say(call, "Idle timeout " + idle_text(context.idle_minutes()));
}

std::string stamp_text(const std::string& format) {
  return "CLI timestamp " + (format.empty() ? "disabled" : "set to: " + format);
}

void timestamp(Context& context, const Call& call) {
  const std::string* format = call.input("format");
  context.settings().timestamp = call.says("disable") ? "" : format ? *format : kStampFormat;
  say(call, stamp_text(context.settings().timestamp));
}

// The new prompt says itself that it is in force.
void prompt(Context& context, const Call& call) {
  std::string text = *call.input("prompt");
  for (char& byte : text)
    if (static_cast<unsigned char>(byte) < ' ' || byte == 0x7F) byte = ' ';
  if (!text.empty() && !text.ends_with(' ')) text += ' ';
  context.settings().prompt = std::move(text);
  call.run->done();
}

void terminal(Context& context, const Call& call) {
  context.settings().terminal = *call.input("terminal");
  call.run->done();
}

std::string directory_of(const Context& context) {
  return context.files().directory(context.settings().directory);
}

void show_directory(Context& context, const Call& call) {
  say(call, "Current directory: " + directory_of(context));
}

void directory(Context& context, const Call& call) {
  const std::string& name = *call.input("directory");
  const UserFiles::Place place = context.file(name);
  if (!place.error.empty()) return call.run->refuse("error: " + place.error + "\n");
  std::error_code error;
  if (!std::filesystem::is_directory(place.path, error))
    return call.run->refuse("error: no such directory: " + name + "\n");
  context.settings().directory = context.files().stand_in(directory_of(context), name);
  show_directory(context, call);
}

void logical_system(Context&, const Call& call) {
  call.run->refuse("error: there are no logical systems: this router is one system\n");
}

void show_authorization(Context& context, const Call& call) {
  call.run->write(context.authorization().show());
  call.run->done();
}

void show_cli(Context& context, const Call& call) {
  const CliSettings& now = context.settings();
  std::string text = "CLI complete-on-space set to ";
  text += now.complete_on_space ? "on\n" : "off\n";
  text += "CLI idle-timeout " + idle_text(context.idle_minutes()) + "\n";
  text += "CLI screen-length set to " + std::to_string(now.screen_length) + "\n";
  text += "CLI screen-width set to " + std::to_string(now.screen_width) + "\n";
  text += "CLI terminal is '" + now.terminal + "'\n";
  text += stamp_text(now.timestamp) + "\n";
  say(call, text + "CLI working directory is '" + directory_of(context) + "'");
}

std::string clock_of(int64_t seconds) {
  const time_t time = seconds;
  tm parts{};
  localtime_r(&time, &parts);
  char text[16];
  return {text, strftime(text, sizeof text, "%T", &parts)};
}

void show_history(Context& context, const Call& call) {
  const auto& entries = context.history().entries();
  const size_t wanted = std::min(call.number("count", entries.size()), entries.size());
  for (size_t at = entries.size() - wanted; at < entries.size(); ++at)
    call.run->write("  " + clock_of(entries[at].time) + " -- " + entries[at].line + "\n");
  call.run->done();
}

void leave(Context&, const Call& call) {
  call.run->done({Outcome::Kind::kClosed});
}

void add_screen_commands(LocalCommands& commands) {
  const auto mode = Mode::kOperational;
  commands.add(mode, {.words = "set cli screen-length",
                      .help = "Set number of lines on screen",
                      .arguments = {mandatory(value("screen-length", "Number of lines", kLines))},
                      .handle = screen_length});
  commands.add(mode,
               {.words = "set cli screen-width",
                .help = "Set number of characters on a line",
                .arguments = {mandatory(value("screen-width", "Number of characters", kColumns))},
                .handle = screen_width});
  commands.add(mode, {.words = "set cli terminal",
                      .help = "Set terminal type",
                      .arguments = {mandatory(value("terminal", "Type of terminal", kTerminals))},
                      .handle = terminal});
  commands.add(mode, {.words = "set cli prompt",
                      .help = "Set CLI command prompt string",
                      .arguments = {mandatory(value("prompt", "Prompt string", kPrompt))},
                      .handle = prompt});
}

void add_other_settings(LocalCommands& commands) {
  const auto mode = Mode::kOperational;
  commands.add(
      mode,
      {.words = "set cli complete-on-space",
       .help = "Set whether typing space completes the current word",
       .arguments = {mandatory(value("complete-on-space", "Whether space completes", kOnOff))},
       .handle = complete_on_space});
  commands.add(
      mode, {.words = "set cli timestamp",
             .help = "Print the time before the output of each command",
             .arguments = {flag("disable", "Do not print the time of each command"),
                           keyword("format", "Form of the time, as strftime(3) has it", kFormat)},
             .handle = timestamp});
  commands.add(mode,
               {.words = "set cli idle-timeout",
                .help = "Set maximum idle time before the session is closed",
                .arguments = {value("idle-timeout", "Maximum idle time; 0 for none", kMinutes)},
                .handle = idle_timeout});
  commands.add(mode, {.words = "set cli directory",
                      .help = "Set working directory",
                      .arguments = {mandatory(value("directory", "Directory", kDirectory))},
                      .handle = directory});
  commands.add(mode, {.words = "set cli logical-system",
                      .help = "Set the logical system that commands are for; there is none here",
                      .arguments = {mandatory(value("name", "Logical system", kName))},
                      .handle = logical_system});
}

void add_shows(LocalCommands& commands) {
  const auto mode = Mode::kOperational;
  commands.add(
      mode,
      {.words = "show cli", .help = "Show command-line interface settings", .handle = show_cli});
  commands.add(mode, {.words = "show cli authorization",
                      .help = "Show what the user is permitted to do",
                      .handle = show_authorization});
  commands.add(mode, {.words = "show cli directory",
                      .help = "Show the working directory",
                      .handle = show_directory});
  commands.add(mode, {.words = "show cli history",
                      .help = "Show list of previous commands",
                      .arguments = {value("count", "Number of commands to show", kCount)},
                      .handle = show_history});
}
}  // namespace

void add_cli_commands(LocalCommands& commands) {
  const auto mode = Mode::kOperational;
  commands.describe(mode, "set", "Set CLI properties");
  commands.describe(mode, "set cli", "Set command-line interface settings");
  commands.describe(mode, "show", "Show system information");
  commands.add(mode, {.words = "exit", .help = "Exit the management session", .handle = leave});
  commands.add(mode, {.words = "quit", .help = "Exit the management session", .handle = leave});
  add_screen_commands(commands);
  add_other_settings(commands);
  add_shows(commands);
}

}  // namespace nezu::mgmt
