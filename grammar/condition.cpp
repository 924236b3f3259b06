#include "grammar/condition.h"

#include <memory>
#include <stdexcept>

namespace nezu::grammar {
namespace {

bool is_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-' || c == '.';
}

size_t depth_of(const Statement& statement) {
  size_t depth = 0;
  for (const Statement* at = &statement; at->parent; at = at->parent) ++depth;
  return depth;
}

// A recursive descent over the text; the grammar is in condition.h.
class Reader {
 public:
  Reader(const Statement& context, std::string_view text)
      : context_(context), text_(text), rest_(text) {}

  Condition whole() {
    Condition condition = any();
    if (!rest_.empty()) fail("unexpected '" + std::string(rest_) + "'");
    return condition;
  }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    throw std::runtime_error("schema: must \"" + std::string(text_) + "\" of '" + context_.path() +
                             "': " + what);
  }

  void blanks() {
    const size_t text = std::min(rest_.find_first_not_of(" \t\n"), rest_.size());
    rest_.remove_prefix(text);
  }
  bool eat(std::string_view token) {
    blanks();
    if (!rest_.starts_with(token)) return false;
    rest_.remove_prefix(token.size());
    blanks();
    return true;
  }
  void expect(std::string_view token) {
    if (!eat(token)) fail("'" + std::string(token) + "' expected");
  }
  bool eat_word(std::string_view word) {
    blanks();
    if (!rest_.starts_with(word) || (rest_.size() > word.size() && is_name(rest_[word.size()])))
      return false;
    return eat(word);
  }

  Condition joined(Condition::Kind kind, std::string_view word, Condition (Reader::*part)()) {
    Condition first = (this->*part)();
    if (!eat_word(word)) return first;
    Condition all;
    all.kind = kind;
    all.parts.push_back(std::move(first));
    do all.parts.push_back((this->*part)());
    while (eat_word(word));
    return all;
  }
  Condition any() { return joined(Condition::Kind::kAny, "or", &Reader::all); }
  Condition all() { return joined(Condition::Kind::kAll, "and", &Reader::one); }

  Condition one() {
    const bool negated = eat("not(");
    if (!negated && !eat("(")) return comparison();
    Condition inner = any();
    expect(")");
    if (!negated) return inner;
    Condition outer;
    outer.kind = Condition::Kind::kNot;
    outer.parts.push_back(std::move(inner));
    return outer;
  }

  Condition comparison() {
    Condition condition;
    const Statement& end = path(condition);
    if (!eat("=")) return condition;
    if (end.kind != Kind::kLeaf && end.kind != Kind::kLeafList) fail("only a leaf has a value");
    condition.kind = Condition::Kind::kEquals;
    condition.value = value();
    return condition;
  }

  const Statement& path(Condition& condition) {
    const Statement* at = &context_;
    if (eat("/")) {
      condition.up = depth_of(context_);
      at = root();
      if (name() != at->name) fail("an absolute path begins with /" + at->name);
    } else if (!eat_own()) {
      do {
        expect("..");
        ++condition.up;
        at = at->parent;
        if (!at) fail("leaves the configuration");
      } while (rest_.starts_with("/..") && eat("/"));
    }
    while (eat("/")) at = step(*at, condition);
    return *at;
  }

  bool eat_own() {
    if (rest_.starts_with("..") || !rest_.starts_with(".")) return false;
    return eat(".");
  }

  const Statement* root() const {
    const Statement* at = &context_;
    while (at->parent) at = at->parent;
    return at;
  }

  const Statement* step(const Statement& from, Condition& condition) {
    const auto word = name();
    const Statement* found = from.child(word);
    if (!found) fail("no statement '" + std::string(word) + "' in '" + from.path() + "'");
    Condition::Step taken{found, false, {}};
    if (eat("[")) {
      if (found->kind != Kind::kList || found->keys.size() != 1)
        fail("a list with one key expected");
      if (name() != found->keys[0]->name) fail("'" + found->keys[0]->name + "' expected");
      expect("=");
      taken.one_entry = true;
      taken.key = value();
      expect("]");
    }
    condition.steps.push_back(std::move(taken));
    return found;
  }

  std::string_view name() {
    blanks();
    size_t length = 0;
    while (length < rest_.size() && is_name(rest_[length])) ++length;
    if (length == 0) fail("a name expected");
    const auto word = rest_.substr(0, length);
    rest_.remove_prefix(length);
    blanks();
    return word;
  }

  Condition::Value value() {
    if (eat("current()")) return own();
    if (eat("substring-before(concat(")) return part_of_name(Condition::Value::Part::kDevice);
    if (eat("substring-before(substring-after(concat("))
      return part_of_name(Condition::Value::Part::kUnit);
    expect("'");
    const size_t end = rest_.find('\'');
    if (end == std::string_view::npos) fail("a quote is missing");
    Condition::Value word{false, std::string(rest_.substr(0, end)), Condition::Value::Part::kWhole};
    rest_.remove_prefix(end + 1);
    blanks();
    return word;
  }

  Condition::Value own() {
    if (eat("/") && (context_.kind != Kind::kList || name() != context_.keys[0]->name))
      fail("current() may only be followed by the own key");
    return {true, "", Condition::Value::Part::kWhole};
  }

  // The device or the unit of a logical interface.
  Condition::Value part_of_name(Condition::Value::Part part) {
    expect("current()");
    Condition::Value value = own();
    value.part = part;
    const bool unit = part == Condition::Value::Part::kUnit;
    for (const char* token : {",", unit ? "'.0.'" : "'.'", ")", ",", "'.'", ")"}) expect(token);
    if (unit)
      for (const char* token : {",", "'.'", ")"}) expect(token);
    return value;
  }

  const Statement& context_;
  std::string_view text_;
  std::string_view rest_;
};

}  // namespace

void each_path(const Condition& condition, const std::function<void(const Condition&)>& visit) {
  if (condition.parts.empty()) visit(condition);
  for (const Condition& part : condition.parts) each_path(part, visit);
}

std::string_view Condition::Value::text(std::string_view own_value) const {
  if (!own) return word;
  const size_t dot = std::min(own_value.find('.'), own_value.size());
  if (part == Part::kDevice) return own_value.substr(0, dot);
  if (part == Part::kWhole) return own_value;
  return dot == own_value.size() ? std::string_view("0") : own_value.substr(dot + 1);
}

Must::~Must() {
  delete made_.load();
}

const Condition& Must::condition() const {
  if (!made_) {
    auto fresh = std::make_unique<const Condition>(Condition::read(*context, xpath));
    const Condition* none = nullptr;
    if (made_.compare_exchange_strong(none, fresh.get())) fresh.release();
  }
  return *made_;
}

Condition Condition::read(const Statement& context, std::string_view xpath) {
  return Reader(context, xpath).whole();
}

}  // namespace nezu::grammar
