#pragma once
#include <string>
#include <vector>

#include "services/mgmt/tail.h"

/// What the schema says of statements, for `help`.
namespace nezu::mgmt {

/// Visits every statement below `level` once; what is hidden, and what groups and interface ranges
/// repeat, is left out.
template <class Visit>
void each_statement(const grammar::Statement& level, const Visit& visit) {
  for (const auto* child : level.children) {
    if (child->parent != &level || child->hidden) continue;
    if (child->inheritance != grammar::Inheritance::kNone) continue;
    visit(*child);
    if (!child->groups) each_statement(*child, visit);
  }
}

/// "interfaces <interface-name> unit <interface-unit-number> mtu <mtu>"
std::string path_text(const grammar::Statement& statement);
/// What of it is typed, without values: "interfaces unit mtu".
std::string names_text(const grammar::Statement& statement);

/// `help topic`: what statements whose path ends with `names` are for; `help reference`: how they
/// are written. The first ten, and where the others stand; "" if there are none.
std::string topic(const grammar::Statement& root, const std::string& names);
std::string reference(const grammar::Statement& root, const std::string& names);

/// The names of statements, from the top or from anywhere, several words.
TailPtr names_tail();

}  // namespace nezu::mgmt
