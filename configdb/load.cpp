#include "configdb/load.h"

#include <algorithm>

#include "configdb/patch.h"
#include "configdb/pattern.h"
#include "configdb/protection.h"
#include "configdb/rename.h"

namespace nezu::configdb {

using grammar::Verb;

namespace {
// Another entry of the same list.
Path beside(Path entry, std::string_view name) {
  if (!entry.empty()) entry.back().value = name;
  return entry;
}
}  // namespace

bool Loader::permitted(const Path& path, bool below) {
  if (permit_ && refusal_.empty()) refusal_ = permit_(path, below);
  return refusal_.empty();
}

void Loader::edit(Verb verb, const Path& path, std::string_view text) {
  const bool two = verb == Verb::kRename || verb == Verb::kCopy || verb == Verb::kInsertBefore ||
                   verb == Verb::kInsertAfter;
  if (!permitted(path) || (two && !permitted(beside(path, text)))) return;
  if (is_refused(path)) return;
  if (verb == Verb::kCreate) return create(path);
  if (verb == Verb::kSet) return take(tree_.set(path), path, false);
  const Edited edited = apply(verb, path, text);
  tree_.replace(edited.root);
  take(edited, path, verb == Verb::kReplace);
}

void Loader::create(const Path& path) {
  Path there = path;
  if (!path.empty() && path.back().statement->kind == grammar::Kind::kLeaf)
    there.back().value.clear();
  if (!find(root(), there)) {
    if (path.back().statement->kind == grammar::Kind::kContainer) return;
    return take(tree_.set(path), path, false);
  }
  exists_ = std::move(there);
  take({root(), "data-exists: the statement is there already", {}}, exists_, false);
}

// Whether it is, or is in, what was to be created and is not.
bool Loader::is_refused(const Path& path) {
  if (exists_.empty()) return false;
  const bool inside = path.size() >= exists_.size() &&
                      std::equal(exists_.begin(), exists_.end(), path.begin(),
                                 [](const grammar::Step& outer, const grammar::Step& step) {
                                   return outer.statement == step.statement &&
                                          (outer.value.empty() || outer.value == step.value);
                                 });
  if (!inside) exists_.clear();
  return inside;
}

void Loader::place(const Path& entry, bool before, std::string_view other) {
  if (!permitted(entry)) return;
  const Edited edited = insert(root(), entry, before, other);
  tree_.replace(edited.root);
  take(edited, entry, false);
}

void Loader::take(const Edited& edited, const Path& path, bool may_miss) {
  if (!edited.error.empty()) {
    ++errors_;
    const std::string place = grammar::path_words(path);
    say("error: " + place + (place.empty() ? "" : ": ") + edited.error + "\n");
  } else if (!edited.warning.empty() && !may_miss) {
    warn(edited.warning);
  }
}

void Loader::warn(const std::string& warning) {
  say("warning: " + warning + "\n");
}

Edited Loader::apply(Verb verb, const Path& path, std::string_view text) {
  switch (verb) {
    case Verb::kSet:
    case Verb::kCreate:
      break;
    case Verb::kDelete:
      return remove(root(), path);
    case Verb::kReplace:
      return replace_ ? remove(root(), path) : Edited{root(), {}, {}};
    case Verb::kDeactivate:
    case Verb::kActivate:
      return mark(root(), path, Mark::kInactive, verb == Verb::kDeactivate);
    case Verb::kProtect:
      tree_.heed_protection();
      [[fallthrough]];
    case Verb::kUnprotect:
      return mark(root(), path, Mark::kProtect, verb == Verb::kProtect);
    case Verb::kAnnotate:
      return annotate(root(), path, std::string(text));
    case Verb::kRename:
      return rename(root(), path, beside(path, text));
    case Verb::kCopy:
      return copy(root(), path, beside(path, text));
    case Verb::kInsertBefore:
    case Verb::kInsertAfter:
      return insert(root(), path, verb == Verb::kInsertBefore, text);
    case Verb::kDeleteMatching:
      return remove_matching(path, text);
  }
  return {root(), {}, {}};
}

Edited Loader::remove_matching(const Path& path, std::string_view text) {
  const Pattern pattern{std::string(text)};
  Edited edited{root(), pattern.error(), {}};
  if (!edited.error.empty()) return edited;
  std::vector<Path> found = matching(root(), path, pattern);
  // What the user may not even name is not there for him.
  if (permit_)
    std::erase_if(found, [&](const Path& each) { return !permit_(each, false).empty(); });
  if (found.empty()) edited.warning = kStatementNotFound;
  for (const Path& each : found) {
    Edited next = remove(edited.root, each);
    edited.root = std::move(next.root);
    if (!next.warning.empty())
      edited.warning += (edited.warning.empty() ? "" : "\nwarning: ") + next.warning;
  }
  return edited;
}

void Loader::substitute(const Path& level, const grammar::Substitution& substitution) {
  if (!permitted(level, true) || is_refused(level)) return;
  const Edited edited = configdb::substitute(root(), level, substitution);
  tree_.replace(edited.root);
  take(edited, level, false);
}

void Loader::problem(const grammar::ReadProblem& problem) {
  if (!problem.warning) ++errors_;
  broken_ |= problem.fatal;
  say(problem.text(source_));
}

void Loader::say(const std::string& message) {
  if (++count_ > kMostMessages) return;
  messages_ += message;
  if (!message.empty() && message.back() != '\n') messages_ += '\n';
}

namespace {

// The root of the schema that the tree is of.
const grammar::Statement& schema_root(const NodePtr& root) {
  return *root->statement;
}

NodePtr emptied(const NodePtr& root, const Path& level) {
  Node nothing;
  nothing.statement = &schema_root(root);
  if (level.empty()) return freeze(std::move(nothing));
  const NodePtr node = find(root, level);
  if (!node) return root;
  Node bare = *node;
  bare.children = Children();
  return graft(root, level, freeze(std::move(bare)));
}

void read(const LoadRequest& request, const grammar::Statement& root, Loader& loader) {
  const Path& level = request.level;
  if (request.mode == LoadMode::kSet) return grammar::read_set(root, level, request.text, loader);
  if (request.mode == LoadMode::kPatch) return read_patch(root, level, request.text, loader);
  grammar::read_configuration(root, level, request.text, loader, request.form);
}

std::string closing(const LoadRequest& request, size_t errors) {
  if (!errors || request.mode == LoadMode::kSet) return "load complete\n";
  return "load complete (" + std::to_string(errors) + " errors)\n";
}

class Reconciliation {
 public:
  explicit Reconciliation(std::string& warnings) : warnings_(warnings) {}

  // Both stand at `path_`; neither is null.
  NodePtr node(const NodePtr& before, const NodePtr& after) {
    if (equal(before, after)) return before;
    if (before->protect) return kept(before);
    Node merged = *after;
    differing_children(before.get(), after.get(), [&](const NodePtr& left, const NodePtr& right) {
      child(merged, left, right);
    });
    return freeze(std::move(merged));
  }

 private:
  void child(Node& merged, const NodePtr& left, const NodePtr& right) {
    if (!left) return;
    const bool step = left->role != Node::Role::kHolder;
    if (step) path_.push_back({left->statement, left->text});
    if (right) {
      NodePtr both = node(left, right);
      if (both->order() != right->order()) both = relabelled(*both, right->order());
      merged = with_child(std::move(merged), std::move(both));
    } else if (const NodePtr rest = kept(left)) {
      merged = with_child(std::move(merged), rest);
    }
    if (step) path_.pop_back();
  }

  static NodePtr relabelled(const Node& node, uint64_t order) {
    Node copy = node;
    copy.set_label(order);
    return freeze(std::move(copy));
  }

  // What is protected in what the new text does not have, or has otherwise.
  NodePtr kept(const NodePtr& node) {
    std::vector<std::string> warnings;
    NodePtr rest = remains(node, path_, warnings, "modified");
    for (const std::string& warning : warnings) warnings_ += "warning: " + warning + "\n";
    return rest;
  }

  std::string& warnings_;
  Path path_;
};

}  // namespace

NodePtr reconcile(const NodePtr& before, const NodePtr& after, std::string& warnings) {
  return Reconciliation(warnings).node(before, after);
}

LoadResult load(const NodePtr& candidate, const LoadRequest& request) {
  const bool afresh = request.mode == LoadMode::kOverride || request.mode == LoadMode::kUpdate;
  const NodePtr start = afresh ? emptied(candidate, request.level) : candidate;
  Loader loader(start, request.mode == LoadMode::kReplace, request.source);
  loader.ask(request.permit);
  read(request, schema_root(candidate), loader);
  if (!loader.refusal().empty()) return {candidate, loader.refusal(), 1};
  LoadResult result{candidate, loader.messages(), loader.errors()};
  if (loader.broken()) {
    result.text += "error: nothing was loaded\n";
    return result;
  }
  result.root = loader.root();
  if (afresh) result.root = reconcile(candidate, result.root, result.text);
  result.text += closing(request, result.errors);
  return result;
}

}  // namespace nezu::configdb
