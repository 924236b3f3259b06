#pragma once
#include <memory>

#include "configdb/node.h"
#include "grammar/writer.h"

/// Writers that say more of each statement and pass it on.
namespace nezu::configdb {

using WriterPtr = std::unique_ptr<grammar::ConfigurationWriter>;

/// `| display detail`: above each statement what it is, its range, and what it takes.
WriterPtr with_details(WriterPtr next);

/// Without `| display omit`: what has `apply-flags omit` is shown without what it holds.
WriterPtr with_omissions(WriterPtr next);

/// `| display changed`: marks what `before` does not have, or otherwise. `path`: what is written of
/// `after` begins there.
WriterPtr with_changes(WriterPtr next, NodePtr before, NodePtr after, grammar::Path path);

}  // namespace nezu::configdb
