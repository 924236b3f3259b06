#include "configdb/secrets.h"

#include <algorithm>
#include <set>
#include <unordered_map>
#include <vector>

#include "configdb/node.h"
#include "grammar/secret.h"

namespace nezu::configdb {
namespace {

using grammar::Statement;

// Statements that are secret, and those above them.
class Ways {
 public:
  bool lead(const Statement& statement) {
    const auto [at, fresh] = known_.emplace(&statement, statement.secret);
    if (!fresh) return at->second;
    bool way = statement.secret;
    for (const Statement* child : statement.children) way = lead(*child) || way;
    return known_[&statement] = way;
  }

 private:
  std::unordered_map<const Statement*, bool> known_;
};

void collect(const Node& node, Ways& ways, std::set<std::string>& out) {
  if (!ways.lead(*node.statement)) return;
  if (node.statement->secret && !node.text.empty()) {
    out.insert(node.text);
    out.insert(grammar::encode_secret(node.text));
  }
  node.children.each([&](const NodePtr& child) { collect(*child, ways, out); });
}

void replace_all(std::string& text, const std::string& what) {
  for (size_t at = text.find(what); at != text.npos; at = text.find(what, at)) {
    text.replace(at, what.size(), kHidden);
    at += sizeof kHidden - 1;
  }
}

bool ends_word(char c) {
  return c == ' ' || c == '"' || c == '\'' || c == ';' || c == '\n' || c == '\t' || c == '\0';
}

}  // namespace

std::string without_secrets(std::string text) {
  for (size_t at = text.find('$'); at != text.npos; at = text.find('$', at + 1)) {
    // $9$…, and what password files hold: $1$…, $5$…, $6$….
    if (at + 2 >= text.size() || text[at + 2] != '$') continue;
    size_t end = at + 3;
    while (end < text.size() && !ends_word(text[end])) ++end;
    text.replace(at, end - at, kHidden);
  }
  return text;
}

std::string without_secrets(std::string text, const NodePtr& root) {
  Ways ways;
  std::set<std::string> secrets;
  if (root) collect(*root, ways, secrets);
  // Long ones first: one may be part of another.
  std::vector<std::string> ordered(secrets.begin(), secrets.end());
  std::sort(ordered.begin(), ordered.end(),
            [](const auto& a, const auto& b) { return a.size() > b.size(); });
  for (const std::string& secret : ordered) replace_all(text, secret);
  return without_secrets(std::move(text));
}

}  // namespace nezu::configdb
