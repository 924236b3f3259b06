// monitor: new lines of the log at the prompt.
#include <algorithm>

#include "services/mgmt/context.h"

namespace nezu::mgmt {
namespace {
const TextType kFile("filename");

// Lines come for ever: what waits for the last, or writes a file, has no place behind them.
bool passes_lines(const Pipeline& pipeline) {
  return std::all_of(pipeline.filters.begin(), pipeline.filters.end(), [](const auto& stage) {
    return stage.word == "match" || stage.word == "except" || stage.word == "trim" ||
           stage.word == "find";
  });
}

void start(Context& context, const Call& call) {
  LogMonitor* monitor = context.monitor();
  if (!monitor)
    return call.run->refuse("error: there is no terminal that the lines could come to\n");
  if (!passes_lines(call.run->pipeline()))
    return call.run->refuse("error: only match, except, find and trim may follow\n");
  std::string wrong;
  const std::string error = monitor->start(*call.input("filename"), [&](const grammar::Sink& sink) {
    return build(
        call.run->pipeline(), sink, [] {}, context.surroundings(), wrong);
  });
  if (!error.empty()) return call.run->refuse(error);
  if (!wrong.empty()) return call.run->refuse("error: " + wrong + "\n");
  call.run->done();
}

void stop(Context& context, const Call& call) {
  LogMonitor* monitor = context.monitor();
  const std::string* name = call.input("filename");
  const bool stopped = monitor && monitor->stop(name ? *name : "");
  if (name && !stopped) return call.run->refuse("error: file is not monitored: " + *name + "\n");
  call.run->done();
}

void list(Context& context, const Call& call) {
  if (LogMonitor* monitor = context.monitor()) call.run->write(monitor->list());
  call.run->done();
}

Argument file(const char* help) {
  Argument made = value("filename", help, kFile);
  made.live_names = "log-file";
  return made;
}
}  // namespace

void add_monitor_commands(LocalCommands& commands) {
  const auto mode = Mode::kOperational;
  commands.describe(mode, "monitor", "Show real-time debugging information");
  commands.add(
      mode,
      {.words = "monitor list", .help = "Show files that are being monitored", .handle = list});
  commands.add(mode, {.words = "monitor start",
                      .help = "Start showing log file in real time",
                      .arguments = {mandatory(file("Name of log file"))},
                      .handle = start});
  commands.add(mode, {.words = "monitor stop",
                      .help = "Stop showing log file, or all, in real time",
                      .arguments = {file("Name of log file")},
                      .handle = stop});
}

}  // namespace nezu::mgmt
