// CliSession: what changes the candidate.
#include <algorithm>
#include <filesystem>
#include <fstream>

#include "services/mgmt/cli_session.h"

namespace nezu::mgmt {
using grammar::LineProblem;
namespace {
constexpr size_t kMaxFile = 64 << 20;
constexpr int kSaveDelay = 100;  // milliseconds: a paste is written down at once, not line by line

const std::string* input_of(const grammar::CommandMatch& match, std::string_view name) {
  const auto found = match.inputs.find(name);
  return found == match.inputs.end() ? nullptr : &found->second;
}

bool fails(std::string_view text) {
  return text.starts_with("error:") || text.find("\nerror:") != text.npos;
}

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

configdb::Session::Load load_mode(std::string_view command) {
  using Load = configdb::Session::Load;
  if (command.ends_with("override")) return Load::kOverride;
  if (command.ends_with("replace")) return Load::kReplace;
  return command.ends_with("set") ? Load::kSet : Load::kMerge;
}
}  // namespace

// Sets off writing down the candidate, once for all the edits of a moment.
void CliSession::save_later() {
  if (!save_timer_.isActive()) save_timer_.start(kSaveDelay);
}

void CliSession::report(const std::string& text, const RunPtr& run) {
  save_later();
  if (fails(text)) return run->refuse(text);
  run->write(text);
  run->done();
}

void CliSession::change(Words rest, grammar::Reach reach, const RunPtr& run, const Change& change) {
  const auto resolved = grammar::resolve(root(), base(), rest, reach);
  if (resolved.problem) return run->refuse(*resolved.problem, rest);
  if (resolved.paths.empty())
    return run->refuse({LineProblem::Kind::kMissing, rest.size(), "missing argument.", {}}, rest);
  report(change(resolved.paths), run);
}

void CliSession::remove(Words rest, const RunPtr& run) {
  if (!rest.empty())
    return change(rest, grammar::Reach::kAny, run,
                  [&](const Paths& paths) { return candidate_->remove(paths); });
  std::string text = "Delete everything under this level? [yes,no] (no) ";
  // Of now: `top delete` is from the top only until the question is put.
  const Path level = base();
  if (level.empty()) text = "This will delete the entire configuration\n" + text;
  ask(run, std::move(text), "no", [this, level](bool yes, const RunPtr& next) {
    if (!yes) return next->done();
    report(candidate_->remove({level}), next);
  });
}

// `annotate STATEMENT "comment"`.
void CliSession::annotate(Words rest, const RunPtr& run) {
  if (rest.size() < 2)
    return run->refuse({LineProblem::Kind::kMissing, rest.size(), "missing argument.", {}}, rest);
  const std::string comment = rest.back().text;
  change(rest.first(rest.size() - 1), grammar::Reach::kLevel, run,
         [&](const Paths& paths) { return candidate_->annotate(paths.front(), comment); });
}

// `insert STATEMENT before|after NAME`; the name may have its keyword in front.
void CliSession::insert(Words rest, const RunPtr& run) {
  const auto place = std::find_if(rest.begin(), rest.end(), [](const grammar::Word& word) {
    return word.text == "before" || word.text == "after";
  });
  if (place == rest.end() || place + 1 == rest.end())
    return run->refuse({LineProblem::Kind::kMissing, rest.size(), "missing argument.", {}}, rest);
  const bool before = place->text == "before";
  const std::string other = rest.back().text;
  change(rest.first(static_cast<size_t>(place - rest.begin())), grammar::Reach::kAny, run,
         [&](const Paths& paths) { return candidate_->insert(paths.front(), before, other); });
}

void CliSession::edit(Words rest, const RunPtr& run) {
  const auto resolved = grammar::resolve(root(), base(), rest, grammar::Reach::kLevel);
  if (resolved.problem) return run->refuse(*resolved.problem, rest);
  if (!resolved.paths.empty()) {
    levels_.push_back(candidate_->level());
    candidate_->edit(resolved.paths.front());
  }
  run->done();
}

// `top`, or one command as if it were given at the top.
void CliSession::top(Words rest, const RunPtr& run) {
  if (rest.empty()) {
    if (!run->open_pipes(false, pager_)) return;
    levels_.clear();
    candidate_->top();
    return run->done();
  }
  from_top_ = true;
  dispatch(Mode::kConfiguration, rest, run);
  from_top_ = false;
}

void CliSession::up(const grammar::CommandMatch& match, const RunPtr& run) {
  const std::string* levels = input_of(match, "levels");
  candidate_->up(levels ? std::max(1ul, strtoul(levels->c_str(), nullptr, 10)) : 1);
  run->done();
}

void CliSession::rollback(const grammar::CommandMatch& match, const RunPtr& run) {
  const std::string* revision = input_of(match, "number");
  report(candidate_->rollback(revision ? strtoul(revision->c_str(), nullptr, 10) : 0), run);
}

void CliSession::load(const grammar::CommandMatch& match, const RunPtr& run) {
  const auto mode = load_mode(match.command->command);
  const Path level = input_of(match, "relative") ? base() : Path();
  if (input_of(match, "terminal")) {
    if (terminal_.interactive) run->write("[Type ^D at a new line to end input]\n");
    input_ = [this, mode, level](std::string_view text, const RunPtr& next) {
      load_text(mode, text, "terminal", level, next);
    };
    return run->done({Outcome::Kind::kInput});
  }
  const std::string* source = input_of(match, "filename");
  if (!source)
    return run->refuse({LineProblem::Kind::kMissing, run->words().size(), "missing argument.", {}},
                       run->words());
  std::string content;
  const auto path = std::filesystem::path(terminal_.directory) / *source;
  const std::string error = read_file(path, content);
  if (!error.empty()) return run->refuse(error);
  load_text(mode, content, *source, level, run);
}

void CliSession::load_text(configdb::Session::Load mode, std::string_view text,
                           const std::string& source, const Path& level, const RunPtr& run) {
  if (!candidate_) return run->refuse("error: not in configuration mode\n");
  const auto loading = candidate_->load(mode, text, source, level);
  save_later();
  run->write(loading.text);
  run->done({loading.errors ? Outcome::Kind::kRefused : Outcome::Kind::kDone});
}

void CliSession::commit(const grammar::CommandMatch& match, const RunPtr& run) {
  const std::string* comment = input_of(match, "comment");
  const bool check = input_of(match, "check"), quit = input_of(match, "and-quit");
  candidate_->commit(comment ? *comment : "", check,
                     [this, alive = alive_, quit, run](const configdb::CommitResult& result) {
                       if (*alive) return committed(result, quit, run);
                       run->done();
                     });
}

void CliSession::committed(const configdb::CommitResult& result, bool quit, const RunPtr& run) {
  if (!result.ok) return run->refuse(result.text);
  run->write(result.text);
  if (quit && candidate_) return leave_configuration(run);
  run->done();
}

void CliSession::status(const RunPtr& run) {
  run->write("Users currently editing the configuration:\n");
  for (const auto* each : router_.database.sessions()) run->write(each->holder());
  run->done();
}

}  // namespace nezu::mgmt
