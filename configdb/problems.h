#pragma once
#include <string>
#include <string_view>

#include "configdb/service.h"

/// The findings of a commit as the text a user reads. The layout of commit errors is only here.
namespace nezu::configdb {

/// What failed, which names the reason in the last line.
enum class Failure {
  kNone,
  kMandatory,   ///< (missing mandatory statements)
  kConstraint,  ///< (statements constraint check failed)
  kService,     ///< a service refused: no reason in brackets
};

/// How many errors and how many warnings are printed; the others are counted.
inline constexpr size_t kMostRendered = 1000;

/// [edit PATH] / 'STATEMENT' / MESSAGE for each, in the order of the paths; those of one place
/// share its lines, whoever found them. Of more than kMostRendered errors or warnings the first
/// ones, and a line that says how many more there are.
std::string render(const Problems& problems);

/// One problem for a log: "path: [edit …], statement: …, MESSAGE".
std::string one_line(const Problem& problem);

/// "error: configuration check-out failed: (…)" for a check, "error: commit failed: (…)" for a
/// commit; "" for kNone.
std::string last_line(Failure failure, bool check_only);

/// Without repetitions, errors and warnings kept in their order.
Problems unique(Problems problems);

}  // namespace nezu::configdb
