// What was committed: the history, its revisions, the rescue configuration.
#include "configdb/text.h"
#include "services/mgmt/context.h"
#include "services/mgmt/show_tree.h"

namespace nezu::mgmt {
namespace {
const RevisionType kRevision;

// "10  2020-03-05 16:04:34 UTC by cisco via cli"
std::string log_line(std::string name, const configdb::Revision& revision) {
  name.resize(std::max<size_t>(4, name.size() + 1), ' ');
  return name + configdb::utc(revision.time) + " by " + revision.user + " via " + revision.via;
}

std::string indented(std::string_view text) {
  return "    " + std::string(text) + "\n";
}

// What is special about the newest: whether it stays, and who has not taken it.
std::string suffix(const configdb::Database& database) {
  if (!database.timed().confirmation()) return "";
  return " commit confirmed, rollback in " + std::to_string(database.timed().minutes_left()) +
         "mins";
}

std::string of_the_newest(const configdb::Database& database) {
  std::string text;
  const auto& timed = database.timed();
  if (timed.confirmation() && timed.minutes_left() == 0) text += indented("rollback pending");
  for (const auto& [service, why] : database.behind()) text += indented(service + " " + why);
  return text;
}

std::string pending(const configdb::Scheduled& commit) {
  std::string text = "commit requested by " + commit.user + " via " + commit.via + " at " +
                     (commit.at ? configdb::utc(commit.at) : "reboot") + "\n";
  if (!commit.comment.empty()) text += indented(commit.comment);
  return text;
}

void show_system_commit(Context& context, const Call& call) {
  const configdb::Database& database = context.database();
  if (const auto& waits = database.timed().scheduled()) call.run->write(pending(*waits));
  size_t index = 0;
  for (const configdb::Revision& each : database.log()) {
    const bool newest = index == 0;
    call.run->write(log_line(std::to_string(index++), each) + (newest ? suffix(database) : "") +
                    "\n");
    if (!each.comment.empty()) call.run->write(indented(each.comment));
    if (newest) call.run->write(of_the_newest(database));
  }
  if (const auto rescue = database.rescue()) call.run->write(log_line("rescue ", *rescue) + "\n");
  call.run->done();
}

configdb::Loaded revision(const Context& context, const std::string& name) {
  if (name == "rescue") return context.database().load_rescue();
  return context.database().rollback(strtoul(name.c_str(), nullptr, 10));
}

// A revision, or how it differs from another one.
void show_system_rollback(Context& context, const Call& call) {
  const configdb::Loaded shown = revision(context, *call.input("number"));
  if (!shown.root) return call.run->refuse("error: " + shown.error + "\n");
  const std::string* with = call.input("compare");
  if (!with) return show_tree(context, shown.root, {}, call.run);
  const configdb::Loaded other = revision(context, *with);
  if (!other.root) return call.run->refuse("error: " + other.error + "\n");
  const Authorization& user = context.authorization();
  write_compare(user.visible(other.root), user.visible(shown.root), {}, call.run);
}

void show_rescue(Context& context, const Call& call) {
  const configdb::Loaded rescue = context.database().load_rescue();
  if (!rescue.root) return call.run->refuse("error: " + rescue.error + "\n");
  show_tree(context, rescue.root, {}, call.run);
}

void end(const std::optional<std::string>& error, const RunPtr& run) {
  if (error) return run->refuse("error: " + *error + "\n");
  run->done();
}

void save_rescue(Context& context, const Call& call) {
  end(context.database().save_rescue(context.terminal().user, "cli"), call.run);
}

void delete_rescue(Context& context, const Call& call) {
  if (!context.database().rescue())
    return call.run->refuse("error: rescue configuration does not exist\n");
  end(context.database().delete_rescue(), call.run);
}
}  // namespace

void add_history_commands(LocalCommands& commands) {
  const auto mode = Mode::kOperational;
  commands.describe(mode, "show system", "Show system information");
  commands.add(mode, {.words = "show system commit",
                      .help = "Show pending commit requests (if any) and commit history",
                      .handle = show_system_commit});
  Argument number = mandatory(value("number", "Rollback number, or rescue", kRevision));
  number.live_names = "revision";
  Argument compare = keyword("compare", "Compare with this revision, or rescue", kRevision);
  compare.live_names = "revision";
  commands.add(mode, {.words = "show system rollback",
                      .help = "Show rolled back configuration",
                      .arguments = {number, compare},
                      .shows_configuration = true,
                      .handle = show_system_rollback});
  commands.describe(mode, "show system configuration", "Show configuration information");
  commands.add(mode, {.words = "show system configuration rescue",
                      .help = "Show rescue configuration",
                      .shows_configuration = true,
                      .handle = show_rescue});
  commands.describe(mode, "request", "Make system-level requests");
  commands.describe(mode, "request system", "Perform system-level functions");
  commands.describe(mode, "request system configuration", "Request operation on configuration");
  commands.describe(mode, "request system configuration rescue",
                    "Request operation on system rescue configuration");
  commands.add(mode, {.words = "request system configuration rescue save",
                      .help = "Save the active configuration as rescue configuration",
                      .handle = save_rescue});
  commands.add(mode, {.words = "request system configuration rescue delete",
                      .help = "Delete the rescue configuration",
                      .handle = delete_rescue});
}

}  // namespace nezu::mgmt
