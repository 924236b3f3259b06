// What shows configuration.
#include "configdb/compare_xml.h"
#include "configdb/decorate.h"
#include "configdb/load.h"
#include "configdb/node.h"
#include "configdb/text.h"
#include "grammar/writer.h"
#include "services/mgmt/context.h"
#include "services/mgmt/modelled.h"
#include "services/mgmt/readable_file.h"
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

std::unique_ptr<grammar::ConfigurationWriter> writer_for(const Pipeline& pipeline,
                                                         const grammar::Path& path,
                                                         const grammar::TextSink& sink) {
  using Inheritance = Pipeline::Inheritance;
  using Origins = grammar::CurlyStyle::Origins;
  if (pipeline.display != Display::kText) return configdb::writer(form_of(pipeline), path, sink, 4);
  grammar::CurlyStyle style;
  // `show groups`: what stands in the braces, as of a container.
  if (!path.empty() && path.back().statement->groups && path.back().value.empty())
    style.inside = path.back().statement;
  if (pipeline.inheritance == Inheritance::kBrief) style.origins = Origins::kBrief;
  if (pipeline.inheritance == Inheritance::kTerse || pipeline.modelled)
    style.origins = Origins::kInline;
  return grammar::curly_writer(sink, style);
}

// What is inherited, for this user: secrets of groups are secrets too. `visible`: what he sees.
void write_inherited(const configdb::NodePtr& visible, int64_t now, const grammar::Path& path,
                     const Pipeline& pipeline, grammar::ConfigurationWriter& writer) {
  auto shown = configdb::inherit(visible, now);
  if (pipeline.inheritance == Pipeline::Inheritance::kNoComments) {
    shown.origins.clear();
    shown.expanded.clear();
  }
  configdb::write_inherited(shown, path, pipeline.defaults, writer);
}

// Without the last line, which is about a load.
std::string complaints(std::string text) {
  text.erase(text.rfind('\n', text.size() - 2) + 1);
  return text;
}

// A configuration out of a file; one with an error in it is none.
configdb::Loaded from_file(const Context& context, const std::string& name) {
  const UserFiles::Place place = context.file(name);
  std::string content, error = place.error;
  if (error.empty()) error = read_file(place.path, name, content);
  if (!error.empty()) return {nullptr, error};
  const auto nothing = configdb::make_root(context.database().schema());
  auto read = configdb::load(nothing, {.text = content, .source = name, .level = {}});
  if (read.errors) return {nullptr, "'" + name + "' is no configuration\n" + complaints(read.text)};
  return {std::move(read.root), ""};
}

configdb::Loaded to_compare_with(const Context& context, const Compared& compared) {
  if (!compared.file.empty()) return from_file(context, compared.file);
  if (compared.rescue) return context.database().load_rescue();
  return context.database().rollback(compared.revision);
}

// `tree` against another one.
void show_compare(const Context& context, const configdb::NodePtr& tree, const grammar::Path& path,
                  const RunPtr& run) {
  const configdb::Loaded before = to_compare_with(context, *run->pipeline().compare);
  if (!before.root)
    return run->refuse("error: " + before.error + (before.error.ends_with('\n') ? "" : "\n"));
  const Authorization& user = context.authorization();
  write_compare(user.visible(before.root), user.visible(tree), path, run);
}

void show(Context& context, const Call& call) {
  const auto paths = context.paths(call.rest, grammar::Reach::kAny, call.run);
  if (!paths) return;
  const grammar::Path path = paths->empty() ? context.base() : paths->front();
  const configdb::NodePtr& tree = context.candidate()->tree();
  if (call.run->pipeline().compare) return show_compare(context, tree, path, call.run);
  if (path.empty() && call.run->pipeline().display == Display::kText)
    call.run->write("## Last changed: " + configdb::utc(context.candidate()->changed_at()) + "\n");
  show_tree(context, tree, path, call.run, context.database().active());
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
  show_tree(context, context.database().active(), path, run);
}
}  // namespace

void write_compare(const configdb::NodePtr& before, const configdb::NodePtr& after,
                   const grammar::Path& path, const RunPtr& run) {
  if (run->pipeline().display == Display::kJson || run->pipeline().display == Display::kSet)
    return run->refuse("error: a comparison is displayed as text or XML\n");
  if (run->pipeline().display == Display::kText) {
    run->write(configdb::compare(before, after, path));
    return run->done();
  }
  run->write(xml_head());
  configdb::compare_xml(before, after, path, 4,
                        [&run](std::string_view text) { run->write(text); });
  run->write(xml_tail(*run));
  run->done();
}

void show_tree(const Context& context, const configdb::NodePtr& tree, const grammar::Path& path,
               const RunPtr& run, const configdb::NodePtr& active) {
  const Pipeline& pipeline = run->pipeline();
  const bool xml = pipeline.display == Display::kXml;
  if (pipeline.modelled && (xml || pipeline.display == Display::kJson))
    return run->refuse("error: 'display modelled' has no place in XML and JSON\n");
  const auto visible = context.authorization().visible(tree);
  if (xml) run->write(xml_head());
  Modelled modelled;
  grammar::TextSink sink = [&run](std::string_view text) { run->write(text); };
  if (pipeline.modelled && pipeline.display == Display::kSet)
    sink = modelled.lines(std::move(sink));
  auto writer = writer_for(pipeline, path, sink);
  if (pipeline.modelled) writer = modelled.writer(std::move(writer));
  if (pipeline.detail) writer = configdb::with_details(std::move(writer));
  if (pipeline.changed && active)
    writer = configdb::with_changes(std::move(writer), context.authorization().visible(active),
                                    visible, path);
  if (pipeline.display == Display::kText && !pipeline.omitted && !pipeline.modelled)
    writer = configdb::with_omissions(std::move(writer));
  if (pipeline.inheritance == Pipeline::Inheritance::kNo)
    configdb::write(visible, path, *writer);
  else
    write_inherited(visible, context.database().now(), path, pipeline, *writer);
  if (xml) run->write(xml_tail(*run));
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
