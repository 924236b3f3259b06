// What a large configuration costs: loading, committing, one leaf more, comparing, memory, start.
// Disk times are given beside a bare SQLite transaction of the same bytes in the same run.
#include <malloc.h>
#include <sqlite3.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "configdb/codec.h"
#include "configdb/database.h"
#include "configdb/expand.h"
#include "configdb/node.h"
#include "configdb/session.h"
#include "configdb/text.h"

namespace {

using namespace nezu;
using namespace nezu::configdb;
using Clock = std::chrono::steady_clock;

constexpr int kEntries = 100000;
constexpr int kRounds = 51;

struct Took {
  double wall = 0;  ///< milliseconds
  double cpu = 0;   ///< of this process: says more on a busy machine
};

double cpu_now() {
  timespec now;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) / 1e6;
}

template <class Work>
Took milliseconds(Work work) {
  const auto begin = Clock::now();
  const double cpu = cpu_now();
  work();
  return {std::chrono::duration<double, std::milli>(Clock::now() - begin).count(), cpu_now() - cpu};
}

template <class Work>
Took median(Work work) {
  std::vector<double> wall, cpu;
  for (int i = 0; i < kRounds; ++i) {
    const Took took = milliseconds([&] { work(i); });
    wall.push_back(took.wall);
    cpu.push_back(took.cpu);
  }
  std::sort(wall.begin(), wall.end());
  std::sort(cpu.begin(), cpu.end());
  return {wall[kRounds / 2], cpu[kRounds / 2]};
}

double resident_mib() {
  std::ifstream in("/proc/self/statm");
  size_t total = 0, resident = 0;
  in >> total >> resident;
  return static_cast<double>(resident) * sysconf(_SC_PAGESIZE) / (1 << 20);
}

std::string route(int i) {
  return "10." + std::to_string(i >> 16) + "." + std::to_string(i >> 8 & 255) + "." +
         std::to_string(i & 255) + "/32";
}

// 100,000 entries of 11 or 12 leaves, each with a reference to one of 1,000 others.
void gateway(int i, std::string& text) {
  const std::string head = "set security ike gateway g" + std::to_string(i) + " ";
  const std::string octets = std::to_string(i >> 8 & 255) + "." + std::to_string(i & 255);
  for (const std::string& tail :
       {"ike-policy p" + std::to_string(i % 1000),
        "address 10." + std::to_string(i >> 16) + "." + octets,
        std::string("dead-peer-detection always-send"),
        std::string("dead-peer-detection interval 10"),
        std::string("dead-peer-detection threshold 3"), std::string("nat-keepalive 20"),
        "local-identity inet 192.0." + octets, "remote-identity inet 10.9." + octets,
        std::string("external-interface et-0/0/0.0"), "local-address 192.0." + octets,
        std::string("version v2-only")})
    text += head + tail + "\n";
  if (i % 2) text += head + "no-nat-traversal\n";
}

std::string many_lines() {
  std::string text = "set security ike proposal x authentication-method pre-shared-keys\n";
  for (int i = 0; i < 1000; ++i) {
    const std::string head = "set security ike policy p" + std::to_string(i);
    text += head + " proposals x\n" + head + " pre-shared-key ascii-text key" + std::to_string(i) +
            "\n";
  }
  for (int i = 0; i < kEntries; ++i) gateway(i, text);
  return text;
}

std::string set_lines() {
  std::string text;
  for (int i = 0; i < kEntries; ++i)
    text += "set routing-options static route " + route(i) + " next-hop 192.0.2.1\n";
  return text;
}

// The yardstick: the same durability, nothing else.
class BareSqlite {
 public:
  explicit BareSqlite(const std::string& file) {
    sqlite3_open(file.c_str(), &db_);
    run("PRAGMA locking_mode=EXCLUSIVE; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
        "CREATE TABLE t(id INTEGER PRIMARY KEY, content BLOB)");
  }
  ~BareSqlite() { sqlite3_close(db_); }
  // All that is in it, as a start has to.
  static void read(const std::string& file) {
    sqlite3* db = nullptr;
    sqlite3_stmt* statement = nullptr;
    sqlite3_open(file.c_str(), &db);
    sqlite3_prepare_v2(db, "SELECT content FROM revision", -1, &statement, nullptr);
    while (sqlite3_step(statement) == SQLITE_ROW) sqlite3_column_blob(statement, 0);
    sqlite3_finalize(statement);
    sqlite3_close(db);
  }
  void insert(const std::string& bytes) {
    sqlite3_stmt* statement = nullptr;
    sqlite3_prepare_v2(db_, "INSERT INTO t(content) VALUES(?)", -1, &statement, nullptr);
    sqlite3_bind_blob(statement, 1, bytes.data(), static_cast<int>(bytes.size()), SQLITE_STATIC);
    if (sqlite3_step(statement) != SQLITE_DONE) std::abort();
    sqlite3_finalize(statement);
  }

 private:
  void run(const char* sql) {
    if (sqlite3_exec(db_, sql, nullptr, nullptr, nullptr) != SQLITE_OK) std::abort();
  }
  sqlite3* db_ = nullptr;
};

std::unique_ptr<Database> open(const std::string& file,
                               const std::shared_ptr<const grammar::Schema>& schema) {
  auto opened = Database::open(file, schema);
  if (!opened.database) std::abort();
  return std::move(opened.database);
}

// What is refused costs something else: no figure then.
void stop_if(bool refused, const std::string& why) {
  if (!refused) return;
  std::puts(why.substr(0, 300).c_str());
  std::exit(1);
}

void commit(Session& session, bool check_only = false) {
  session.commit("", check_only,
                 [](const CommitResult& result) { stop_if(!result.ok, result.text); });
}

void report(const char* what, Took took, Took yardstick = {}) {
  std::printf("%-32s %10.3f ms  cpu %10.3f ms", what, took.wall, took.cpu);
  if (yardstick.wall > 0)
    std::printf("  %6.2f x bare SQLite (%.3f ms)", took.wall / yardstick.wall, yardstick.wall);
  std::puts("");
}

void load_text(Session& session, const std::string& text) {
  const auto loading = session.load(Session::Load::kSet, text, "bench");
  stop_if(loading.errors > 0, loading.text);
}

void large_load(Session& session, BareSqlite& bare) {
  const std::string text = set_lines();
  const NodePtr before = session.database().candidate();
  const double memory = resident_mib();
  report("load set, 100,000 lines", milliseconds([&] { load_text(session, text); }));
  std::printf("%-32s %10.1f MiB\n", "  memory of the tree", resident_mib() - memory);
  const NodePtr after = session.database().candidate();
  std::string bytes;
  report("encode", milliseconds([&] { bytes = encode(before, after); }));
  std::printf("%-32s %10.2f MiB (text: %.2f MiB)\n", "  stored form", bytes.size() / 1048576.0,
              static_cast<double>(text.size()) / 1048576.0);
  report("decode", milliseconds([&] { decode(session.database().schema(), nullptr, bytes); }));
  const Took yardstick = milliseconds([&] { bare.insert(bytes); });
  report("commit of all of it", milliseconds([&] { commit(session); }), yardstick);
  report("show (curly text)", milliseconds([&] { curly_text(after); }));
}

void small_edits(Database& database, Session& session, BareSqlite& bare) {
  const auto& root = database.schema().configuration();
  const auto* options = root.child("routing-options");
  const auto* statics = options->child("static");
  const auto* list = statics->child("route");
  const auto* hop = list->child("next-hop");
  const auto change = [&](int i) {
    const Path entry = {{options, ""}, {statics, ""}, {list, route(i * 1777 % kEntries)}};
    Path added = entry;
    added.push_back({hop, "192.0.2." + std::to_string(2 + i % 250)});
    session.set({added});
  };
  const auto* description = root.child("system")->child("host-name");
  report("set one leaf", median(change));
  report("compare after it", median([&](int) { session.compare(); }));
  report("is it modified?", median([&](int) { (void)database.modified(); }));
  report("save the candidate", median([&](int i) {
           change(i + 100);
           database.save();
         }));
  commit(session);
  const Took yardstick = median([&](int) { bare.insert(std::string(100, 'x')); });
  report("commit of one leaf", median([&](int i) {
           change(i + 200);
           commit(session);
         }),
         yardstick);
  report("commit of a leaf elsewhere", median([&](int i) {
           session.set({{{root.child("system"), ""}, {description, "h" + std::to_string(i)}}});
           commit(session);
         }),
         yardstick);
  report("commit check of one leaf", median([&](int i) {
           change(i + 300);
           commit(session, true);
         }));
}

double peak_mib() {
  std::ifstream in("/proc/self/status");
  for (std::string line; std::getline(in, line);)
    if (line.starts_with("VmHWM:")) return std::strtod(line.c_str() + 6, nullptr) / 1024;
  return 0;
}

// A file, so that its text is not in memory but where a router has it.
void load_file(Session& session, const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  std::string text((std::istreambuf_iterator<char>(in)), {});
  load_text(session, text);
}

void one_leaf(Database& database, Session& session, BareSqlite& bare) {
  const auto& root = database.schema().configuration();
  const auto *security = root.child("security"), *ike = security->child("ike"),
             *gateway = ike->child("gateway");
  const auto change = [&](int i) {
    const Path entry = {
        {security, ""}, {ike, ""}, {gateway, "g" + std::to_string(i * 1777 % kEntries)}};
    Path leaf = entry;
    leaf.push_back({gateway->child("ike-policy"), "p" + std::to_string((i * 7 + 3) % 1000)});
    session.set({leaf});
  };
  const Took yardstick = median([&](int) { bare.insert(std::string(100, 'x')); });
  report("commit of one leaf (reference)", median([&](int i) {
           change(i);
           commit(session);
         }),
         yardstick);
  change(77);
  report("show | compare", median([&](int) { session.compare(); }));
  report("commit check of it", median([&](int) { commit(session, true); }));
  commit(session);
}

// 1.15 million lines: what the issue asks for.
void whole(const std::string& directory, const std::shared_ptr<const grammar::Schema>& schema) {
  const std::string source = directory + "/lines.set", file = directory + "/large.db";
  { std::ofstream(source) << many_lines(); }
  malloc_trim(0);
  std::puts("1.15 million lines:");
  std::printf("%-32s %10.1f MiB\n", "  resident before", resident_mib());
  BareSqlite bare(directory + "/bare2.db");
  {
    auto database = open(file, schema);
    Session session(*database, {"bench", "", 1, 0, "cli"});
    report("load set", milliseconds([&] { load_file(session, source); }));
    std::printf("%-32s %10.1f MiB\n", "  peak", peak_mib());
    report("commit of all of it", milliseconds([&] { commit(session); }));
    std::printf("%-32s %10.1f MiB\n", "  peak", peak_mib());
    malloc_trim(0);
    std::printf("%-32s %10.1f MiB\n", "  resident", resident_mib());
    one_leaf(*database, session, bare);
  }
  malloc_trim(0);
  std::unique_ptr<Database> database;
  const Took yardstick = milliseconds([&] { BareSqlite::read(file); });
  report("start: open the database", milliseconds([&] { database = open(file, schema); }),
         yardstick);
  std::printf("%-32s %10.1f MiB\n", "  peak", peak_mib());
  std::printf("%-32s %10.1f MiB\n", "  resident", resident_mib());
}

NodePtr edited(const NodePtr& tree, const Path& path) {
  Edited result = set(tree, path);
  if (result.error.empty()) return result.root;
  std::printf("%s\n", result.error.c_str());
  std::exit(1);
}

// What a group costs that one, some, or all of the entries inherit from: the expansion alone.
void group_edits(Database& database, const char* what, const std::string& wildcard) {
  const auto& root = database.schema().configuration();
  const auto *groups = root.child("groups"), *options = root.child("routing-options"),
             *statics = options->child("static"), *list = statics->child("route"),
             *system = root.child("system");
  const auto description = [&](int i) {
    return Path{{groups, "g"},
                {options, ""},
                {statics, ""},
                {list, wildcard},
                {list->child("description"), "text " + std::to_string(i)}};
  };
  const auto name = [&](int i) {
    return Path{{system, ""}, {system->child("host-name"), "n" + std::to_string(i)}};
  };
  NodePtr raw = edited(database.active(), description(0));
  raw = edited(raw, {{root.child("apply-groups"), "g"}});
  Trees trees{raw, nullptr};
  std::string bytes;
  const Took encoded = milliseconds([&] { bytes = encode(nullptr, raw); });
  report("  (all of it encoded, to compare)", encoded);
  report(("expand all, " + std::string(what)).c_str(),
         milliseconds([&] { trees.effective = expand(raw, {}); }));
  const auto step = [&](const Path& path) {
    const NodePtr next = edited(trees.raw, path);
    trees = {next, expand(next, trees)};
  };
  report("  the group is edited", median([&](int i) { step(description(1 + i)); }));
  report("  something else is edited", median([&](int i) { step(name(i)); }));
}

}  // namespace

int main(int argc, char**) {
  std::string directory = "./commit_bench_XXXXXX";
  if (!mkdtemp(directory.data())) return 1;
  const auto schema = grammar::Schema::open(grammar::schema_file());
  const std::string file = directory + "/config.db";
  whole(directory, schema);
  if (argc > 1) {
    std::filesystem::remove_all(directory);
    return 0;
  }
  {
    BareSqlite bare(directory + "/bare.db");
    auto database = open(file, schema);
    Session session(*database, {"bench", "", 1, 0, "cli"});
    large_load(session, bare);
    small_edits(*database, session, bare);
    group_edits(*database, "1 of 100,000 inherits", "<10.0.7.77/32>");
    group_edits(*database, "256 of 100,000 inherit", "<10.0.7.*>");
    group_edits(*database, "100,000 inherit", "<*>");
    report("rollback 30", milliseconds([&] { session.rollback(30); }));
  }
  const Took yardstick = milliseconds([&] { BareSqlite::read(file); });
  report("start: open the database", milliseconds([&] { open(file, schema); }), yardstick);
  std::printf("%-32s %10.2f MiB\n", "database file",
              static_cast<double>(std::filesystem::file_size(file)) / 1048576.0);
  std::filesystem::remove_all(directory);
}
