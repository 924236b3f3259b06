#include "configdb/load.h"

namespace nezu::configdb {

using grammar::Verb;

void Loader::edit(Verb verb, const Path& path, std::string_view text) {
  Edited edited = apply(verb, path, text);
  root_ = std::move(edited.root);
  if (!edited.error.empty()) {
    ++errors_;
    say("error: " + grammar::path_words(path) + ": " + edited.error + "\n");
  } else if (!edited.warning.empty() && verb != Verb::kReplace) {
    say("warning: " + edited.warning + "\n");
  }
}

Edited Loader::apply(Verb verb, const Path& path, std::string_view text) {
  switch (verb) {
    case Verb::kSet:
      return set(root_, path);
    case Verb::kDelete:
      return remove(root_, path);
    case Verb::kReplace:
      return replace_ ? remove(root_, path) : Edited{root_, {}, {}};
    case Verb::kDeactivate:
    case Verb::kActivate:
      return mark(root_, path, Mark::kInactive, verb == Verb::kDeactivate);
    case Verb::kProtect:
      protected_.push_back(path);
      break;
    case Verb::kUnprotect:
      return mark(root_, path, Mark::kProtect, false);
    case Verb::kAnnotate:
      return annotate(root_, path, std::string(text));
  }
  return {root_, {}, {}};
}

NodePtr Loader::root() {
  for (const Path& path : protected_) root_ = mark(root_, path, Mark::kProtect, true).root;
  protected_.clear();
  return root_;
}

void Loader::problem(const grammar::ReadProblem& problem) {
  if (!problem.warning) ++errors_;
  say(problem.text(source_));
}

void Loader::say(const std::string& message) {
  if (++count_ > kMostMessages) return;
  messages_ += message;
  if (!message.empty() && message.back() != '\n') messages_ += '\n';
}

}  // namespace nezu::configdb
