#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "configdb/tree.h"

namespace nezu::configdb {

/// A line of the commit log.
struct Revision {
  uint64_t number = 0;  ///< counts up; 0 is the factory default, which nobody committed
  int64_t time = 0;     ///< seconds since 1970, UTC
  std::string user;
  std::string via;  ///< "cli", "netconf", "other"
  std::string comment;
};

/// A tree out of the store, or why there is none.
struct Loaded {
  NodePtr root;
  std::string error;
};

/// What guards the rows of the store: CRC-32 over everything a row says.
uint32_t checksum(const Revision& revision, bool whole, std::string_view content);
uint32_t checksum(uint64_t step, uint64_t revision, std::string_view content);
uint32_t checksum(std::string_view item, std::string_view content);

}  // namespace nezu::configdb
