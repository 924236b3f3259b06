#include "grammar/statement_pages.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
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

// Every link leads to a heading.
TEST(StatementPages, ReferToWhatIsThere) {
  size_t links = 0;
  for (const auto& [file, text] : pages())
    for (size_t at = 0; (at = text.find("holds what [`", at)) != std::string::npos; ++links) {
      const size_t name = at + 13, tick = text.find('`', name);
      const std::string path = text.substr(name, tick - name);
      const size_t open = text.find('(', tick), hash = text.find('#', open);
      const std::string target = text.substr(open + 1, hash - open - 1);
      ASSERT_TRUE(pages().contains(target)) << path;
      EXPECT_TRUE(schema().at(path)) << path;
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
