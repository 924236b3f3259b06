#pragma once
#include <atomic>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "grammar/schema.h"

namespace nezu::grammar {

/// The condition of a YANG `must`, in the part of XPath that our modules use:
///
///   not(A), A and B, A or B, (A)
///   PATH                      something is configured there
///   PATH = 'word', PATH = current()
///
/// where PATH is relative ("../resolve", "../../type"), the own value ("."), below the own
/// statement ("./key") or absolute ("/configuration/chassis"), and a list in it may be held to one
/// entry by `[name = 'word']`, `[name = current()]` or `[name = current()/KEY]`. Of the name of a
/// logical interface, VALUE, which without a unit is that of unit 0, a key may also be
///
///   substring-before(concat(VALUE, '.'), '.')                               its device
///   substring-before(substring-after(concat(VALUE, '.0.'), '.'), '.')       its unit
///
/// Names have no prefixes: all statements are of one module.
struct Condition {
  enum class Kind {
    kAll,     ///< every one of `parts`
    kAny,     ///< one of `parts`
    kNot,     ///< not the one of `parts`
    kExists,  ///< `steps` lead somewhere
    kEquals,  ///< one of the leaves that `steps` lead to has the value
  };
  /// A word, or the value of the statement that has the condition (of a list entry: its key).
  struct Value {
    enum class Part : uint8_t { kWhole, kDevice, kUnit };

    bool own = false;
    std::string word;
    Part part = Part::kWhole;  ///< of the own value, which is then the name of an interface

    /// `own_value`: of the statement that has the condition.
    std::string_view text(std::string_view own_value) const;
  };
  struct Step {
    const Statement* statement = nullptr;
    bool one_entry = false;  ///< of a list: only the entry `key`
    Value key;
  };

  Kind kind = Kind::kExists;
  std::vector<Condition> parts;
  size_t up = 0;  ///< statements to leave before the first step; to the root: all
  std::vector<Step> steps;
  Value value;

  /// Reads the `must` of `context`. Throws std::runtime_error with what is not supported or not
  /// there: a programming error, found at start-up and in tests.
  static Condition read(const Statement& context, std::string_view xpath);
};

/// A `must` of the schema.
struct Must {
  Link<Statement> context;
  Text xpath;
  Text message;

  Must() = default;
  ~Must();
  const Condition& condition() const;  ///< read when it is first asked for

 private:
  friend class Image;
  mutable std::atomic<const Condition*> made_{nullptr};
};

/// Every path in a condition.
void each_path(const Condition& condition, const std::function<void(const Condition&)>& visit);

}  // namespace nezu::grammar
