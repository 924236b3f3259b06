#include "grammar/type_data.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include <stdexcept>

#include "grammar/value_types.h"

namespace nezu::grammar {
namespace {

// What a pattern may cost: values come from strangers, patterns do not.
constexpr uint32_t kMatchSteps = 100'000;

using Code = std::shared_ptr<pcre2_code>;

Code compiled(const Text& expression) {
  int error = 0;
  size_t place = 0;
  Code code(pcre2_compile(reinterpret_cast<PCRE2_SPTR>(expression.c_str()), expression.size(),
                          PCRE2_UTF | PCRE2_NO_AUTO_CAPTURE, &error, &place, nullptr),
            pcre2_code_free);
  if (!code) throw std::runtime_error("schema: pattern not supported: " + expression);
  return code;
}

TextType::Matches make_matches(const TypeData::Pattern& pattern) {
  const std::shared_ptr<pcre2_match_context> limits(pcre2_match_context_create(nullptr),
                                                    pcre2_match_context_free);
  pcre2_set_match_limit(limits.get(), kMatchSteps);
  return [code = compiled(pattern.expression), limits,
          inverted = pattern.inverted](std::string_view value) {
    const std::unique_ptr<pcre2_match_data, decltype(&pcre2_match_data_free)> data(
        pcre2_match_data_create(1, nullptr), pcre2_match_data_free);
    const int result =
        pcre2_match(code.get(), reinterpret_cast<PCRE2_SPTR>(value.data()), value.size(), 0,
                    PCRE2_ANCHORED | PCRE2_ENDANCHORED, data.get(), limits.get());
    return (result >= 0) != inverted;
  };
}

std::unique_ptr<Type> make_number(const TypeData& data) {
  NumberType::Ranges ranges;
  for (const auto& [low, high] : data.ranges) ranges.emplace_back(low, high);
  return std::make_unique<NumberType>(data.placeholder, std::move(ranges));
}

std::unique_ptr<Type> make_words(const TypeData& data) {
  std::vector<Choice> words;
  for (const auto& [word, help] : data.words) words.push_back({word, help});
  return std::make_unique<WordType>(data.placeholder, std::move(words));
}

std::unique_ptr<Type> make_text(const TypeData& data) {
  std::vector<TextType::Pattern> patterns;
  for (const auto& pattern : data.patterns)
    patterns.push_back({make_matches(pattern), pattern.message});
  return std::make_unique<TextType>(data.placeholder, data.least, data.most, std::move(patterns));
}

std::unique_ptr<Type> make_union(const TypeData& data) {
  std::vector<std::unique_ptr<Type>> members;
  for (const TypeData* member : data.members) members.push_back(make_type(*member));
  return std::make_unique<UnionType>(data.placeholder, std::move(members));
}

}  // namespace

std::unique_ptr<Type> make_type(const TypeData& data) {
  switch (data.form) {
    case TypeData::Form::kNumber:
      return make_number(data);
    case TypeData::Form::kWords:
      return make_words(data);
    case TypeData::Form::kText:
      return make_text(data);
    case TypeData::Form::kUnion:
      return make_union(data);
    case TypeData::Form::kSyntax:
      break;
  }
  if (auto type = syntax_type(data.syntax, data.placeholder)) return type;
  throw std::runtime_error("schema: no such syntax: " + data.syntax);
}

}  // namespace nezu::grammar
