#include "configdb/wildcard.h"

#include <algorithm>

#include "grammar/schema.h"

namespace nezu::configdb {
namespace {

// A character class at the beginning of `pattern`.
struct Class {
  size_t length = 0;  ///< 0: `[` stands for itself
  bool matches = false;
};

Class read_class(std::string_view pattern, char c) {
  size_t at = 1;
  const bool inverted = at < pattern.size() && pattern[at] == '!';
  if (inverted) ++at;
  const size_t end = pattern.find(']', at + 1);
  if (end == pattern.npos) return {};
  bool in = false;
  while (at < end) {
    const bool range = at + 2 < end && pattern[at + 1] == '-';
    const auto low = static_cast<unsigned char>(pattern[at]);
    const auto high = static_cast<unsigned char>(range ? pattern[at + 2] : pattern[at]);
    const auto tried = static_cast<unsigned char>(c);
    in = in || (low <= tried && tried <= high);
    at += range ? 3 : 1;
  }
  return {end + 1, in != inverted};
}

// How many characters of the pattern stand for `c`, or 0 if they do not.
size_t match_one(std::string_view pattern, char c) {
  if (pattern.front() == '?') return 1;
  if (pattern.front() == '[') {
    const Class found = read_class(pattern, c);
    if (found.length) return found.matches ? found.length : 0;
  }
  return pattern.front() == c ? 1 : 0;
}

std::string_view next_key(std::string_view& keys) {
  const size_t end = std::min(keys.find(' '), keys.size());
  const auto key = keys.substr(0, end);
  keys.remove_prefix(std::min(end + 1, keys.size()));
  return key;
}

bool one_matches(std::string_view group_key, std::string_view key) {
  if (!grammar::is_wildcard(group_key)) return group_key == key;
  return glob_matches(group_key.substr(1, group_key.size() - 2), key);
}

}  // namespace

bool glob_matches(std::string_view pattern, std::string_view name) {
  size_t p = 0, n = 0;
  size_t star = pattern.npos, behind_star = 0;  // where to go on if what follows a `*` fails
  while (n < name.size()) {
    const size_t step =
        p < pattern.size() && pattern[p] != '*' ? match_one(pattern.substr(p), name[n]) : 0;
    if (step) {
      p += step;
      ++n;
    } else if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      behind_star = n;
    } else if (star != pattern.npos) {
      p = star + 1;
      n = ++behind_star;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

bool has_wildcard(std::string_view group_key) {
  while (!group_key.empty())
    if (grammar::is_wildcard(next_key(group_key))) return true;
  return false;
}

bool key_matches(std::string_view group_key, std::string_view key) {
  if (!has_wildcard(group_key)) return group_key == key;
  // A wildcard of one key alone may match blanks.
  if (group_key.find(' ') == group_key.npos) return one_matches(group_key, key);
  while (!group_key.empty() && !key.empty())
    if (!one_matches(next_key(group_key), next_key(key))) return false;
  return group_key.empty() && key.empty();
}

Beginning literal_beginning(std::string_view group_key) {
  if (!has_wildcard(group_key)) return {group_key, true};
  std::string_view rest = group_key;
  const std::string_view first = next_key(rest);
  if (!grammar::is_wildcard(first)) return {first, false};
  const std::string_view pattern = first.substr(1, first.size() - 2);
  const size_t end = std::min(pattern.find_first_of("*?["), pattern.size());
  return {pattern.substr(0, end), end == pattern.size() && first.size() == group_key.size()};
}

size_t literal_length(std::string_view group_key) {
  return static_cast<size_t>(std::count_if(group_key.begin(), group_key.end(), [](char c) {
    return std::string_view("*?[]!<>").find(c) == std::string_view::npos;
  }));
}

}  // namespace nezu::configdb
