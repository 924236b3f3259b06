#pragma once
#include <cstdint>
#include <string>

namespace nezu::configdb {

/// The machine that this process is the routing engine of, for groups that ask (`when`, and the
/// names re0 and re1). Set before the first configuration is expanded; its time by the
/// database whenever it expands one.
struct Machine {
  std::string model;                   ///< "mx304"; empty: none is known, and none is asked for
  std::string routing_engine = "re0";  ///< its slot
  unsigned routing_engines = 1;        ///< slots for them, whether anything is in them or not
  int64_t time = 0;                    ///< seconds since 1970, UTC, as of now: for `when time`
};
Machine& this_machine();

}  // namespace nezu::configdb
