// load and save: configuration from and to a file or the terminal.
#include <algorithm>

#include "configdb/factory.h"
#include "configdb/text.h"
#include "services/mgmt/context.h"
#include "services/mgmt/readable_file.h"
#include "services/mgmt/written_file.h"

namespace nezu::mgmt {
namespace {
using Load = configdb::Session::Load;
const TextType kFile("filename");

// What is read, but for the text.
struct Source {
  Load mode;
  grammar::TextForm form;
  std::string name;  ///< "terminal" or the file's
  grammar::Path level;
};

void load_text(Context& context, const Source& source, std::string_view text, const RunPtr& run) {
  if (!context.candidate()) return run->refuse("error: not in configuration mode\n");
  const auto loading =
      context.candidate()->load(source.mode, text, source.name, source.level, source.form);
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

grammar::TextForm form_of(const Call& call) {
  if (call.says("json")) return grammar::TextForm::kJson;
  return call.says("xml") ? grammar::TextForm::kXml : grammar::TextForm::kAny;
}

void missing_argument(const RunPtr& run) {
  const Words words = run->words();
  run->refuse({grammar::LineProblem::Kind::kMissing, words.size(), "missing argument.", {}}, words);
}

void load(Context& context, const Call& call, Load mode) {
  Source source{mode, form_of(call), "", call.says("relative") ? context.base() : grammar::Path()};
  if (call.says("terminal")) return load_terminal(context, source, call.run);
  const std::string* file = call.input("filename");
  if (!file) return missing_argument(call.run);
  const UserFiles::Place place = context.file(*file);
  std::string content, error = place.error;
  if (error.empty()) error = read_file(place.path, *file, content);
  if (!error.empty()) return call.run->refuse("error: " + error + "\n");
  source.name = *file;
  load_text(context, source, content, call.run);
}

void load_factory_default(Context& context, const Call& call) {
  const std::string text =
      configdb::text(configdb::factory_default(context.database().schema()), configdb::Form::kText);
  const auto loading = context.candidate()->load(Load::kOverride, text, "factory-default");
  if (loading.errors) return call.run->refuse(loading.text);
  context.save_later();
  call.run->write("warning: activating factory configuration\n");
  call.run->done();
}

// The candidate at the edit level, as `show` prints it.
void save(Context& context, const Call& call) {
  const std::string text =
      configdb::text(context.authorization().visible(context.candidate()->tree()),
                     configdb::Form::kText, context.base());
  if (call.says("terminal")) {
    call.run->write(text);
    return call.run->done();
  }
  const std::string* file = call.input("filename");
  if (!file) return missing_argument(call.run);
  const UserFiles::Place place = context.file(*file);
  if (!place.error.empty()) return call.run->refuse("error: " + place.error + "\n");
  if (const auto error = write_file(place.path, *file, text))
    return call.run->refuse("error: " + *error + "\n");
  const auto lines = std::count(text.begin(), text.end(), '\n');
  call.run->write("Wrote " + std::to_string(lines) + " lines of configuration to '" + *file +
                  "'\n");
  call.run->done();
}
}  // namespace

void add_load_commands(LocalCommands& commands) {
  Argument file =
      one_of(2, value("filename", "Filename (relative to the working directory)", kFile));
  file.live_names = "file";
  const Argument terminal = one_of(2, flag("terminal", "Use login terminal"));
  const Argument relative = flag("relative", "Load relative to the current edit level");
  const Argument json = one_of(1, flag("json", "The configuration is in JSON"));
  const Argument xml = one_of(1, flag("xml", "The configuration is in XML"));
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
  add("load merge", "Merge contents with existing configuration",
      {file, json, relative, terminal, xml}, Load::kMerge);
  add("load override", "Override existing configuration", {file, json, relative, terminal, xml},
      Load::kOverride);
  add("load patch", "Load patch file into configuration", {file, relative, terminal}, Load::kPatch);
  add("load replace", "Replace configuration data", {file, json, relative, terminal, xml},
      Load::kReplace);
  add("load set", "Execute set of commands on existing configuration", {file, relative, terminal},
      Load::kSet);
  add("load update", "Update existing configuration", {file, json, relative, terminal, xml},
      Load::kUpdate);
  commands.add(mode, {.words = "load factory-default",
                      .help = "Override existing configuration with factory default",
                      .handle = load_factory_default});
  commands.add(mode, {.words = "save",
                      .help = "Save configuration to ASCII file",
                      .arguments = {file, terminal},
                      .handle = save});
}

}  // namespace nezu::mgmt
