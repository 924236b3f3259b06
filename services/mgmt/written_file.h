#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace nezu::mgmt {

/// Writes a regular file, whole or not at all: readable by its owner only, since configuration
/// holds secrets. What stood there before is replaced; anything but a regular file is refused.
/// `name` is what the user calls it. The error is a sentence without "error: ".
std::optional<std::string> write_file(const std::string& path, const std::string& name,
                                      std::string_view content);

}  // namespace nezu::mgmt
