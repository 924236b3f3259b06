#include "grammar/yang_types.h"

#include <libyang/libyang.h>
#include <libyang/plugins_exts.h>

#include <limits>
#include <stdexcept>
#include <vector>

#include "grammar/value_types.h"

namespace nezu::grammar {

/// A type while it is put together.
struct TypeReader::Draft {
  struct Pattern {
    std::string expression;
    bool inverted;
    std::string message;
  };
  TypeData::Form form;
  std::string placeholder = {};
  std::string syntax = {};
  uint64_t least = 0, most = 0;
  std::vector<std::pair<int64_t, int64_t>> ranges = {};
  std::vector<std::pair<std::string, std::string>> words = {};
  std::vector<Pattern> patterns = {};
  std::vector<const TypeData*> members = {};

  /// All that it says, to find an equal one.
  std::string key() const;
};

namespace {

using Draft = TypeReader::Draft;
using Form = TypeData::Form;
using Ranges = std::vector<std::pair<int64_t, int64_t>>;

std::string or_else(const std::string& placeholder, const char* own) {
  return placeholder.empty() ? own : placeholder;
}

template <typename Number>
Ranges whole_range() {
  const auto most =
      std::min<uint64_t>(std::numeric_limits<Number>::max(), std::numeric_limits<int64_t>::max());
  return {{std::numeric_limits<Number>::min(), static_cast<int64_t>(most)}};
}

Ranges range_of(LY_DATA_TYPE base) {
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

Draft read_number(const lysc_type_num* type, const std::string& placeholder) {
  Draft draft{.form = Form::kNumber,
              .placeholder = or_else(placeholder, "number"),
              .ranges = range_of(type->basetype)};
  if (!type->range) return draft;
  draft.ranges.clear();
  LY_ARRAY_COUNT_TYPE i;
  LY_ARRAY_FOR (type->range->parts, i) {
    const auto& part = type->range->parts[i];
    const bool beyond = type->basetype == LY_TYPE_UINT64 && part.max_u64 > INT64_MAX;
    draft.ranges.emplace_back(part.min_64, beyond ? INT64_MAX : part.max_64);
  }
  return draft;
}

Draft read_words(const lysc_type_enum* type, const std::string& placeholder) {
  Draft draft{.form = Form::kWords, .placeholder = or_else(placeholder, "word")};
  LY_ARRAY_COUNT_TYPE i;
  LY_ARRAY_FOR (type->enums, i)
    draft.words.emplace_back(type->enums[i].name, type->enums[i].dsc ? type->enums[i].dsc : "");
  return draft;
}

// In a pattern of YANG ^ and $ mean themselves.
std::string of_perl(std::string_view pattern) {
  std::string out;
  int brackets = 0;
  for (size_t i = 0; i < pattern.size(); ++i) {
    const char c = pattern[i];
    const bool escaped = i > 0 && pattern[i - 1] == '\\';
    if (c == '[' && !escaped) ++brackets;
    if (c == ']' && !escaped) --brackets;
    if ((c == '^' || c == '$') && !brackets) out += '\\';
    out += c;
  }
  if (out.find("\\p{Is") != out.npos)
    throw std::runtime_error("schema: pattern not supported: " + out);
  return out;
}

const char* syntax_of(const lysc_type* type) {
  LY_ARRAY_COUNT_TYPE i;
  LY_ARRAY_FOR (type->exts, i)
    if (std::string_view(type->exts[i].def->name) == "syntax") return type->exts[i].argument;
  return nullptr;
}

Draft read_syntax(const char* name, const std::string& placeholder) {
  if (!syntax_type(name, placeholder))
    throw std::runtime_error(std::string("no such syntax: ") + name);
  return {.form = Form::kSyntax, .placeholder = placeholder, .syntax = name};
}

Draft read_text(const lysc_type_str* type, const std::string& placeholder) {
  if (const char* name = syntax_of(reinterpret_cast<const lysc_type*>(type)))
    return read_syntax(name, placeholder);
  Draft draft{.form = Form::kText,
              .placeholder = or_else(placeholder, "string"),
              .least = 1,
              .most = 65'535};
  if (type->length) {
    draft.least = type->length->parts[0].min_u64;
    draft.most = type->length->parts[LY_ARRAY_COUNT(type->length->parts) - 1].max_u64;
  }
  LY_ARRAY_COUNT_TYPE i;
  LY_ARRAY_FOR (type->patterns, i) {
    const lysc_pattern& pattern = *type->patterns[i];
    draft.patterns.push_back(
        {of_perl(pattern.expr), bool(pattern.inverted), pattern.emsg ? pattern.emsg : ""});
  }
  return draft;
}

Draft read_boolean(const std::string& placeholder) {
  return {.form = Form::kWords,
          .placeholder = or_else(placeholder, "boolean"),
          .words = {{"true", ""}, {"false", ""}}};
}

}  // namespace

std::string TypeReader::Draft::key() const {
  std::string out(1, static_cast<char>(form));
  const auto add = [&](std::string_view text) { (out += text) += '\0'; };
  add(placeholder);
  add(syntax);
  add(std::to_string(least) + " " + std::to_string(most));
  for (const auto& [low, high] : ranges) add(std::to_string(low) + " " + std::to_string(high));
  for (const auto& [word, help] : words) {
    add(word);
    add(help);
  }
  for (const auto& [expression, inverted, message] : patterns) {
    add(expression);
    add(inverted ? "!" + message : message);
  }
  for (const TypeData* member : members) add(std::to_string(reinterpret_cast<uintptr_t>(member)));
  return out;
}

const TypeData& TypeReader::keep(const Draft& draft) {
  const TypeData*& kept = kept_[draft.key()];
  if (kept) return *kept;
  TypeData& data = arena_.make<TypeData>();
  kept = &data;
  data.form = draft.form;
  data.least = draft.least;
  data.most = draft.most;
  arena_.put(data.placeholder, draft.placeholder);
  arena_.put(data.syntax, draft.syntax);
  auto* range = arena_.make_array(data.ranges, draft.ranges.size());
  for (const auto& [low, high] : draft.ranges) *range++ = {low, high};
  auto* word = arena_.make_array(data.words, draft.words.size());
  for (const auto& [text, help] : draft.words) {
    arena_.put(word->word, text);
    arena_.put(word++->help, help);
  }
  auto* pattern = arena_.make_array(data.patterns, draft.patterns.size());
  for (const auto& [expression, inverted, message] : draft.patterns) {
    arena_.put(pattern->expression, expression);
    arena_.put(pattern->message, message);
    pattern++->inverted = inverted;
  }
  arena_.put(data.members, draft.members);
  make_type(data);  // throws if it is none
  return data;
}

const TypeData& TypeReader::text(const std::string& placeholder, uint64_t least, uint64_t most) {
  return keep({.form = Form::kText, .placeholder = placeholder, .least = least, .most = most});
}

const TypeData& TypeReader::words(const std::vector<Choice>& words) {
  Draft draft{.form = Form::kWords};
  for (const auto& [word, help] : words) draft.words.emplace_back(word, help);
  return keep(draft);
}

const TypeData& TypeReader::freeze(const lysc_type* type, const std::string& placeholder) {
  switch (type->basetype) {
    case LY_TYPE_ENUM:
      return keep(read_words(reinterpret_cast<const lysc_type_enum*>(type), placeholder));
    case LY_TYPE_STRING:
      return keep(read_text(reinterpret_cast<const lysc_type_str*>(type), placeholder));
    case LY_TYPE_UNION: {
      const auto types = reinterpret_cast<const lysc_type_union*>(type)->types;
      Draft draft{.form = Form::kUnion};
      LY_ARRAY_COUNT_TYPE i;
      LY_ARRAY_FOR (types, i) draft.members.push_back(&freeze(types[i], placeholder));
      draft.placeholder = or_else(placeholder, draft.members.front()->placeholder.c_str());
      return keep(draft);
    }
    case LY_TYPE_LEAFREF:
      return freeze(reinterpret_cast<const lysc_type_leafref*>(type)->realtype, placeholder);
    case LY_TYPE_BOOL:
      return keep(read_boolean(placeholder));
    case LY_TYPE_UINT8:
    case LY_TYPE_UINT16:
    case LY_TYPE_UINT32:
    case LY_TYPE_UINT64:
    case LY_TYPE_INT8:
    case LY_TYPE_INT16:
    case LY_TYPE_INT32:
    case LY_TYPE_INT64:
      return keep(read_number(reinterpret_cast<const lysc_type_num*>(type), placeholder));
    case LY_TYPE_DEC64:  // only ever written by shows, never typed
      return text(or_else(placeholder, "number"), 1, 32);
    default:
      throw std::runtime_error("YANG type not supported");
  }
}

}  // namespace nezu::grammar
