// What changes statements of the candidate one by one.
#include "grammar/secret.h"
#include "grammar/two_paths.h"
#include "services/mgmt/context.h"
#include "services/mgmt/edit_tails.h"
#include "services/mgmt/password.h"

namespace nezu::mgmt {
namespace {
using configdb::Mark;
using grammar::LineProblem;
using grammar::Path;
using grammar::Reach;
using grammar::TwoPaths;
using Paths = Context::Paths;

// `set … plain-text-password` asks for a password, `plain-text-password-value` is followed by one.
// What is configured is its hash.
bool is_only(const Paths& paths, const char* name) {
  return paths.size() == 1 && paths[0].back().statement->name == name;
}

// Beside them.
Path hash_at(Path path, std::string value) {
  const auto* around = path[path.size() - 2].statement;
  path.back() = {around->child("encrypted-password"), std::move(value)};
  return path;
}

void set_password(Context& context, const Path& path, bool sha256, const std::string& password,
                  const RunPtr& run) {
  const std::string hash = hashed(password, sha256);
  if (hash.empty()) return run->refuse("error: the password cannot be encrypted\n");
  context.report(context.candidate()->set({hash_at(path, hash)}), run);
}

bool may_set_password(Context& context, const Path& path, const RunPtr& run) {
  const std::string locked = context.candidate()->locked();
  if (!locked.empty()) run->refuse(locked);
  return locked.empty() && context.permits({hash_at(path, "")}, run);
}

PasswordRules password_rules(Context& context) {
  const configdb::View root(context.candidate()->tree(), &context.router().schema->configuration());
  return PasswordRules::of(root["system"]["login"]);
}

void take_password(Context& context, const Path& path, const RunPtr& run) {
  if (!may_set_password(context, path, run)) return;
  const auto rules = password_rules(context);
  const std::string& typed = path.back().value;
  const std::string password = grammar::decode_secret(typed).value_or(typed);
  if (const auto wrong = rules.complaint(password); !wrong.empty())
    return run->refuse("error: " + wrong + "\n");
  set_password(context, path, rules.sha256, password, run);
}

// "New password:", and once more.
void ask_password(Context& context, const Path& path, const RunPtr& run) {
  if (!may_set_password(context, path, run)) return;
  const auto rules = password_rules(context);
  context.ask_hidden(
      run,
      "New password:", [&context, path, rules](const std::string& password, const RunPtr& next) {
        if (const auto wrong = rules.complaint(password); !wrong.empty())
          return next->refuse("error: " + wrong + "\n");
        context.ask_hidden(
            next, "Retype new password:",
            [&context, path, rules, password](const std::string& again, const RunPtr& last) {
              if (again != password)
                return last->refuse("error: Passwords are not equal; aborting\n");
              set_password(context, path, rules.sha256, password, last);
            });
      });
}

void set(Context& context, const Call& call) {
  const auto found = grammar::resolve(context.place().root, context.base(), call.rest, Reach::kSet);
  if (!found.problem && is_only(found.paths, "plain-text-password"))
    return ask_password(context, found.paths[0], call.run);
  if (!found.problem && is_only(found.paths, "plain-text-password-value"))
    return take_password(context, found.paths[0], call.run);
  context.change(call.rest, Reach::kSet, call.run,
                 [&](const Paths& paths) { return context.candidate()->set(paths); });
}

void remove_level(Context& context, const Call& call) {
  std::string text = "Delete everything under this level? [yes,no] (no) ";
  // Of now: `top delete` is from the top only until the question is put.
  const Path level = context.base();
  if (level.empty()) text = "This will delete the entire configuration\n" + text;
  context.ask(call.run, text, "no", [&context, level](bool yes, const RunPtr& next) {
    if (!yes) return next->done();
    context.report(context.candidate()->remove({level}), next);
  });
}

void remove(Context& context, const Call& call) {
  if (call.rest.empty()) return remove_level(context, call);
  context.change(call.rest, Reach::kAny, call.run,
                 [&](const Paths& paths) { return context.candidate()->remove(paths); });
}

auto marks(Mark which, bool on) {
  return [which, on](Context& context, const Call& call) {
    context.change(call.rest, Reach::kAny, call.run,
                   [&](const Paths& paths) { return context.candidate()->mark(paths, which, on); });
  };
}

void missing(const Call& call) {
  call.run->refuse({LineProblem::Kind::kMissing, call.rest.size(), "missing argument.", {}},
                   call.rest);
}

// The comment may come with its marks.
std::string bare_comment(const std::string& text) {
  if (text.starts_with("/*") && text.ends_with("*/") && text.size() >= 4)
    return text.substr(2, text.size() - 4);
  return text.starts_with('#') ? text.substr(1) : text;
}

// `annotate STATEMENT "comment"`.
void annotate(Context& context, const Call& call) {
  if (call.rest.size() < 2) return missing(call);
  const std::string comment = bare_comment(call.rest.back().text);
  context.change(
      call.rest.first(call.rest.size() - 1), Reach::kAny, call.run,
      [&](const Paths& paths) { return context.candidate()->annotate(paths.front(), comment); });
}

// `insert`, `rename`, `copy`: two statements beside each other.
using TwoPathsChange = std::function<std::string(configdb::Session&, const TwoPaths&)>;
auto two_paths(const std::vector<const char*>& keywords, TwoPathsChange change) {
  return [keywords, change = std::move(change)](Context& context, const Call& call) {
    TwoPaths paths;
    const Place place = context.place();
    if (const auto problem =
            grammar::read_two_paths(place.root, place.level, call.rest, keywords, paths))
      return call.run->refuse(*problem, call.rest);
    if (context.permits({paths.from, paths.to}, call.run))
      context.report(change(*context.candidate(), paths), call.run);
  };
}

void add_two_paths(LocalCommands& commands, const char* words, const char* help,
                   const std::vector<const char*>& keywords, TwoPathsChange change) {
  commands.add(Mode::kConfiguration, {.words = words,
                                      .help = help,
                                      .tail = two_paths_tail(keywords),
                                      .handle = two_paths(keywords, std::move(change))});
}
}  // namespace

void add_edit_commands(LocalCommands& commands) {
  const TailPtr any = path_tail(Reach::kAny);
  const auto add = [&](const char* words, const char* help, const TailPtr& tail, auto handle) {
    commands.add(Mode::kConfiguration,
                 {.words = words, .help = help, .tail = tail, .handle = handle});
  };
  add("activate", "Remove the inactive tag from a statement", any, marks(Mark::kInactive, false));
  add("annotate", "Annotate the statement with a comment",
      path_and_word_tail(Reach::kAny, "<comment>", "Text of the comment, \"\" to remove it"),
      annotate);
  add("deactivate", "Add the inactive tag to a statement", any, marks(Mark::kInactive, true));
  add("delete", "Delete a data element", path_tail(Reach::kAny, true), remove);
  add("protect", "Protect the statement", any, marks(Mark::kProtect, true));
  add("set", "Set a parameter", path_tail(Reach::kSet), set);
  add("unprotect", "Unprotect the statement", any, marks(Mark::kProtect, false));
  add_two_paths(commands, "copy", "Copy a statement", {"to"},
                [](configdb::Session& candidate, const TwoPaths& paths) {
                  return candidate.copy(paths.from, paths.to);
                });
  add_two_paths(commands, "insert", "Insert a new ordered data element", {"before", "after"},
                [](configdb::Session& candidate, const TwoPaths& paths) {
                  return candidate.insert(paths.from, paths.keyword == "before",
                                          paths.to.back().value);
                });
  add_two_paths(commands, "rename", "Rename a statement", {"to"},
                [](configdb::Session& candidate, const TwoPaths& paths) {
                  return candidate.rename(paths.from, paths.to);
                });
}

}  // namespace nezu::mgmt
