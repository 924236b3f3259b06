#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "grammar/schema.h"

/// Where in the configuration something is: statements with their keys and values.
namespace nezu::grammar {

/// One statement on the way. `value` is a list entry's key (several keys: joined by a blank), the
/// value of a leaf or leaf-list, or "" for everything else and for a leaf named without its value.
/// Values are canonical; secrets are clear text.
struct Step {
  const Statement* statement = nullptr;
  std::string value;
  bool operator==(const Step&) const = default;
};

/// From just below the root of the configuration to the statement meant. Empty: the root.
using Path = std::vector<Step>;

/// What is typed for a step: "interfaces", "unit 0", "et-0/0/0" (no keyword), "description \"a
/// b\"".
std::string step_words(const Step& step);

/// The value of a step as it is typed: quoted where it must be, a secret encoded, several keys with
/// blanks between them.
std::string value_words(const Step& step);
/// "interfaces et-0/0/0 unit 0": what stands after "[edit ".
std::string path_words(const Path& path);
/// The same as single words, for configdb::Problem.
std::vector<std::string> path_word_list(const Path& path);

/// How many steps there are up to and with the first statement below the first `level` of them:
/// "family inet" is one statement.
size_t statement_end(const Path& path, size_t level);

/// `value` as it is written in configuration text: quoted if the language needs it.
std::string quote(std::string_view value);

}  // namespace nezu::grammar
