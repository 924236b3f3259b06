// The schema against the facts of the published hierarchy (tests/golden/published): statement,
// kind, type, range, words, default, units, key, order, presence, form in text. What differs stands
// in differences.txt with the reason; what stands there and does not differ is an error too.
// NEZU_UPDATE_GOLDEN=1 adds what is found to the file, with a question mark for its reason.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "tests/grammar/fixture.h"

namespace nezu::grammar {
namespace {

namespace fs = std::filesystem;
const fs::path kPublished = fs::path(NEZU_SOURCE_DIR) / "tests/golden/published";
constexpr const char* kDifferences = "differences.txt";
constexpr const char* kLeftOut = "left-out.txt";
constexpr const char* kChoices = "choices.txt";
constexpr const char* kOrder = "order.txt";

std::vector<std::string> split(const std::string& text, const std::string& by) {
  std::vector<std::string> parts;
  size_t at = 0;
  for (size_t next; (next = text.find(by, at)) != std::string::npos; at = next + by.size())
    parts.push_back(text.substr(at, next - at));
  parts.push_back(text.substr(at));
  return parts;
}

// One line of a table, at one of the levels it is legal at.
struct Fact {
  std::string path, kind, type;
  std::vector<std::string> notes;
  bool again = false;  ///< at another level than the first

  bool has(const std::string& note) const {
    return std::find(notes.begin(), notes.end(), note) != notes.end();
  }
  std::string note(const std::string& name) const {
    for (const auto& each : notes)
      if (each.starts_with(name + "=")) return each.substr(name.size() + 1);
    return "";
  }
};

Fact fact_of(const std::string& line, const std::string& level) {
  auto parts = split(line, " | ");
  parts.resize(4);
  const std::string path = parts[0] == "." ? level : level + " " + parts[0];
  return {path, parts[1], parts[2], split(parts[3], "; "), false};
}

std::vector<Fact> facts() {
  std::vector<Fact> found;
  for (const auto& file : fs::directory_iterator(kPublished)) {
    const auto name = file.path().filename();
    if (name == kDifferences || name == kLeftOut || name == kChoices || name == kOrder) continue;
    std::ifstream lines(file.path());
    std::vector<std::string> levels;
    for (std::string line; std::getline(lines, line);) {
      if (line.starts_with("#")) continue;
      if (line.starts_with("@ "))
        levels = split(line.substr(2), " | ");
      else
        for (const auto& level : levels) {
          found.push_back(fact_of(line, level));
          found.back().again = level != levels.front();
        }
    }
  }
  return found;
}

constexpr const char* kKinds[] = {"container", "presence", "list", "leaf", "leaf-list", "leaf"};

std::string words_of(const Type& type) {
  std::vector<std::string> words;
  for (const auto& choice : type.choices()) words.push_back(choice.word);
  std::sort(words.begin(), words.end());
  std::string text;
  for (const auto& word : words) text += (text.empty() ? "" : ",") + word;
  return text;
}

std::string sorted_words(const std::string& list) {
  auto words = split(list, ",");
  std::sort(words.begin(), words.end());
  words.erase(std::unique(words.begin(), words.end()), words.end());
  std::string text;
  for (const auto& word : words) text += (text.empty() ? "" : ",") + word;
  return text;
}

std::string length_of(const Type& type) {
  const auto length = type.length();
  return length ? std::to_string(length->least) + ".." + std::to_string(length->most) : "";
}

const std::map<std::string, std::string> kWholeRanges = {{"uint8", "0..255"},
                                                         {"uint16", "0..65535"},
                                                         {"uint32", "0..4294967295"},
                                                         {"int32", "-2147483648..2147483647"},
                                                         {"uint64", "0..9223372036854775807"}};

// Values that tell the vendor's types of text apart: taken, refused.
struct Samples {
  std::vector<const char*> good, bad;
};
const std::map<std::string, Samples> kSamples = {
    {"ipv4addr", {{"10.0.0.1"}, {"1611::1", "word", "10.0.0.256"}}},
    {"ipv6addr", {{"1611::1"}, {"10.0.0.1", "word", "1611::1::2"}}},
    {"ipaddr", {{"10.0.0.1", "1611::1"}, {"10.0.0.0/8/8", "10.0.0.256"}}},
    {"ipprefix", {{"10.0.0.0/8", "2222::/64"}, {"word", "10.0.0.0/33"}}},
    {"ipprefix-only", {{"10.0.0.0/8", "2222::/64"}, {"word", "10.0.0.0/33"}}},
    {"ipprefix-mandatory", {{"10.0.0.0/8"}, {"word", "10.0.0.0/33"}}},
    {"ipv4prefix", {{"10.0.0.0/8"}, {"2222::/64", "word"}}},
    {"ipv4prefix-only", {{"10.0.0.0/8"}, {"2222::/64", "word"}}},
    {"ipv4prefix-mandatory", {{"10.0.0.0/8"}, {"2222::/64", "word"}}},
    {"ipv6prefix", {{"2222::/64"}, {"10.0.0.0/8", "word"}}},
    {"interface-name", {{"et-0/0/0.0", "et-0/0/0"}, {"a b"}}},
    {"interface-unit", {{"et-0/0/0.0"}, {"a b"}}},
    {"interface-device", {{"et-0/0/0"}, {"a b"}}},
    {"areaid", {{"0", "0.0.0.0"}, {"word", "1611::1"}}},
    {"mac-addr", {{"00:11:22:33:44:55"}, {"word", "00:11"}}},
    {"mac-unicast", {{"00:11:22:33:44:55"}, {"word", "00:11"}}},
    {"time-of-day", {{"12:30"}, {"25:00", "word"}}},
    {"hostname", {{"a.example"}, {"a b"}}},
    {"vlan-range", {{"10", "10-20"}, {"word"}}},
    {"unreadable", {{"geheim"}, {}}},
    {"string", {{}, {}}},
};

class Comparison {
 public:
  explicit Comparison(std::set<std::string>& found) : found_(found) {}

  void run(const Fact& fact) {
    path_ = fact.path;
    const Statement* here = schema().at(fact.path);
    if (!here) return differs("statement", fact.kind, "none");
    kind(fact, *here);
    if (here->kind == Kind::kList)
      keys(fact, *here);
    else if (here->type)
      type(fact.type, *here->type);
    notes(fact, *here);
  }

 private:
  void differs(const std::string& what, const std::string& published, const std::string& here) {
    found_.insert(path_ + ": " + what + ": " + published + ", here " + here);
  }
  void compare(const std::string& what, const std::string& published, const std::string& here) {
    if (published != here) differs(what, published, here.empty() ? "none" : here);
  }

  // A container whose contents are not in the schema stands for itself: it is a presence here.
  void kind(const Fact& fact, const Statement& here) {
    const bool empty = std::all_of(here.children.begin(), here.children.end(), [](auto child) {
      return child->inheritance != Inheritance::kNone;
    });
    if (fact.kind == "container" && here.kind == Kind::kPresence && empty) return;
    compare("kind", fact.type == "empty" ? "flag" : fact.kind,
            here.kind == Kind::kFlag ? "flag" : kKinds[static_cast<int>(here.kind)]);
  }

  // "name:string", "address:ipv4prefix choice-ident:enum{a,b}"
  void keys(const Fact& fact, const Statement& list) {
    std::string names;
    for (const Statement* key : list.keys) names += (names.empty() ? "" : " ") + key->name;
    compare("key", fact.note("key"), names);
    const auto types = split(fact.type, " ");
    if (types.size() != list.keys.size()) return;
    for (size_t i = 0; i < types.size(); ++i)
      type(types[i].substr(types[i].find(':') + 1), *list.keys[i]->type);
  }

  void type(const std::string& published, const Type& here) {
    const size_t open = published.find_first_of("[{");
    const std::string name = published.substr(0, open);
    const std::string inner =
        open == std::string::npos ? "" : published.substr(open + 1, published.size() - open - 2);
    if (name == "enum") return compare("words", sorted_words(inner), words_of(here));
    if (const auto whole = kWholeRanges.find(name); whole != kWholeRanges.end())
      return compare("range", "(" + (inner.empty() ? whole->second : inner) + ")", here.range());
    if (name == "string" && !inner.empty()) compare("length", inner, length_of(here));
    const auto samples = kSamples.find(name);
    if (samples == kSamples.end()) return;
    for (const char* good : samples->second.good)
      if (here.refuse(good)) differs("type " + name, std::string("takes ") + good, "not");
    for (const char* bad : samples->second.bad)
      if (!here.refuse(bad)) differs("type " + name, std::string("refuses ") + bad, "not");
  }

  void notes(const Fact& fact, const Statement& here) {
    compare("default", fact.note("default"), here.default_value.value_or(""));
    compare("mandatory", fact.has("mandatory") ? "yes" : "no", here.mandatory ? "yes" : "no");
    compare("order", fact.has("user-ordered") ? "kept" : "sorted",
            here.user_ordered ? "kept" : "sorted");
    if (const auto most = fact.note("max"); !most.empty())
      compare("most", most, std::to_string(here.most));
    const auto unit = fact.note("units");
    if (!unit.empty() && here.help.find(unit) == std::string::npos)
      differs("units", unit, "'" + here.help + "'");
    form(fact.note("cli"), here);
  }

  void form(const std::string& published, const Statement& here) {
    const auto forms = split(published, ",");
    const auto says = [&](const char* form) {
      return std::find(forms.begin(), forms.end(), form) != forms.end() ? "yes" : "no";
    };
    const auto yes = [](bool is) { return is ? "yes" : "no"; };
    const bool list = here.kind == Kind::kList;
    compare("nokeyword", says("nokeyword"), yes(here.no_keyword));
    compare("oneliner", says("oneliner"), yes(here.one_line));
    compare("oneliner-plus", says("oneliner-plus"), yes(here.one_line_plus));
    if (list) compare("homogeneous", says("homogeneous"), yes(here.homogeneous));
  }

  std::set<std::string>& found_;
  std::string path_;
};

// "difference | reason"
std::map<std::string, std::string> known_differences() {
  std::map<std::string, std::string> known;
  std::ifstream lines(kPublished / kDifferences);
  for (std::string line; std::getline(lines, line);) {
    if (line.empty() || line.starts_with("#")) continue;
    const auto at = line.rfind(" | ");
    known[line.substr(0, at)] = at == std::string::npos ? "" : line.substr(at + 3);
  }
  return known;
}

TEST(Published, HierarchyIsOursButForKnownDifferences) {
  std::set<std::string> found;
  Comparison comparison(found);
  const auto published = facts();
  EXPECT_GT(published.size(), 5000u);
  for (const Fact& fact : published) {
    comparison.run(fact);
    EXPECT_EQ(fact.type.find("..."), std::string::npos) << fact.path << ": words left out";
  }
  const auto known = known_differences();
  std::ofstream more;
  if (std::getenv("NEZU_UPDATE_GOLDEN")) more.open(kPublished / kDifferences, std::ios::app);
  for (const auto& difference : found) {
    if (known.contains(difference)) continue;
    ADD_FAILURE() << difference;
    more << difference << " | ?\n";
  }
  for (const auto& [difference, reason] : known) {
    EXPECT_TRUE(found.contains(difference)) << "differs no more: " << difference;
    EXPECT_GT(reason.size(), 5u) << "no reason: " << difference;
  }
}

// Two statements of a level, in the order of their names.
using Pair = std::pair<std::string, std::string>;
Pair pair_of(const std::string& one, const std::string& other) {
  return std::minmax(one, other);
}

// What one level says of choices: all that are in one, and those of them that replace each other.
struct Choices {
  std::set<std::string> members;
  std::set<Pair> rivals;

  // "case | case"
  void add(const std::string& line) {
    std::vector<std::string> before;
    for (const auto& alternative : split(line, " | ")) {
      const auto names = split(alternative, " ");
      for (const auto& name : names)
        for (const auto& other : before) rivals.insert(pair_of(name, other));
      before.insert(before.end(), names.begin(), names.end());
    }
    members.insert(before.begin(), before.end());
  }
};

std::map<std::string, Choices> published_choices() {
  std::map<std::string, Choices> found;
  std::ifstream lines(kPublished / kChoices);
  std::vector<std::string> levels;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("#")) continue;
    if (line.starts_with("@ "))
      levels = split(line.substr(2), " | ");
    else
      for (const auto& level : levels) found[level].add(line.substr(line.find(": ") + 2));
  }
  return found;
}

bool replace_each_other(const Statement& one, const Statement& other) {
  return one.alternative && one.alternative == other.alternative &&
         one.alternative_case != other.alternative_case;
}

TEST(Published, CasesOfAChoiceReplaceEachOtherAndNothingElse) {
  const auto published = published_choices();
  EXPECT_GT(published.size(), 300u);
  for (const auto& [level, choices] : published)
    for (const auto& one : choices.members)
      for (const auto& other : choices.members) {
        if (one >= other) continue;
        const Statement* left = schema().at(level + " " + one);
        const Statement* right = schema().at(level + " " + other);
        ASSERT_TRUE(left && right) << level << ": " << one << ", " << other;
        EXPECT_EQ(replace_each_other(*left, *right), choices.rivals.contains({one, other}))
            << level << ": " << one << ", " << other;
      }
}

TEST(Published, StatementsStandInThePublishedOrder) {
  std::ifstream lines(kPublished / kOrder);
  size_t levels = 0;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("#")) continue;
    const auto colon = line.find(": ");
    const Statement* before = nullptr;
    for (const auto& name : split(line.substr(colon + 2), " ")) {
      const Statement* here = schema().at(line.substr(0, colon) + " " + name);
      ASSERT_TRUE(here) << line.substr(0, colon) << " " << name;
      EXPECT_TRUE(!before || before->place < here->place) << here->path();
      before = here;
    }
    ++levels;
  }
  EXPECT_GE(levels, 10u);
}

// "statement | condition | reason"
std::vector<std::vector<std::string>> left_out() {
  std::vector<std::vector<std::string>> all;
  std::ifstream lines(kPublished / kLeftOut);
  for (std::string line; std::getline(lines, line);)
    if (!line.starts_with("#")) all.push_back(split(line, " | "));
  return all;
}

size_t checks_of(const Statement& statement) {
  size_t count = statement.musts.size() + !statement.reference.empty();
  for (const Statement* key : statement.keys) count += checks_of(*key);
  if (!statement.type || !statement.parent || statement.parent->kind != Kind::kList) return count;
  for (const auto& leaves : statement.parent->unique)
    count += std::count(leaves.begin(), leaves.end(), &statement);
  return count;
}

TEST(Published, ConditionsAreInTheSchemaOrLeftOutForAReason) {
  std::map<std::string, size_t> left;
  for (const auto& entry : left_out()) {
    ASSERT_EQ(entry.size(), 3u) << entry.front();
    ++left[entry[0]];
  }
  size_t published = 0;
  for (const Fact& fact : facts()) {
    if (fact.note("checks").empty() || fact.again) continue;
    const size_t wanted = std::stoul(fact.note("checks"));
    const Statement* here = schema().at(fact.path);
    published += wanted;
    EXPECT_GE((here ? checks_of(*here) : 0) + left[fact.path], wanted) << fact.path;
    EXPECT_LE(left[fact.path], wanted) << fact.path;
  }
  EXPECT_GT(published, 1000u);
}

// What was left out for want of a statement has to come in with it.
TEST(Published, WhatIsLeftOutStillLacksItsTargets) {
  for (const auto& entry : left_out()) {
    const auto& reason = entry.back();
    EXPECT_GT(reason.size(), 5u) << entry[0] << ": " << entry[1];
    const bool all = reason.starts_with("excludes: "), one = reason.starts_with("needs: ");
    if (!all && !one) continue;
    size_t there = 0;
    const auto targets = split(reason.substr(reason.find(": ") + 2), "; ");
    for (const auto& target : targets) there += schema().at(target) != nullptr;
    EXPECT_LT(there, all ? 1 : targets.size()) << entry[0] << ": " << entry[1] << ": " << reason;
  }
}

}  // namespace
}  // namespace nezu::grammar
