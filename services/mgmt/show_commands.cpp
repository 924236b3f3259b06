// What shows configuration.
#include "configdb/decorate.h"
#include "configdb/text.h"
#include "grammar/writer.h"
#include "services/mgmt/context.h"
#include "services/mgmt/show_reply.h"
#include "services/mgmt/show_tree.h"

namespace nezu::mgmt {
namespace {
using Display = Pipeline::Display;

configdb::Form form_of(const Pipeline& pipeline) {
  switch (pipeline.display) {
    case Display::kSet:
      return pipeline.relative ? configdb::Form::kSetRelative : configdb::Form::kSet;
    case Display::kXml:
      return configdb::Form::kXml;
    case Display::kJson:
      return configdb::Form::kJson;
    case Display::kText:
      break;
  }
  return configdb::Form::kText;
}

// `tree` against a revision.
void show_compare(const Context& context, const configdb::NodePtr& tree, const grammar::Path& path,
                  const RunPtr& run) {
  const configdb::Loaded before = context.database().rollback(*run->pipeline().compare);
  if (!before.root) return run->refuse("error: " + before.error + "\n");
  run->write(configdb::compare(before.root, tree, path));
  run->done();
}

void show(Context& context, const Call& call) {
  const auto paths = context.paths(call.rest, grammar::Reach::kAny, call.run);
  if (!paths) return;
  const grammar::Path path = paths->empty() ? context.base() : paths->front();
  const configdb::NodePtr& tree = context.candidate()->tree();
  if (call.run->pipeline().compare) return show_compare(context, tree, path, call.run);
  show_tree(tree, path, call.run, context.database().active());
}

void show_configuration(Context& context, const Call& call) {
  const auto paths = context.paths_from({}, call.rest, grammar::Reach::kAny, call.run);
  if (!paths) return;
  const grammar::Path path = paths->empty() ? grammar::Path() : paths->front();
  const RunPtr& run = call.run;
  if (run->pipeline().compare) return show_compare(context, context.database().active(), path, run);
  const auto& log = context.database().log();
  if (!log.empty() && path.empty() && run->pipeline().display == Display::kText)
    run->write("## Last commit: " + configdb::utc(log.front().time) + " by " + log.front().user +
               "\n");
  show_tree(context.database().active(), path, run);
}
}  // namespace

void show_tree(const configdb::NodePtr& tree, const grammar::Path& path, const RunPtr& run,
               const configdb::NodePtr& active) {
  const Display display = run->pipeline().display;
  if (display == Display::kXml) run->write(xml_head());
  auto writer = configdb::writer(
      form_of(run->pipeline()), path, [&run](std::string_view text) { run->write(text); }, 4);
  if (run->pipeline().detail) writer = configdb::with_details(std::move(writer));
  if (run->pipeline().changed && active)
    writer = configdb::with_changes(std::move(writer), active, tree, path);
  configdb::write(tree, path, *writer);
  if (display == Display::kXml) run->write(xml_tail());
  run->done();
}

void add_show_commands(LocalCommands& commands) {
  const TailPtr path = path_tail(grammar::Reach::kAny, true);
  commands.add(Mode::kOperational, {.words = "show configuration",
                                    .help = "Show current configuration",
                                    .tail = path,
                                    .shows_configuration = true,
                                    .handle = show_configuration});
  commands.add(Mode::kConfiguration, {.words = "show",
                                      .help = "Show a parameter",
                                      .tail = path,
                                      .shows_configuration = true,
                                      .handle = show});
}

}  // namespace nezu::mgmt
