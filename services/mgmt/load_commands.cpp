// load, from a file or the terminal.
#include <filesystem>
#include <fstream>

#include "services/mgmt/context.h"

namespace nezu::mgmt {
namespace {
using Load = configdb::Session::Load;
constexpr size_t kMaxFile = 64 << 20;
const TextType kFile("filename");

// A file's content; an error text if it cannot be had.
std::string read_file(const std::filesystem::path& path, std::string& content) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error))
    return "error: could not open file '" + path.string() + "'\n";
  if (std::filesystem::file_size(path, error) > kMaxFile)
    return "error: file '" + path.string() + "' is too large\n";
  std::ifstream in(path, std::ios::binary);
  if (!in) return "error: could not open file '" + path.string() + "'\n";
  content.assign(std::istreambuf_iterator<char>(in), {});
  return "";
}

// What is read, but for the text.
struct Source {
  Load mode;
  std::string name;  ///< "terminal" or the file's
  grammar::Path level;
};

void load_text(Context& context, const Source& source, std::string_view text, const RunPtr& run) {
  if (!context.candidate()) return run->refuse("error: not in configuration mode\n");
  const auto loading = context.candidate()->load(source.mode, text, source.name, source.level);
  context.save_later();
  run->write(loading.text);
  run->done({loading.errors ? Outcome::Kind::kRefused : Outcome::Kind::kDone});
}

void load_terminal(Context& context, Source source, const RunPtr& run) {
  if (context.terminal().interactive) run->write("[Type ^D at a new line to end input]\n");
  source.name = "terminal";
  context.want_input(run, [&context, source](std::string_view text, const RunPtr& next) {
    load_text(context, source, text, next);
  });
}

void load(Context& context, const Call& call, Load mode) {
  Source source{mode, "", call.says("relative") ? context.base() : grammar::Path()};
  if (call.says("terminal")) return load_terminal(context, source, call.run);
  const std::string* file = call.input("filename");
  if (!file) {
    const Words words = call.run->words();
    return call.run->refuse(
        {grammar::LineProblem::Kind::kMissing, words.size(), "missing argument.", {}}, words);
  }
  std::string content;
  const auto path = std::filesystem::path(context.settings().directory) / *file;
  const std::string error = read_file(path, content);
  if (!error.empty()) return call.run->refuse(error);
  source.name = *file;
  load_text(context, source, content, call.run);
}
}  // namespace

void add_load_commands(LocalCommands& commands) {
  const Argument file = value("filename", "Filename (relative to where the client runs)", kFile);
  const Argument terminal = flag("terminal", "Use login terminal");
  const Argument relative = flag("relative", "Load relative to the current edit level");
  const auto mode = Mode::kConfiguration;
  const auto add = [&](const char* words, const char* help, std::vector<Argument> arguments,
                       Load how) {
    commands.add(
        mode, {.words = words,
               .help = help,
               .arguments = std::move(arguments),
               .handle = [how](Context& context, const Call& call) { load(context, call, how); }});
  };
  commands.describe(mode, "load", "Load configuration from ASCII file");
  add("load merge", "Merge contents with existing configuration", {file, relative, terminal},
      Load::kMerge);
  add("load override", "Override existing configuration", {file, terminal}, Load::kOverride);
  add("load replace", "Replace configuration data", {file, relative, terminal}, Load::kReplace);
  add("load set", "Execute set of commands on existing configuration", {file, relative, terminal},
      Load::kSet);
}

}  // namespace nezu::mgmt
