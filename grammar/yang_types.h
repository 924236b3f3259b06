#pragma once
#include <memory>
#include <string>

#include "grammar/schema.h"

struct lysc_type;

namespace nezu::grammar {

/// Freezes a compiled YANG type; nothing of it refers to libyang afterwards. An empty placeholder
/// becomes the type's own. Throws std::runtime_error for a type we have no use for.
std::unique_ptr<Type> freeze_type(const lysc_type* type, const std::string& placeholder);

}  // namespace nezu::grammar
