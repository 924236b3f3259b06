#pragma once
#include <memory>
#include <string>
#include <variant>

#include "services/mgmt/pipes.h"

/// The pipes that write files.
namespace nezu::mgmt {

/// `save` (instead of what the file had), `append` (behind it) or `tee` (instead, and passed on as
/// well). The file is made with mode 0600 when the command begins; only a regular one is written.
/// At the end says "Wrote N lines of output to 'NAME'", or what went wrong. `name` is what the user
/// typed, `path` where that is.
std::variant<std::unique_ptr<Filter>, FilterError> file_filter(std::string_view word,
                                                               const std::string& name,
                                                               const std::string& path,
                                                               std::unique_ptr<Filter> next);

}  // namespace nezu::mgmt
