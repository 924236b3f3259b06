#pragma once
#include <gtest/gtest.h>

#include <optional>
#include <random>
#include <string>
#include <vector>

#include "grammar/path.h"

namespace nezu::grammar {

/// Paths of a schema, to anything that can be set, with values of their types.
class RandomPaths {
 public:
  RandomPaths(const Statement& root, unsigned seed) : root_(root), random_(seed) {}

  Path path() {
    for (;;) {
      no_value_ = false;
      Path path = any_path();
      if (!no_value_) return path;
    }
  }
  /// A value of a leaf or leaf-list, the key of a list; nullopt: this knows none that fits, and no
  /// path goes there.
  std::optional<std::string> value(const Statement& statement) {
    no_value_ = false;
    std::string value = value_of(statement);
    return no_value_ ? std::nullopt : std::optional(std::move(value));
  }
  bool chance(int one_in) { return random_() % one_in == 0; }
  size_t number(size_t below) { return random_() % below; }

  std::string text() {
    static constexpr std::string_view kHard = "abz09 ;{}[]\"\\#|/*$&<>:=\n\t'%^(),.-_é";
    std::string value;
    for (auto length = random_() % 12 + 1; length > 0; --length)
      value += kHard[random_() % kHard.size()];
    return value;
  }

 private:
  Path any_path() {
    Path path;
    const Statement* statement = &root_;
    while (statement->holds_statements() && !statement->children.empty()) {
      statement = pick(statement->children);
      path.push_back({statement, value_of(*statement)});
      const bool may_end = statement->kind == Kind::kList || statement->kind == Kind::kPresence;
      if (may_end && chance(4)) break;
    }
    return path;
  }

  template <typename List>
  typename List::value_type pick(const List& list) {
    return list[random_() % list.size()];
  }

  std::string value_of(const Statement& statement) {
    if (statement.kind == Kind::kList) {
      if (statement.keys.size() == 1) return typed(*statement.keys[0]);
      std::string key, last;
      for (const auto part : statement.keys) {
        if (!key.empty() && absent_after(*part, last)) continue;
        last = plain(*part);
        key += (key.empty() ? "" : " ") + last;
      }
      return key;
    }
    return statement.type ? typed(statement) : "";
  }

  // A blank stands between several keys, so none of them holds one.
  std::string plain(const Statement& key) {
    std::string value = typed(key);
    while (quote(value) != value && !no_value_) value = typed(key);
    return value;
  }

  // Whatever the type takes of a bag of likely values.
  std::string typed(const Statement& statement) {
    const auto& type = *statement.type;
    if (!type.choices().empty()) return pick(type.choices()).word;
    static const std::vector<std::string> kLikely = {"0",
                                                     "1",
                                                     "7",
                                                     "300",
                                                     "1400",
                                                     "9000",
                                                     "4294967295",
                                                     "64000",
                                                     "10.0.0.1",
                                                     "1611::1",
                                                     "10.0.0.0/8",
                                                     "2222::/64",
                                                     "st0.1",
                                                     "et-0/0/0",
                                                     "si-0/0/0.1",
                                                     "name_1",
                                                     "et-0/2/10",
                                                     "10g",
                                                     "a.example",
                                                     "cafe",
                                                     "600",
                                                     "00:11:22:33:44:55",
                                                     "12:30",
                                                     "inet.0",
                                                     "65000:7",
                                                     "0x8100",
                                                     "xe-0/0/0",
                                                     "30",
                                                     "-1",
                                                     "10",
                                                     "4",
                                                     "2",
                                                     "20",
                                                     "40",
                                                     "100",
                                                     "1000",
                                                     "pfe-0/0/0",
                                                     "10/20",
                                                     "A_TAG",
                                                     "65000:7/64",
                                                     "ssh-dss AA",
                                                     "ssh-ed25519 AA",
                                                     "/a/0/b/0/c/0/d/0/e",
                                                     "%b %d"};
    for (int tries = 0; tries < 500; ++tries) {
      const auto value = chance(3) ? text() : pick(kLikely);
      if (!type.refuse(value)) return type.canonical(value);
    }
    if (const auto range = type.range(); range.starts_with('('))
      return range.substr(1, range.find("..") - 1);
    no_value_ = true;  // a pattern that nothing here fits
    return "x";
  }

  const Statement& root_;
  std::mt19937 random_;
  bool no_value_ = false;
};

}  // namespace nezu::grammar
