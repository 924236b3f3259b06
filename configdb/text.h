#pragma once
#include <string>

#include "configdb/edit.h"
#include "grammar/writer.h"

/// Configuration trees as text, through the writers of the grammar.
namespace nezu::configdb {

/// Writes what stands at `path`: the contents of a container or entry, the entries of a list, a
/// leaf. Nothing if it is not configured. Calls finish().
void write(const NodePtr& root, const Path& path, grammar::ConfigurationWriter& writer);

/// Writes one node with its own line or braces, and all below it.
void write_node(const NodePtr& node, grammar::ConfigurationWriter& writer);

/// `show`: curly text from column 0.
std::string curly_text(const NodePtr& root, const Path& path = {});
/// `show | display set`: whole paths.
std::string set_text(const NodePtr& root, const Path& path = {});

/// `show | compare`: what turns `before` into `after` at `path` and below; "" if nothing. Under
/// each "[edit PATH]" the changed statements, with the indentation of their depth: a leaf d+1, a
/// container or entry d+2 columns after the sign, where d is the number of steps in PATH.
std::string compare(const NodePtr& before, const NodePtr& after, const Path& path = {});

}  // namespace nezu::configdb
