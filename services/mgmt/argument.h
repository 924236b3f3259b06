#pragma once
#include <optional>
#include <string>
#include <vector>

#include "grammar/schema.h"

/// Arguments of local commands.
namespace nezu::mgmt {

/// Any text.
class TextType : public grammar::Type {
 public:
  explicit TextType(const char* placeholder, std::vector<grammar::Choice> choices = {})
      : placeholder_(placeholder), choices_(std::move(choices)) {}
  std::optional<std::string> refuse(std::string_view) const override { return std::nullopt; }
  std::string canonical(std::string_view value) const override { return std::string(value); }
  const std::vector<grammar::Choice>& choices() const override { return choices_; }
  std::string placeholder() const override { return placeholder_; }
  std::string range() const override { return ""; }

 private:
  const char* placeholder_;
  std::vector<grammar::Choice> choices_;
};

/// One of a few words.
class WordType : public TextType {
 public:
  explicit WordType(std::vector<grammar::Choice> choices) : TextType("", std::move(choices)) {}
  std::optional<std::string> refuse(std::string_view value) const override;
};

class NumberType : public TextType {
 public:
  NumberType(const char* placeholder, unsigned least, unsigned most)
      : TextType(placeholder), least_(least), most_(most) {}
  std::optional<std::string> refuse(std::string_view value) const override;
  std::string range() const override;

 private:
  unsigned least_, most_;
};

/// A revision: 0 to 49, or "rescue".
class RevisionType : public NumberType {
 public:
  RevisionType() : NumberType("number", 0, 49) {}
  std::optional<std::string> refuse(std::string_view value) const override;
};

/// One argument as a family of commands declares it. Its type must outlive the command.
struct Argument {
  const char* name = "";
  const char* help = "";
  const grammar::Type* type = nullptr;  ///< null: a word alone, that is there or not
  bool keyword = false;                 ///< `comment TEXT`, not TEXT alone
  bool mandatory = false;
  const char* live_names = "";  ///< source of completions in the Registry, or "revision"
  int group = 0;                ///< not 0: only one argument of this group may be given
};

inline Argument flag(const char* name, const char* help) {
  return {name, help};
}
inline Argument value(const char* name, const char* help, const grammar::Type& type) {
  return {name, help, &type};
}
inline Argument keyword(const char* name, const char* help, const grammar::Type& type) {
  return {name, help, &type, true};
}
inline Argument one_of(int group, Argument argument) {
  argument.group = group;
  return argument;
}
inline Argument mandatory(Argument argument) {
  argument.mandatory = true;
  return argument;
}

}  // namespace nezu::mgmt
