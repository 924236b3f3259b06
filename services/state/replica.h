#pragma once
#include <memory>

#include "grammar/schema.h"
#include "services/state/daemon_client.h"

namespace nezu::state {

/// The empty tree of a daemon that has heard nothing yet.
configdb::View empty_tree(const grammar::Schema& schema);

/// Reads `set` and `delete` lines into a tree, with the language's own reader. False if a line
/// does not fit; `problem` then says which, in words of the schema only: lines hold secrets.
configdb::View read_lines(const configdb::View& base,
                          const google::protobuf::RepeatedPtrField<std::string>& lines,
                          std::string& problem);

}  // namespace nezu::state
