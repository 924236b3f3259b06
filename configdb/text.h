#pragma once
#include <memory>
#include <string>

#include "configdb/edit.h"
#include "configdb/expand.h"
#include "grammar/writer.h"

/// Configuration trees as text, through the writers of the grammar.
namespace nezu::configdb {

/// Writes what stands at `path`: the contents of a container or entry, the entries of a list, a
/// leaf. Nothing if it is not configured. Calls finish().
void write(const NodePtr& root, const Path& path, grammar::ConfigurationWriter& writer);

/// `| display inheritance`: the same of what inherit() made, with the origin of each statement.
/// `defaults`: with what the schema's defaults give to containers that are there, as if inherited
/// from junos-defaults.
void write_inherited(const Inherited& shown, const Path& path, bool defaults,
                     grammar::ConfigurationWriter& writer);

/// Writes one node with its own line or braces, and all below it.
void write_node(const NodePtr& node, grammar::ConfigurationWriter& writer);

/// What configuration is written in. Each reads back to the same configuration.
enum class Form {
  kText,         ///< `show`: in braces, from column 0, without what is around `path`
  kSet,          ///< `| display set`: lines with whole paths
  kSetRelative,  ///< `| display set relative`: lines with paths from `path` on
  kXml,          ///< <configuration> with all that is around `path`
  kJson,
};

/// A writer of what write() says of `path`. `indent` is XML's, in columns.
std::unique_ptr<grammar::ConfigurationWriter> writer(Form form, const Path& path,
                                                     grammar::TextSink sink, int indent = 0);

std::string text(const NodePtr& root, Form form, const Path& path = {});
/// text() as Form::kText and Form::kSet.
std::string curly_text(const NodePtr& root, const Path& path = {});
std::string set_text(const NodePtr& root, const Path& path = {});

/// `show | compare`: what turns `before` into `after` at `path` and below; "" if nothing. Under
/// each "[edit PATH]" the changed statements, with the indentation of their depth: a leaf d+1, a
/// container or entry d+2 columns after the sign, where d is the number of steps in PATH.
std::string compare(const NodePtr& before, const NodePtr& after, const Path& path = {});

}  // namespace nezu::configdb
