#include "services/mgmt/command_record.h"

#include <algorithm>
#include <set>

#include "configdb/secrets.h"
#include "services/mgmt/local_commands.h"

namespace nezu::mgmt {
namespace {
using grammar::Statement;
using Names = std::set<std::string, std::less<>>;

// The keywords behind which secrets stand.
void collect(const Statement& statement, Names& names) {
  if (statement.secret) names.insert(statement.name);
  for (const Statement* child : statement.children) collect(*child, names);
}

const Names& all_names(const Statement& root) {
  static thread_local const Statement* known = nullptr;
  static thread_local Names names;
  if (known != &root) {
    names.clear();
    collect(root, names);
    known = &root;
  }
  return names;
}

class Hiding {
 public:
  Hiding(const Place& place, size_t words) : root_(place.root), hidden_(words) {}

  /// `words` are those of the line from the `first` on.
  void command(const Place& place, Words words, size_t first) {
    const FoundCommand found = place.commands.find(place.mode, words);
    if (found.match.problem) return not_understood(words, first, found.match.problem->word);
    if (!found.tail()) return arguments(found.match.command, words, first);
    const Words rest = words.subspan(found.words);
    first += found.words;
    if (rest.empty()) return;
    if (found.local->leads_on) {
      const bool runs = std::string_view(found.local->words) == "run";
      const Mode mode = runs ? Mode::kOperational : place.mode;
      return command({place.commands, place.root, mode, {}}, rest, first);
    }
    if (const auto problem = found.tail()->check(place, rest))
      not_understood(rest, first, problem->word);
    path(place, rest, first);
  }

  /// Of a command that the schema has: the passphrase of a key, for one.
  void arguments(const grammar::Command* command, Words words, size_t first) {
    Names names;
    if (command && command->input) collect(*command->input, names);
    behind(names, words, first);
  }

  /// What stands behind the word that is not understood may be anything.
  void not_understood(Words words, size_t first, size_t wrong) {
    behind(all_names(root_), words, first);
    for (size_t i = wrong + 1; i < words.size(); ++i) hidden_[first + i] = true;
  }

  const std::vector<bool>& hidden() const { return hidden_; }

 private:
  void path(const Place& place, Words words, size_t first) {
    const auto found = grammar::resolve(place.root, place.level, words, grammar::Reach::kAny);
    if (found.problem) return behind(all_names(place.root), words, first);
    Names names;
    for (const auto& path : found.paths)
      for (const auto& step : path)
        if (step.statement->secret) names.insert(step.statement->name);
    behind(names, words, first);
  }

  // The word behind a name, or behind what may stand for one.
  void behind(const Names& names, Words words, size_t first) {
    for (size_t i = 0; i + 1 < words.size(); ++i) {
      const auto at = names.lower_bound(words[i].text);
      if (!words[i].text.empty() && at != names.end() && at->starts_with(words[i].text))
        hidden_[first + i + 1] = true;
    }
  }

  const Statement& root_;
  std::vector<bool> hidden_;
};

}  // namespace

std::string recordable(const Place& place, const grammar::CommandLine& parsed,
                       std::string_view line) {
  const auto& words = parsed.words;
  Hiding hiding(place, words.size());
  if (parsed.error) {
    // Up to where it was read; the rest of the line is no words yet.
    hiding.not_understood(words, 0, 0);
    line = words.empty() ? std::string_view() : line.substr(0, words.back().end);
  } else if (too_nested(place, words)) {
    hiding.not_understood(words, 0, 0);
  } else if (!words.empty()) {
    hiding.command(place, words, 0);
  }
  std::string text(line.substr(0, line.find_last_not_of(" \t") + 1));
  for (size_t i = words.size(); i-- > 0;)
    if (hiding.hidden()[i] && words[i].end <= text.size())
      text.replace(words[i].column, words[i].end - words[i].column, configdb::kHidden);
  return configdb::without_secrets(std::move(text));
}

}  // namespace nezu::mgmt
