#pragma once
#include <string>
#include <string_view>

#include "grammar/command_line.h"
#include "services/mgmt/tail.h"

namespace nezu::mgmt {

/// `line` as it may stand in a log: every word that is a secret, or that may be one because the
/// line cannot be understood, is replaced.
std::string recordable(const Place& place, const grammar::CommandLine& parsed,
                       std::string_view line);

}  // namespace nezu::mgmt
