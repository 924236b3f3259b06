#pragma once
#include <memory>
#include <optional>
#include <string>

#include "configdb/store.h"

namespace nezu::configdb {

/// The item that tells what was salvaged, until the next commit.
inline constexpr char kNotice[] = "notice";

/// A damaged database (Store::Opened::damaged) gives way to a new one with every revision of it
/// that can still be read whole, its rescue configuration, and the confirmation it waits for if the
/// revision to go back to is there; a `commit at` is called off, which the notice tells. Nothing of
/// it is overwritten: the file becomes PATH.damaged-N, with its log beside it. A crash at any
/// moment leaves the damaged database or the new one. `why`: what is wrong with it.
std::optional<std::string> salvage(const std::string& path,
                                   const std::shared_ptr<const grammar::Schema>& schema,
                                   const std::string& why, const char* vfs = nullptr);

/// Ends a salvage that was interrupted after its point of no return. nullopt also if there was
/// none.
std::optional<std::string> finish_salvage(const std::string& path);

}  // namespace nezu::configdb
