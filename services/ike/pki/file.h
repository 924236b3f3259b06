// Files of keys and certificates: read whole and bounded, written whole and for the owner only.
#pragma once

#include <optional>
#include <string>

#include "services/ike/bytes.h"

namespace nezu::ike {

/// The content of a plain file of at most `most` octets; otherwise `error` says why not.
std::optional<Bytes> read_file(const std::string& path, std::size_t most, std::string& error);

// Both: 0600, on the disk when they return, and whole or not at all; never through a link that
// somebody laid there. The error, or empty.
/// One that is not there yet.
std::string write_new_file(const std::string& path, ByteView content);
/// What stood there is replaced.
std::string replace_file(const std::string& path, ByteView content);
/// Gone for good when it returns.
void remove_file(const std::string& path);

}  // namespace nezu::ike
