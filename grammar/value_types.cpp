#include "grammar/value_types.h"

#include <algorithm>
#include <charconv>

#include "grammar/markup.h"

namespace nezu::grammar {
namespace {

std::optional<int64_t> parse_number(std::string_view text) {
  int64_t value = 0;
  const auto end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (text.empty() || error != std::errc() || stop != end) return std::nullopt;
  return value;
}

bool all_digits(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

std::string invalid_value(std::string_view value) {
  return "invalid value '" + std::string(value) + "'";
}

// Escape sequences in a name would reach somebody's terminal; XML and JSON carry nothing but UTF-8.
bool has_unprintable(std::string_view value) {
  for (size_t at = 0; at < value.size();) {
    const char c = value[at];
    if ((c >= 0 && c < 0x20 && c != '\n' && c != '\t') || c == 0x7f) return true;
    const size_t length = utf8_sequence(value, at);
    if (length == 0) return true;
    at += length;
  }
  return false;
}

size_t characters(std::string_view utf8) {
  return std::count_if(utf8.begin(), utf8.end(), [](char c) { return (c & 0xc0) != 0x80; });
}

}  // namespace

const std::vector<Choice>& ValueType::choices() const {
  static const std::vector<Choice> kNone;
  return kNone;
}

std::optional<std::string> NumberType::refuse(std::string_view value) const {
  const auto number = parse_number(value);
  if (!number && !all_digits(value)) return "invalid numeric value: '" + std::string(value) + "'";
  for (const auto& [low, high] : ranges_)
    if (number && *number >= low && *number <= high) return std::nullopt;
  return "Value " + std::string(value) + " is not within range " + range();
}

std::string NumberType::canonical(std::string_view value) const {
  const auto number = parse_number(value);
  return number ? std::to_string(*number) : std::string(value);
}

std::string NumberType::range() const {
  std::string text = "(";
  for (const auto& [low, high] : ranges_)
    text += (text.size() > 1 ? " | " : "") + std::to_string(low) + ".." + std::to_string(high);
  return text + ")";
}

std::optional<std::string> WordType::refuse(std::string_view value) const {
  for (const auto& choice : words_)
    if (choice.word == value) return std::nullopt;
  return invalid_value(value);
}

std::optional<std::string> TextType::refuse(std::string_view value) const {
  const auto length = characters(value);
  if (length < least_ || length > most_)
    return "Length " + std::to_string(length) + " is not within range (" + std::to_string(least_) +
           ".." + std::to_string(most_) + ")";
  if (has_unprintable(value)) return "invalid character in value";
  for (const auto& [matches, message] : patterns_)
    if (!matches(value)) return message.empty() ? invalid_value(value) : message;
  return std::nullopt;
}

UnionType::UnionType(std::string placeholder, std::vector<std::unique_ptr<Type>> members)
    : ValueType(std::move(placeholder)), members_(std::move(members)) {
  for (const auto& member : members_)
    words_.insert(words_.end(), member->choices().begin(), member->choices().end());
}

std::optional<std::string> UnionType::refuse(std::string_view value) const {
  std::optional<std::string> last;
  for (const auto& member : members_)
    if (last = member->refuse(value); !last) return std::nullopt;
  return last;
}

std::string UnionType::canonical(std::string_view value) const {
  for (const auto& member : members_)
    if (!member->refuse(value)) return member->canonical(value);
  return std::string(value);
}

}  // namespace nezu::grammar
