// What a long `load set` costs, part by part: 115,000 lines, 10,000 entries of 11 or 12 leaves
// each. Beside it, in the same run: ANTLR alone on the same tokens, and SQLite alone writing as
// much.
#include <sqlite3.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <vector>

#include "configdb/codec.h"
#include "configdb/database.h"
#include "configdb/load.h"
#include "configdb/node.h"
#include "configdb/session.h"
#include "configdb/text.h"
#include "grammar/lexer.h"
#include "grammar/syntax.h"

namespace {

using namespace nezu;
using namespace nezu::configdb;

constexpr int kEntries = 10000;

double cpu_now() {
  timespec now;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

/// Seconds of processor time: the machine may have other work.
double measured(const char* what, const std::function<void()>& work) {
  const double begin = cpu_now();
  work();
  const double took = cpu_now() - begin;
  std::printf("%-44s %8.3f s cpu\n", what, took);
  return took;
}

double from_status(const char* name) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);)
    if (line.starts_with(name)) return std::stod(line.substr(line.find(':') + 1)) / 1024;
  return 0;
}

std::string set_lines(int entries) {
  std::string text = "set security ike policy p mode main\n";
  for (int i = 0; i < entries; ++i) {
    const std::string head = "set security ike gateway gw-" + std::to_string(i) + " ";
    const std::string host = std::to_string(i >> 16) + "." + std::to_string(i >> 8 & 255) + "." +
                             std::to_string(i & 255);
    for (const std::string& rest :
         {std::string("ike-policy p"), "address 10." + host, std::string("no-nat-traversal"),
          std::string("dead-peer-detection always-send"),
          std::string("dead-peer-detection interval 20"),
          std::string("dead-peer-detection threshold 3"), std::string("nat-keepalive 30"),
          "local-identity hostname left-" + std::to_string(i) + ".example",
          "remote-identity hostname right-" + std::to_string(i) + ".example",
          std::string("external-interface et-0/0/0"), std::string("version v2-only")})
      text += head + rest + "\n";
    if (i % 2) text += head + "local-address 11." + host + "\n";
  }
  return text;
}

void antlr_alone(const std::string& text) {
  std::vector<std::vector<grammar::Token>> lines;
  for (size_t at = 0; at < text.size(); at = text.find('\n', at) + 1) {
    grammar::Lexer lexer(grammar::Lexer::Language::kCommandLine,
                         std::string_view(text).substr(at, text.find('\n', at) - at));
    grammar::Token token;
    auto& line = lines.emplace_back();
    while (lexer.next(token) == grammar::Lexer::Outcome::kToken) line.push_back(token);
  }
  grammar::Syntax syntax(grammar::Lexer::Language::kCommandLine);
  measured("ANTLR alone, every line", [&] {
    for (const auto& line : lines) syntax.parse(line);
  });
}

struct Nothing : grammar::Edits {
  void edit(grammar::Verb, const Path&, std::string_view) override {}
  void substitute(const Path&, const grammar::Substitution&) override {}
  void problem(const grammar::ReadProblem& problem) override {
    std::printf("%s", problem.text("bench").c_str());
  }
};

void sqlite_alone(const std::string& file, const std::string& bytes) {
  sqlite3* db = nullptr;
  sqlite3_stmt* statement = nullptr;
  if (sqlite3_open(file.c_str(), &db) != SQLITE_OK) std::abort();
  sqlite3_exec(db, "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; CREATE TABLE t(b BLOB)",
               nullptr, nullptr, nullptr);
  measured("SQLite alone, the same bytes", [&] {
    sqlite3_prepare_v2(db, "INSERT INTO t VALUES(?)", -1, &statement, nullptr);
    sqlite3_bind_blob(statement, 1, bytes.data(), static_cast<int>(bytes.size()), SQLITE_STATIC);
    if (sqlite3_step(statement) != SQLITE_DONE) std::abort();
    sqlite3_finalize(statement);
  });
  sqlite3_close(db);
}

void load_and_commit(const std::string& file, const std::string& text,
                     const std::shared_ptr<const grammar::Schema>& schema) {
  auto opened = Database::open(file, schema);
  if (!opened.database) std::abort();
  Session session(*opened.database, {"bench", "", 1, 0, "cli"});
  double took = measured("load set", [&] {
    const auto loading = session.load(Session::Load::kSet, text, "bench");
    if (loading.errors) std::printf("%s", loading.text.c_str());
  });
  took += measured("commit", [&] {
    session.commit("", false, [](const CommitResult& result) {
      if (!result.ok) std::printf("%s", result.text.c_str());
    });
  });
  std::printf("%-44s %8.3f s cpu\n", "load set and commit", took);
  std::printf("%-44s %8.1f MiB, peak %.1f MiB\n", "memory", from_status("VmRSS"),
              from_status("VmHWM"));
}

void other_forms(const NodePtr& tree) {
  static constexpr std::pair<Form, const char*> kForms[] = {
      {Form::kText, "text"}, {Form::kSet, "set"}, {Form::kXml, "XML"}, {Form::kJson, "JSON"}};
  for (const auto& [form, name] : kForms) {
    std::string printed;
    measured((std::string("print as ") + name).c_str(), [&] { printed = text(tree, form); });
    measured((std::string("load override from ") + name).c_str(), [&] {
      const auto result =
          load(tree, {LoadMode::kOverride, grammar::TextForm::kAny, printed, "bench", {}});
      if (result.errors || result.root != tree)
        std::printf("not the same\n%s", result.text.c_str());
    });
  }
}

}  // namespace

// With an argument: that many entries, and nothing but load and commit.
int main(int count, char** arguments) {
  std::string directory = "./load_bench_XXXXXX";
  if (!mkdtemp(directory.data())) return 1;
  const auto schema = grammar::Schema::open(grammar::schema_file());
  const int entries = count > 1 ? std::atoi(arguments[1]) : kEntries;
  const std::string text = set_lines(entries);
  std::printf("%zd lines, %.1f MiB\n", std::count(text.begin(), text.end(), '\n'),
              static_cast<double>(text.size()) / 1048576);
  load_and_commit(directory + "/config.db", text, schema);
  if (count == 1) {
    antlr_alone(text);
    measured("read set, edits dropped", [&] {
      Nothing nothing;
      grammar::read_set(schema->configuration(), {}, text, nothing);
    });
    NodePtr tree;
    measured("read set into a tree", [&] {
      Loader loader(make_root(*schema), false, "bench");
      grammar::read_set(schema->configuration(), {}, text, loader);
      tree = loader.root();
    });
    std::string bytes;
    measured("encode", [&] { bytes = encode(make_root(*schema), tree); });
    sqlite_alone(directory + "/bare.db", bytes);
    other_forms(tree);
  }
  std::filesystem::remove_all(directory);
}
