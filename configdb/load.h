#pragma once
#include <functional>
#include <string>
#include <string_view>

#include "configdb/assembly.h"
#include "configdb/edit.h"
#include "grammar/reader.h"

namespace nezu::configdb {

/// Why the user may not name a statement ("error: …"), "" if he may; `below`: anything below it.
/// Asked before it is looked for, so that what is there cannot be guessed.
using Permit = std::function<std::string(const Path&, bool below)>;

/// Makes what a reader of configuration text finds into edits of a tree.
class Loader : public grammar::Edits {
 public:
  static constexpr size_t kMostMessages = 100;  ///< later ones are only counted

  /// Without `replace`, `replace:` tags mean nothing.
  Loader(NodePtr root, bool replace, std::string_view source)
      : tree_(std::move(root)), replace_(replace), source_(source) {}

  void edit(grammar::Verb verb, const Path& path, std::string_view text) override;
  void substitute(const Path& level, const grammar::Substitution& substitution) override;
  void problem(const grammar::ReadProblem& problem) override;
  /// Moves an entry of an ordered list; a warning if it or `other` is not there.
  void place(const Path& entry, bool before, std::string_view other);
  void warn(const std::string& warning);
  void ask(Permit permit) { permit_ = std::move(permit); }

  const NodePtr& root() { return tree_.root(); }  ///< as it is now
  const std::string& messages() const { return messages_; }
  size_t errors() const { return errors_; }
  bool broken() const { return broken_; }                  ///< a problem was fatal
  const std::string& refusal() const { return refusal_; }  ///< the first; nothing is to be kept

 private:
  bool permitted(const Path& path, bool below = false);
  void create(const Path& path);
  bool is_refused(const Path& path);
  Edited apply(grammar::Verb verb, const Path& path, std::string_view text);
  Edited remove_matching(const Path& path, std::string_view pattern);
  void take(const Edited& edited, const Path& path, bool may_miss);
  void say(const std::string& message);

  Assembly tree_;
  bool replace_;
  std::string source_;
  Permit permit_;
  std::string refusal_;
  std::string messages_;
  size_t count_ = 0;
  size_t errors_ = 0;
  bool broken_ = false;
  Path exists_;  ///< what was to be created and is there already: nothing below it is done
};

enum class LoadMode {
  kMerge,     ///< adds
  kOverride,  ///< instead of everything at the level
  kReplace,   ///< merge that heeds `replace:`
  kSet,       ///< commands, a line each
  kUpdate,    ///< the same: what is equal stays as it is with either
  kPatch,     ///< what `show | compare` prints
};

struct LoadRequest {
  LoadMode mode = LoadMode::kMerge;
  grammar::TextForm form = grammar::TextForm::kAny;
  std::string_view text;
  std::string_view source;  ///< "terminal" or a file's name
  Path level;               ///< where paths begin, and what an override or update replaces
  Permit permit = nullptr;  ///< null: everything is permitted
};

struct LoadResult {
  NodePtr root;      ///< the candidate from now on: the old one if nothing may be kept
  std::string text;  ///< problems, then "load complete" or "load complete (1 errors)"
  size_t errors = 0;
};

/// `load MODE`. A statement that is wrong is reported, and the others are kept; text that cannot be
/// read to its end (no XML, a brace or quote that is not closed, a thousand errors) changes
/// nothing. Protected statements stay as they are. A statement that is not permitted refuses all.
LoadResult load(const NodePtr& candidate, const LoadRequest& request);

/// `after` with every subtree that is equal in `before` taken from there, and with what is
/// protected in `before`; `warnings` says where the text wanted that otherwise.
NodePtr reconcile(const NodePtr& before, const NodePtr& after, std::string& warnings);

}  // namespace nezu::configdb
