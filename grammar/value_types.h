#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "grammar/schema.h"

/// The kinds of values there are. Each is made of a TypeData and knows nothing of YANG.
namespace nezu::grammar {

/// What every type has: the placeholder that `?` shows for it.
class ValueType : public Type {
 public:
  explicit ValueType(std::string placeholder) : placeholder_(std::move(placeholder)) {}
  std::string canonical(std::string_view value) const override { return std::string(value); }
  const std::vector<Choice>& choices() const override;
  std::string placeholder() const override { return placeholder_; }
  std::string range() const override { return ""; }

 private:
  std::string placeholder_;
};

/// A whole number in one or more ranges.
class NumberType : public ValueType {
 public:
  using Ranges = std::vector<std::pair<int64_t, int64_t>>;
  NumberType(std::string placeholder, Ranges ranges)
      : ValueType(std::move(placeholder)), ranges_(std::move(ranges)) {}
  std::optional<std::string> refuse(std::string_view value) const override;
  std::string canonical(std::string_view value) const override;
  std::string range() const override;

 private:
  Ranges ranges_;
};

/// One of a set of words.
class WordType : public ValueType {
 public:
  WordType(std::string placeholder, std::vector<Choice> words)
      : ValueType(std::move(placeholder)), words_(std::move(words)) {}
  std::optional<std::string> refuse(std::string_view value) const override;
  const std::vector<Choice>& choices() const override { return words_; }

 private:
  std::vector<Choice> words_;
};

/// Text with bounds on its length in characters, and patterns that it must match whole.
class TextType : public ValueType {
 public:
  using Matches = std::function<bool(std::string_view)>;
  struct Pattern {
    Matches matches;
    std::string message;  ///< what a value that does not match is told; "" for "invalid value"
  };
  TextType(std::string placeholder, uint64_t least, uint64_t most, std::vector<Pattern> patterns)
      : ValueType(std::move(placeholder)),
        least_(least),
        most_(most),
        patterns_(std::move(patterns)) {}
  std::optional<std::string> refuse(std::string_view value) const override;
  std::optional<TextLength> length() const override { return TextLength{least_, most_}; }

 private:
  uint64_t least_;
  uint64_t most_;
  std::vector<Pattern> patterns_;
};

/// Values of several types; the first that takes a value has it.
class UnionType : public ValueType {
 public:
  UnionType(std::string placeholder, std::vector<std::unique_ptr<Type>> members);
  std::optional<std::string> refuse(std::string_view value) const override;
  std::string canonical(std::string_view value) const override;
  const std::vector<Choice>& choices() const override { return words_; }
  /// Of the last member, which says what is wrong with a value that none takes.
  std::optional<TextLength> length() const override { return members_.back()->length(); }

 private:
  std::vector<std::unique_ptr<Type>> members_;
  std::vector<Choice> words_;
};

/// A type by the name of its `nx:syntax` ("ipv4-prefix", "interface-unit"); null if there is none
/// of that name. An empty placeholder becomes the syntax's own ("address", "interface-name").
std::unique_ptr<Type> syntax_type(std::string_view syntax, std::string placeholder);

}  // namespace nezu::grammar
