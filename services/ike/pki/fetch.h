// One request to a server of an authority. Blocks: for threads that have nothing else to do.
#pragma once

#include <string>

#include "services/ike/bytes.h"

namespace nezu::ike {

struct Fetched {
  Bytes content;
  std::string error;  // empty: the content is there
};

/// GET of a DER object, or POST when `body` is not empty. Plain HTTP, no redirections, no proxy;
/// at most `most` octets within `seconds`, looking up the name not counted.
Fetched fetch(const std::string& url, const Bytes& body, const char* body_type, std::size_t most,
              int seconds);

}  // namespace nezu::ike
