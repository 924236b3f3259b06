#pragma once
#include <string>

#include "configdb/tree.h"

namespace nezu::configdb {

/// What stands in a log where a secret stood.
inline constexpr char kHidden[] = "/* SECRET-DATA */";

/// `text` fit for a log: without any secret of the RAW or EFFECTIVE tree `root`, in clear or as it
/// is displayed, and without anything that looks like an encoded one. Cost: the secrets there are.
std::string without_secrets(std::string text, const NodePtr& root);
/// Only what looks like an encoded secret.
std::string without_secrets(std::string text);

}  // namespace nezu::configdb
