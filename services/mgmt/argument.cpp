#include "services/mgmt/argument.h"

#include <charconv>

namespace nezu::mgmt {

std::optional<std::string> WordType::refuse(std::string_view value) const {
  for (const grammar::Choice& each : choices())
    if (each.word == value) return std::nullopt;
  return "invalid value '" + std::string(value) + "'";
}

std::optional<std::string> NumberType::refuse(std::string_view value) const {
  unsigned number = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
  if (error != std::errc() || end != value.data() + value.size())
    return "invalid numeric value: '" + std::string(value) + "'";
  if (number >= least_ && number <= most_) return std::nullopt;
  return "Value " + std::string(value) + " is not within range " + range();
}

std::optional<std::string> RevisionType::refuse(std::string_view value) const {
  return value == "rescue" ? std::nullopt : NumberType::refuse(value);
}

std::string NumberType::range() const {
  return "(" + std::to_string(least_) + ".." + std::to_string(most_) + ")";
}

}  // namespace nezu::mgmt
