#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "grammar/frozen.h"

/// The one schema of the router: configuration statements and operational commands. The build reads
/// the YANG modules under grammar/yang once (yang_schema.cpp) and freezes them into a file
/// (image.h) whose pages all processes share.
///
/// Statements live as long as their Schema, never change, and are compared by address.
namespace nezu::grammar {

class Statement;
struct Must;
class TypeSlot;

/// A word that may be typed for a value, with its help ("aes-256-gcm", "AES-GCM 256-bit").
struct Choice {
  std::string word;
  std::string help;
};

/// How long a text may be, in characters.
struct TextLength {
  uint64_t least = 0, most = 0;
};

/// The type of a leaf, a leaf-list value or a list key.
class Type {
 public:
  virtual ~Type() = default;

  /// Whether `value` is of this type; if not, the message in the language's style, e.g.
  /// "Value 70000 is not within range (1..65535)" or "invalid value 'foo'".
  virtual std::optional<std::string> refuse(std::string_view value) const = 0;

  /// The one spelling of a value that is stored and compared ("1611:0::1" becomes "1611::1").
  virtual std::string canonical(std::string_view value) const = 0;
  /// The same of a canonical value that stands below the list entry `above` ("" for none): the
  /// `default` route of inet6.0 is ::/0.
  virtual std::string canonical_below(std::string_view value, std::string_view above) const {
    (void)above;
    return std::string(value);
  }

  virtual const std::vector<Choice>& choices() const = 0;  ///< enumeration words; empty if none
  virtual std::string placeholder() const = 0;             ///< "<number>", "<address>", "<name>"
  virtual std::string range() const = 0;                   ///< "(1..65535)" or ""
  /// Of text; none for what is not bounded by its length.
  virtual std::optional<TextLength> length() const { return std::nullopt; }
};

/// The type of a statement; null if it has none. Reads like a const Type*.
class TypeLink {
 public:
  const Type* get() const;
  operator const Type*() const { return get(); }  // NOLINT(google-explicit-constructor): a pointer
  const Type* operator->() const { return get(); }
  const Type& operator*() const { return *get(); }

 private:
  friend class SchemaArena;
  Link<TypeSlot> slot_;
};

enum class Kind : uint8_t {
  kContainer,  ///< exists while it has contents
  kPresence,   ///< a container that exists on its own
  kList,       ///< a list; its entries are named by the key
  kLeaf,
  kLeafList,
  kFlag,  ///< a leaf without a value (YANG empty)
};

/// What a leaf-list says of its level that is in no effective tree.
enum class Inheritance : uint8_t {
  kNone,
  kApply,   ///< apply-groups: its values name groups that are inherited from
  kExcept,  ///< apply-groups-except
  kFlags,   ///< apply-flags: how the level is shown; nothing is inherited by it
};

/// One statement of the hierarchy, or one argument of an operational command.
/// Choices and cases of YANG are not statements: they show as `alternative`.
class Statement {
 public:
  Text name;
  Text help;                  ///< the `?` text
  Link<Statement> parent;     ///< null for a root
  Links<Statement> children;  ///< in schema order, keys left out
  uint32_t place = 0;         ///< among its parent's children
  Links<Statement> keys;      ///< kList: mostly one
  TypeLink type;              ///< kLeaf, kLeafList
  OptionalText default_value;
  Kind kind = Kind::kContainer;
  Inheritance inheritance = Inheritance::kNone;
  bool mandatory = false;
  bool user_ordered = false;   ///< entries keep the order they were entered in
  bool no_keyword = false;     ///< the name is not typed nor shown (interfaces <name>)
  bool one_line = false;       ///< printed on one line with its contents
  bool one_line_plus = false;  ///< printed on one line while it holds at most one statement
  bool joined = false;         ///< its name is printed before each of its containers' names
  bool homogeneous = false;    ///< list: entries stand in one pair of braces after the name
  bool secret = false;         ///< printed as "$9$…"; ## SECRET-DATA
  bool hashed = false;         ///< a secret that is kept as a hash, and printed as it is
  bool hidden = false;         ///< accepted, never offered
  bool not_modelled = false;   ///< accepted; nothing acts on it (or what it is in), commit warns
  /// The list of configuration groups. Its entries hold the root's own children (the same
  /// Statements), so what a group says is inherited as it stands.
  bool groups = false;
  /// A list whose entries hold the children of this sibling list's entries and stand for several of
  /// them (interface-range for interface); null for all others.
  Link<Statement> ranges_over;
  Text apply_path;         ///< a leaf's: name of the sibling list that its expansion fills
  Text live_names;         ///< completion source of the value ("interface", "ike-gateway")
  Text reference;          ///< data path a value must exist at, e.g. "security ike policy"
  Text reference_message;  ///< what commit check says if it does not
  int alternative = 0;     ///< 0, or the number of the choice this belongs to, unique in the schema
  int alternative_case = 0;  ///< members of one choice with different cases replace each other

  uint32_t least = 0;  ///< kList, kLeafList: fewest elements where the parent is configured
  uint32_t most = 0;   ///< most elements; 0: any number
  Text absent_after;   ///< of a key: words of the key before it that it does not follow
  Array<Links<Statement>> unique;  ///< leaves that no two entries have the same

  /// A `must` of another statement that mentions this one, and how many statements of its path both
  /// stand below: a change here can only break the `must` of those below the same instance.
  struct Dependent {
    Link<Must> must;
    uint32_t shared;
  };
  Links<Must> musts;
  Array<Dependent> dependents;

  const Statement* child(std::string_view word) const;  ///< exact; null if none
  bool holds_statements() const {
    return kind == Kind::kContainer || kind == Kind::kPresence || kind == Kind::kList;
  }
  /// "security ike gateway", keys left out.
  std::string path() const;
};

/// An operational command: a YANG rpc with a command line.
struct Command {
  std::string rpc;      ///< "get-ike-security-associations-information"
  std::string command;  ///< "show security ike security-associations"
  std::string help;
  bool configuration_mode = false;    ///< typed in configuration mode, not in operational mode
  const Statement* input = nullptr;   ///< its arguments are the children
  const Statement* output = nullptr;  ///< its output model; null if it prints only a message
};

class Schema {
 public:
  /// A schema that was frozen into a file; its pages are read when they are needed. Throws
  /// std::runtime_error with a sentence if there is none, or if it is damaged or of another
  /// version.
  static std::shared_ptr<const Schema> open(const std::string& file);
  /// Reads every module in `directory`; for the build and for tests (library nezu-yang). Throws
  /// std::runtime_error with libyang's words on a broken schema, and with ours on a part of YANG
  /// that nothing here would enforce (docs/adding-a-statement.md lists what is understood).
  static std::shared_ptr<const Schema> load(const std::string& directory);
  virtual ~Schema() = default;

  virtual const Statement& configuration() const = 0;  ///< the root of all statements
  virtual const std::vector<Command>& commands() const = 0;
  virtual const Command* command(std::string_view rpc) const = 0;
  /// Help of the words that commands begin with: "show security" → "Show security information".
  virtual const std::vector<Choice>& command_words() const = 0;
  /// The statement at "security ike gateway"; null if there is none.
  virtual const Statement* at(std::string_view path) const = 0;
  /// What open() opens, as bytes; equal for equal schemas.
  virtual std::string frozen() const = 0;
};

/// Whether the list key `key` is left out after the word `before` of the key before it.
bool absent_after(const Statement& key, std::string_view before);

constexpr size_t kLongestWildcard = 256;
/// Whether `text` is a pattern that may stand for a key inside a group: "<ge-*>".
inline bool is_wildcard(std::string_view text) {
  return text.size() > 2 && text.size() <= kLongestWildcard && text.front() == '<' &&
         text.back() == '>';
}

/// The frozen schema beside the program: ../share/nezu/nezu.schema from its folder.
std::string schema_file();
/// The directory the modules were installed in: beside the program (../share/nezu/yang), else
/// grammar/yang of the source tree the program was built in. Empty if there is neither.
std::string schema_directory();

}  // namespace nezu::grammar
