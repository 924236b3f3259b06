#include "grammar/statement_pages.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "grammar/value_types.h"
#include "tests/grammar/fixture.h"

namespace nezu::grammar {
namespace {

namespace fs = std::filesystem;
const fs::path kPages = fs::path(NEZU_SOURCE_DIR) / "docs/statements";

std::string contents(const fs::path& file) {
  std::ostringstream text;
  text << std::ifstream(file).rdbuf();
  return text.str();
}

const std::map<std::string, std::string>& pages() {
  static const auto kMade = [] {
    std::map<std::string, std::string> made;
    for (auto& page : statement_pages(schema())) made[page.file] = std::move(page.text);
    return made;
  }();
  return kMade;
}

TEST(StatementPages, AreWhatTheSchemaSays) {
  for (const auto& [file, text] : pages())
    EXPECT_TRUE(contents(kPages / file) == text)
        << file << " is stale: ninja statement-pages writes it";
  for (const auto& file : fs::directory_iterator(kPages))
    EXPECT_TRUE(pages().contains(file.path().filename())) << file.path() << " is of no hierarchy";
}

// What a page's headings are reached by, as GitHub makes it of what is shown.
std::set<std::string> anchors(const std::string& page) {
  std::set<std::string> all;
  std::istringstream lines(page);
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with("#")) continue;
    line.erase(0, line.find(' ') + 1);
    for (size_t at; (at = line.find("&lt;")) != std::string::npos;) line.replace(at, 4, "<");
    std::string anchor;
    for (const char c : line)
      if (c == ' ' || c == '-')
        anchor += '-';
      else if (c == '_' || std::isalnum(static_cast<unsigned char>(c)))
        anchor += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    for (int n = 0; !all.insert(n ? anchor + "-" + std::to_string(n) : anchor).second;) ++n;
  }
  return all;
}

// Every link leads to a heading.
TEST(StatementPages, ReferToWhatIsThere) {
  size_t links = 0;
  std::map<std::string, std::set<std::string>> known;
  for (const auto& [file, text] : pages()) known[file] = anchors(text);
  for (const auto& [file, text] : pages())
    for (size_t at = 0; (at = text.find("holds what [`", at)) != std::string::npos; ++links) {
      const size_t name = at + 13, tick = text.find('`', name);
      const std::string path = text.substr(name, tick - name);
      const size_t open = text.find('(', tick), hash = text.find('#', open);
      const std::string target = text.substr(open + 1, hash - open - 1);
      ASSERT_TRUE(pages().contains(target)) << path;
      EXPECT_TRUE(schema().at(path)) << path;
      const std::string anchor = text.substr(hash + 1, text.find(')', hash) - hash - 1);
      EXPECT_TRUE(known[target].contains(anchor)) << target << "#" << anchor;
      at = hash;
    }
  EXPECT_GT(links, 50u);
}

TEST(StatementPages, SayWhatAStatementIs) {
  const auto& security = pages().at("security.md");
  for (const char* part :
       {"## security ike gateway &lt;name>", "- `ike-policy <",
        "mandatory; names `security ike policy`", "180..86400; default `28800`", "either this or"})
    EXPECT_NE(security.find(part), std::string::npos) << part;
  EXPECT_NE(pages().at("snmp.md").find("*No effect.*"), std::string::npos);
  EXPECT_EQ(pages().at("snmp.md").find("*No effect.*"),
            pages().at("snmp.md").rfind("*No effect.*"));
}

TEST(StatementPages, NameTypes) {
  const auto words = [](const char* path) { return value_words(*schema().at(path)->type); };
  EXPECT_EQ(words("security ike gateway local-address"), "address");
  EXPECT_EQ(words("security ike gateway version"), "one of v1-only, v2-only");
  EXPECT_EQ(words("security ike proposal lifetime-seconds"), "180..86400");
  EXPECT_EQ(words("routing-options router-id"), "IPv4 address");
  EXPECT_EQ(words("security ike policy description"), "text, 1..80 characters");
  EXPECT_EQ(value_words(*schema().at("interfaces interface")->keys[0]->type), "interface");
}

}  // namespace
}  // namespace nezu::grammar
