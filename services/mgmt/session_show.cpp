// CliSession: what shows configuration.
#include "configdb/text.h"
#include "grammar/writer.h"
#include "services/mgmt/cli_session.h"
#include "services/mgmt/show_reply.h"

namespace nezu::mgmt {
namespace {
using Display = Pipeline::Display;

// What stands before every path of the set form: without a last step that has its own keyword.
grammar::Path set_level(grammar::Path path) {
  if (path.empty()) return path;
  const auto& last = path.back();
  if (!last.statement->holds_statements() ||
      (last.statement->kind == grammar::Kind::kList && last.value.empty()))
    path.pop_back();
  return path;
}

std::unique_ptr<grammar::ConfigurationWriter> writer_for(Display display, const grammar::Path& path,
                                                         const grammar::TextSink& sink) {
  switch (display) {
    case Display::kSet:
      return grammar::set_writer(sink, set_level(path));
    case Display::kXml:
      return grammar::xml_writer(sink, set_level(path), 4);
    case Display::kJson:
      return grammar::json_writer(sink, set_level(path));
    case Display::kText:
      break;
  }
  return grammar::curly_writer(sink);
}

// "10  2020-03-05 16:04:34 UTC by cisco via cli", and the comment on a line of its own.
std::string log_line(size_t index, const configdb::Revision& revision) {
  std::string out = std::to_string(index);
  out.resize(std::max<size_t>(4, out.size() + 1), ' ');
  out += configdb::utc(revision.time) + " by " + revision.user + " via " + revision.via + "\n";
  if (!revision.comment.empty()) out += "    " + revision.comment + "\n";
  return out;
}
}  // namespace

void CliSession::show(Words rest, const RunPtr& run) {
  const auto resolved = grammar::resolve(root(), base(), rest, grammar::Reach::kAny);
  if (resolved.problem) return run->refuse(*resolved.problem, rest);
  const Path path = resolved.paths.empty() ? base() : resolved.paths.front();
  if (run->pipeline().compare) return show_compare(path, run);
  show_tree(router_.database.candidate(), path, run);
}

void CliSession::show_configuration(Words rest, const RunPtr& run) {
  const auto resolved = grammar::resolve(root(), {}, rest, grammar::Reach::kAny);
  if (resolved.problem) return run->refuse(*resolved.problem, rest);
  const Path path = resolved.paths.empty() ? Path() : resolved.paths.front();
  if (run->pipeline().compare) return show_compare(path, run);
  const auto& log = router_.database.log();
  if (!log.empty() && path.empty() && run->pipeline().display == Display::kText)
    run->write("## Last commit: " + configdb::utc(log.front().time) + " by " + log.front().user +
               "\n");
  show_tree(router_.database.active(), path, run);
}

// In configuration mode the candidate against a revision, else the active one against it.
void CliSession::show_compare(const Path& path, const RunPtr& run) {
  const configdb::Loaded before = router_.database.rollback(*run->pipeline().compare);
  if (!before.root) return run->refuse("error: " + before.error + "\n");
  const auto& after = candidate_ ? router_.database.candidate() : router_.database.active();
  run->write(configdb::compare(before.root, after, path));
  run->done();
}

void CliSession::show_tree(const configdb::NodePtr& tree, const Path& path, const RunPtr& run) {
  const Display display = run->pipeline().display;
  if (display == Display::kXml) run->write(xml_head());
  const auto writer =
      writer_for(display, path, [&run](std::string_view text) { run->write(text); });
  configdb::write(tree, path, *writer);
  if (display == Display::kXml) run->write(xml_tail());
  run->done();
}

void CliSession::show_system_commit(const RunPtr& run) {
  size_t index = 0;
  for (const configdb::Revision& each : router_.database.log()) run->write(log_line(index++, each));
  run->done();
}

}  // namespace nezu::mgmt
