#include "grammar/yang_types.h"

#include <libyang/libyang.h>
#include <libyang/plugins_exts.h>

#include <limits>
#include <stdexcept>

#include "grammar/value_types.h"

namespace nezu::grammar {
namespace {

// What a pattern may cost: values come from strangers, patterns do not.
constexpr uint32_t kMatchSteps = 100'000;

std::string or_else(const std::string& placeholder, const char* own) {
  return placeholder.empty() ? own : placeholder;
}

template <typename Number>
NumberType::Ranges whole_range() {
  const auto most =
      std::min<uint64_t>(std::numeric_limits<Number>::max(), std::numeric_limits<int64_t>::max());
  return {{std::numeric_limits<Number>::min(), static_cast<int64_t>(most)}};
}

NumberType::Ranges range_of(LY_DATA_TYPE base) {
  switch (base) {
    case LY_TYPE_UINT8:
      return whole_range<uint8_t>();
    case LY_TYPE_UINT16:
      return whole_range<uint16_t>();
    case LY_TYPE_UINT32:
      return whole_range<uint32_t>();
    case LY_TYPE_UINT64:
      return whole_range<uint64_t>();
    case LY_TYPE_INT8:
      return whole_range<int8_t>();
    case LY_TYPE_INT16:
      return whole_range<int16_t>();
    case LY_TYPE_INT32:
      return whole_range<int32_t>();
    default:
      return whole_range<int64_t>();
  }
}

std::unique_ptr<Type> freeze_number(const lysc_type_num* type, const std::string& placeholder) {
  auto ranges = range_of(type->basetype);
  if (type->range) {
    ranges.clear();
    LY_ARRAY_COUNT_TYPE i;
    LY_ARRAY_FOR (type->range->parts, i) {
      const auto& part = type->range->parts[i];
      const bool beyond = type->basetype == LY_TYPE_UINT64 && part.max_u64 > INT64_MAX;
      ranges.emplace_back(part.min_64, beyond ? INT64_MAX : part.max_64);
    }
  }
  return std::make_unique<NumberType>(or_else(placeholder, "number"), std::move(ranges));
}

std::unique_ptr<Type> freeze_words(const lysc_type_enum* type, const std::string& placeholder) {
  std::vector<Choice> words;
  LY_ARRAY_COUNT_TYPE i;
  LY_ARRAY_FOR (type->enums, i)
    words.push_back({type->enums[i].name, type->enums[i].dsc ? type->enums[i].dsc : ""});
  return std::make_unique<WordType>(or_else(placeholder, "word"), std::move(words));
}

TextType::Matches freeze_matches(const lysc_pattern* pattern) {
  const std::shared_ptr<pcre2_code> code(pcre2_code_copy(pattern->code), pcre2_code_free);
  const std::shared_ptr<pcre2_match_context> limits(pcre2_match_context_create(nullptr),
                                                    pcre2_match_context_free);
  pcre2_set_match_limit(limits.get(), kMatchSteps);
  return [code, limits, inverted = bool(pattern->inverted)](std::string_view value) {
    const std::unique_ptr<pcre2_match_data, decltype(&pcre2_match_data_free)> data(
        pcre2_match_data_create(1, nullptr), pcre2_match_data_free);
    const int result =
        pcre2_match(code.get(), reinterpret_cast<PCRE2_SPTR>(value.data()), value.size(), 0,
                    PCRE2_ANCHORED | PCRE2_ENDANCHORED, data.get(), limits.get());
    return (result >= 0) != inverted;
  };
}

const char* syntax_of(const lysc_type* type) {
  LY_ARRAY_COUNT_TYPE i;
  LY_ARRAY_FOR (type->exts, i)
    if (std::string_view(type->exts[i].def->name) == "syntax") return type->exts[i].argument;
  return nullptr;
}

std::unique_ptr<Type> freeze_text(const lysc_type_str* type, const std::string& placeholder) {
  if (const char* name = syntax_of(reinterpret_cast<const lysc_type*>(type))) {
    if (auto syntax = syntax_type(name, placeholder)) return syntax;
    throw std::runtime_error(std::string("no such syntax: ") + name);
  }
  uint64_t least = 1, most = 65'535;
  if (type->length) {
    least = type->length->parts[0].min_u64;
    most = type->length->parts[LY_ARRAY_COUNT(type->length->parts) - 1].max_u64;
  }
  std::vector<TextType::Pattern> patterns;
  LY_ARRAY_COUNT_TYPE i;
  LY_ARRAY_FOR (type->patterns, i)
    patterns.push_back({freeze_matches(type->patterns[i]),
                        type->patterns[i]->emsg ? type->patterns[i]->emsg : ""});
  return std::make_unique<TextType>(or_else(placeholder, "string"), least, most,
                                    std::move(patterns));
}

std::unique_ptr<Type> freeze_union(const lysc_type_union* type, const std::string& placeholder) {
  std::vector<std::unique_ptr<Type>> members;
  LY_ARRAY_COUNT_TYPE i;
  LY_ARRAY_FOR (type->types, i) members.push_back(freeze_type(type->types[i], placeholder));
  const auto shown = members.front()->placeholder();
  return std::make_unique<UnionType>(or_else(placeholder, shown.c_str()), std::move(members));
}

std::unique_ptr<Type> freeze_boolean(const std::string& placeholder) {
  return std::make_unique<WordType>(or_else(placeholder, "boolean"),
                                    std::vector<Choice>{{"true", ""}, {"false", ""}});
}

}  // namespace

std::unique_ptr<Type> freeze_type(const lysc_type* type, const std::string& placeholder) {
  switch (type->basetype) {
    case LY_TYPE_ENUM:
      return freeze_words(reinterpret_cast<const lysc_type_enum*>(type), placeholder);
    case LY_TYPE_STRING:
      return freeze_text(reinterpret_cast<const lysc_type_str*>(type), placeholder);
    case LY_TYPE_UNION:
      return freeze_union(reinterpret_cast<const lysc_type_union*>(type), placeholder);
    case LY_TYPE_LEAFREF:
      return freeze_type(reinterpret_cast<const lysc_type_leafref*>(type)->realtype, placeholder);
    case LY_TYPE_BOOL:
      return freeze_boolean(placeholder);
    case LY_TYPE_UINT8:
    case LY_TYPE_UINT16:
    case LY_TYPE_UINT32:
    case LY_TYPE_UINT64:
    case LY_TYPE_INT8:
    case LY_TYPE_INT16:
    case LY_TYPE_INT32:
    case LY_TYPE_INT64:
      return freeze_number(reinterpret_cast<const lysc_type_num*>(type), placeholder);
    case LY_TYPE_DEC64:  // only ever written by shows, never typed
      return std::make_unique<TextType>(or_else(placeholder, "number"), 1, 32,
                                        std::vector<TextType::Pattern>{});
    default:
      throw std::runtime_error("YANG type not supported");
  }
}

}  // namespace nezu::grammar
