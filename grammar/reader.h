#pragma once
#include <string>
#include <string_view>

#include "grammar/path.h"

/// Readers of configuration text: set form, curly form, XML and JSON give the same stream of edits.
namespace nezu::grammar {

enum class Verb {
  kSet,
  kDelete,
  kReplace,  ///< `replace:`: what is there goes; the edits that follow say what comes instead
  kCreate,   ///< NETCONF's: if it is there already nothing below it is done, else as kSet
  kDeactivate,
  kActivate,
  kProtect,
  kUnprotect,
  kAnnotate,        ///< text: the comment, "" removes it
  kRename,          ///< an entry of a list, or a value of a leaf-list; text: its new name
  kCopy,            ///< text: the name of the copy
  kInsertBefore,    ///< moves an entry of an ordered list; text: the one it comes before
  kInsertAfter,     ///< text: the one it comes behind
  kDeleteMatching,  ///< `wildcard delete`: what is right below; text: the regular expression
};

/// `replace pattern`: in names of entries and values, `&` and `\1` of the new text being what
/// matched.
struct Substitution {
  std::string old_pattern, new_text;
  size_t upto = 0;  ///< most that are changed; 0: all
};

/// An error at a place of the text.
struct ReadProblem {
  int line = 0;           ///< from 1
  int column = 0;         ///< from 0: start of the token in set form, its end in curly form
  std::string message;    ///< "syntax error"
  std::string token;      ///< the word at fault
  Path path;              ///< curly form: the statement it is in
  std::string statement;  ///< curly form: the whole statement, "metric 65450;"
  bool warning = false;   ///< does not count as an error
  bool fatal = false;     ///< reading ended here: nothing of the text is to be kept
  /// The lines that `load` prints; `source` is "terminal" or a file's name.
  std::string text(std::string_view source) const;
};

/// Receives what a reader finds, in the order of the text. Paths are from the root.
class Edits {
 public:
  virtual ~Edits() = default;
  virtual void edit(Verb verb, const Path& path, std::string_view text) = 0;
  /// In what stands below `level`.
  virtual void substitute(const Path& level, const Substitution& substitution) = 0;
  virtual void problem(const ReadProblem& problem) = 0;
};

/// Set form: what changes the candidate in configuration mode (set, delete, activate, deactivate,
/// protect, unprotect, annotate, copy, insert, rename, replace pattern, wildcard), and edit, up,
/// top, exit, quit to move; each may be abbreviated as there. A bad line is reported and skipped.
/// `level` is where relative paths begin.
void read_set(const Statement& root, const Path& level, std::string_view text, Edits& edits);

/// Curly form, with the tags inactive:, active:, protect:, unprotect:, replace:, delete: and
/// comments. After a bad statement reading goes on behind it. Depth, words and the number of
/// problems are bounded.
void read_curly(const Statement& root, const Path& level, std::string_view text, Edits& edits);

/// <configuration> with its statements as elements, alone or inside of an <rpc-reply>. Attributes:
/// inactive, active, protect, unprotect, replace, delete, rename, insert, replace-pattern and
/// NETCONF's operation; <junos:comment> before an element annotates it. Keys come before what their
/// entry holds, or soon after. An element that is wrong is reported and skipped; text that is no
/// XML is one fatal problem.
void read_xml(const Statement& root, const Path& level, std::string_view text, Edits& edits);

/// {"configuration" : {…}}: members are statements, arrays lists; "@" in an object and "@name"
/// beside a member hold the same attributes as in XML, and "comment". A flag is [null], null or
/// true.
void read_json(const Statement& root, const Path& level, std::string_view text, Edits& edits);

enum class TextForm { kAny, kSet, kCurly, kXml, kJson };

/// Reads a form; kAny: `<` begins XML, `{` JSON, and text whose first word is one of set form's
/// verbs is set form.
void read_configuration(const Statement& root, const Path& level, std::string_view text,
                        Edits& edits, TextForm form = TextForm::kAny);

}  // namespace nezu::grammar
