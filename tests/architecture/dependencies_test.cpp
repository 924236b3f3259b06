// The folders' dependency rules (docs/architecture.md), held against every #include of ours.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <string>
#include <vector>

namespace {
namespace fs = std::filesystem;
const fs::path kRoot = NEZU_SOURCE_DIR;

using Rooms = std::set<std::string>;

// What each room may include besides itself. services/ is split below.
const std::map<std::string, Rooms> kMayUse = {
    {"grammar", {}},
    {"configdb", {"grammar"}},
    {"pfe-model", {}},
    {"chassis", {"pfe-model"}},
    {"services", {"grammar", "configdb", "chassis", "pfe-model"}},
    // cli speaks to the router over sockets; the framing is the only thing both ends share.
    {"cli", {"services/mgmt", "services/init"}},
};

// Rooms of services/ that every other one stands on. The others never include each other; the mains
// (services/*.cpp) wire them.
const Rooms kFoundations = {"init", "log", "mgmt", "state"};

struct Include {
  fs::path file;
  std::string target;
};

bool is_source(const fs::path& path) {
  return path.extension() == ".h" || path.extension() == ".cpp";
}

std::vector<Include> includes_of(const fs::path& file) {
  static const std::regex kInclude(R"re(^\s*#include "([^"]+)")re");
  std::vector<Include> found;
  std::ifstream in(file);
  std::smatch match;
  for (std::string line; std::getline(in, line);)
    if (std::regex_search(line, match, kInclude))
      found.push_back({file.lexically_relative(kRoot), match[1]});
  return found;
}

std::vector<Include> all_includes() {
  std::vector<Include> all;
  for (const auto& [room, _] : kMayUse)
    for (const auto& entry : fs::recursive_directory_iterator(kRoot / room))
      if (is_source(entry.path()))
        for (auto& include : includes_of(entry.path())) all.push_back(include);
  return all;
}

std::string room_of(const fs::path& path) {
  return path.begin()->string();
}

// "services/ike/show/show.cpp" → "ike"; the mains directly in services/ → "".
std::string service_of(const fs::path& path) {
  auto part = std::next(path.begin());
  return std::next(part) == path.end() ? "" : part->string();
}

bool allowed(const Include& include) {
  const fs::path target = include.target;
  const std::string from = room_of(include.file), to = room_of(target);
  if (!kMayUse.contains(to)) return true;  // generated or system
  if (from == to && from != "services") return true;
  if (from == "services" && to == "services") {
    const std::string mine = service_of(include.file), theirs = service_of(target);
    return mine.empty() || mine == theirs || kFoundations.contains(theirs);
  }
  const Rooms& rooms = kMayUse.at(from);
  if (to == "services") return rooms.contains("services/" + service_of(target));
  return rooms.contains(to);
}

TEST(Dependencies, PointOneWay) {
  const auto all = all_includes();
  ASSERT_FALSE(all.empty());
  for (const auto& include : all)
    EXPECT_TRUE(allowed(include)) << include.file << " includes " << include.target;
}

// The rooms of services/ike, each above those it stands on. The daemon and what it shows know each
// other.
const std::vector<Rooms> kIke = {
    {""},         {"message"}, {"crypto"}, {"certificates"},  {"session"},
    {"settings"}, {"pki"},     {"engine"}, {"daemon", "show"}};

std::size_t height(const fs::path& path) {
  const fs::path folder = path.lexically_relative("services/ike").parent_path();
  const auto is_here = [&](const Rooms& rooms) { return rooms.contains(folder); };
  return std::size_t(std::find_if(kIke.begin(), kIke.end(), is_here) - kIke.begin());
}

TEST(Dependencies, OfIkePointDown) {
  for (const auto& include : all_includes()) {
    if (service_of(include.file) != "ike" || !include.target.starts_with("services/ike/")) continue;
    ASSERT_LT(height(include.file), kIke.size()) << include.file << " is in no room";
    EXPECT_LE(height(include.target), height(include.file))
        << include.file << " includes " << include.target;
  }
}

TEST(Dependencies, KeepTheEventLoopOut) {
  static const std::regex kQt(R"re(^\s*#include <Q[A-Za-z]+>)re");
  for (const char* room : {"grammar", "configdb", "pfe-model"})
    for (const auto& entry : fs::recursive_directory_iterator(kRoot / room)) {
      if (!is_source(entry.path())) continue;
      std::ifstream in(entry.path());
      for (std::string line; std::getline(in, line);)
        EXPECT_FALSE(std::regex_search(line, kQt)) << entry.path() << ": " << line;
    }
}

// What the build files of a folder say.
std::string build_of(const fs::path& folder) {
  std::string text;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.path().filename() != "CMakeLists.txt" && entry.path().extension() != ".cmake")
      continue;
    std::ifstream in(entry.path());
    text.append(std::istreambuf_iterator<char>(in), {});
  }
  return text;
}

TEST(Tests, AreAllBuilt) {
  for (const auto& entry : fs::recursive_directory_iterator(kRoot / "tests"))
    if (entry.path().string().ends_with("_test.cpp")) {
      EXPECT_NE(build_of(entry.path().parent_path()).find(entry.path().filename().string()),
                std::string::npos)
          << entry.path() << " is in no build file";
    }
}

TEST(Sources, StayReadable) {
  for (const auto& [room, _] : kMayUse)
    for (const auto& entry : fs::recursive_directory_iterator(kRoot / room)) {
      if (!is_source(entry.path())) continue;
      std::ifstream in(entry.path());
      const auto lines = std::count(std::istreambuf_iterator<char>(in), {}, '\n');
      EXPECT_LE(lines, 600) << entry.path() << " is one noun too many";
    }
}

}  // namespace
