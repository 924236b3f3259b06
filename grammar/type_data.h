#pragma once
#include <cstdint>
#include <memory>

#include "grammar/frozen.h"
#include "grammar/schema.h"

namespace nezu::grammar {

/// A type as data. Which members say something depends on the form.
struct TypeData {
  enum class Form : uint8_t { kNumber, kWords, kText, kUnion, kSyntax };
  struct Range {
    int64_t low = 0, high = 0;
  };
  struct Word {
    Text word, help;
  };
  struct Pattern {
    Text expression;  ///< of Perl, to match the whole value
    bool inverted = false;
    Text message;
  };
  uint64_t least = 0, most = 0;  ///< kText: characters
  Form form = Form::kText;
  Text placeholder;
  Text syntax;  ///< kSyntax: its name
  Array<Range> ranges;
  Array<Word> words;
  Array<Pattern> patterns;
  Links<TypeData> members;  ///< kUnion
};

/// The type that `data` describes; a copy of what it says.
std::unique_ptr<Type> make_type(const TypeData& data);

}  // namespace nezu::grammar
