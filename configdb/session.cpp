#include "configdb/session.h"

#include <algorithm>
#include <ctime>

#include "configdb/load.h"
#include "configdb/text.h"

namespace nezu::configdb {

std::string utc(int64_t seconds) {
  const std::time_t time = seconds;
  std::tm parts{};
  gmtime_r(&time, &parts);
  char text[64];
  const size_t size = std::strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S UTC", &parts);
  return {text, size};
}

Session::Session(Database& database, Who who) : database_(database), who_(std::move(who)) {
  database_.enter(*this);
}

Session::~Session() {
  database_.leave(*this);
}

void Session::up(size_t levels) {
  level_.resize(level_.size() - std::min(levels, level_.size()));
}

std::string Session::change(const std::vector<Path>& paths, const Change& change) {
  NodePtr root = database_.candidate();
  for (const Path& path : paths) {
    Edited edited = change(root, path);
    if (!edited.error.empty()) return "error: " + edited.error + "\n";
    if (!edited.warning.empty()) return "warning: " + edited.warning + "\n";
    root = std::move(edited.root);
  }
  database_.set_candidate(std::move(root));
  return {};
}

std::string Session::set(const std::vector<Path>& paths) {
  return change(paths, configdb::set);
}

std::string Session::remove(const std::vector<Path>& paths) {
  return change(paths, configdb::remove);
}

std::string Session::mark(const std::vector<Path>& paths, Mark mark, bool on) {
  return change(paths, [&](const NodePtr& root, const Path& path) {
    return configdb::mark(root, path, mark, on);
  });
}

std::string Session::annotate(const Path& path, std::string_view text) {
  return change({path}, [&](const NodePtr& root, const Path& at) {
    return configdb::annotate(root, at, std::string(text));
  });
}

std::string Session::insert(const Path& path, bool before, std::string_view other) {
  return change({path}, [&](const NodePtr& root, const Path& at) {
    return configdb::insert(root, at, before, other);
  });
}

std::string Session::rollback(size_t n) {
  Loaded loaded = database_.rollback(n);
  if (!loaded.root) return "error: " + loaded.error + "\n";
  database_.set_candidate(std::move(loaded.root));
  return "load complete\n";
}

Session::Loading Session::load(Load mode, std::string_view text, std::string_view source,
                               const Path& level) {
  const bool whole = mode == Load::kOverride;
  Loader loader(whole ? make_root(database_.schema()) : database_.candidate(),
                mode == Load::kReplace, source);
  const auto& root = database_.schema().configuration();
  if (mode == Load::kSet)
    grammar::read_set(root, level, text, loader);
  else
    grammar::read_configuration(root, whole ? Path() : level, text, loader);
  Loading loading{loader.messages(), loader.errors()};
  if (!whole || !loading.errors) database_.set_candidate(loader.root());
  loading.text += "load complete";
  if (loading.errors && mode != Load::kSet)
    loading.text += " (" + std::to_string(loading.errors) + " errors)";
  loading.text += "\n";
  return loading;
}

std::string Session::compare(size_t n) const {
  const Loaded base = database_.rollback(n);
  if (!base.root) return "error: " + base.error + "\n";
  return configdb::compare(base.root, database_.candidate(), level_);
}

std::string Session::show() const {
  return curly_text(database_.candidate(), level_);
}

std::string Session::show_set() const {
  return set_text(database_.candidate(), level_);
}

void Session::commit(std::string comment, bool check_only, Commit::Done done) {
  CommitRequest request;
  request.user = who_.user;
  request.via = who_.via;
  request.comment = std::move(comment);
  request.holder = holder();
  request.check_only = check_only;
  database_.commit(std::move(request), std::move(done));
}

std::string Session::holder() const {
  const std::string terminal = who_.terminal.empty() ? "" : " terminal " + who_.terminal;
  const std::string level = level_.empty() ? "" : " " + grammar::path_words(level_);
  return "  " + who_.user + terminal + " (pid " + std::to_string(who_.pid) + ") on since " +
         utc(who_.since) + "\n      [edit" + level + "]\n";
}

}  // namespace nezu::configdb
