#pragma once
#include <span>
#include <string_view>

namespace nezu::grammar {

/// The first words of all commands of configuration mode, sorted: what abbreviates one of them in
/// set text is known by the others.
std::span<const std::string_view> configuration_commands();

}  // namespace nezu::grammar
