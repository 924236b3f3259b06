#pragma once
#include <string>
#include <string_view>

#include "configdb/edit.h"
#include "grammar/reader.h"

namespace nezu::configdb {

/// Makes what a reader of configuration text finds into edits of a tree.
class Loader : public grammar::Edits {
 public:
  static constexpr size_t kMostMessages = 100;  ///< later ones are only counted

  /// Without `replace`, `replace:` tags mean nothing.
  Loader(NodePtr root, bool replace, std::string_view source)
      : root_(std::move(root)), replace_(replace), source_(source) {}

  void edit(grammar::Verb verb, const Path& path, std::string_view text) override;
  void problem(const grammar::ReadProblem& problem) override;

  /// After the last edit.
  NodePtr root();
  const std::string& messages() const { return messages_; }
  size_t errors() const { return errors_; }

 private:
  Edited apply(grammar::Verb verb, const Path& path, std::string_view text);
  void say(const std::string& message);

  NodePtr root_;
  std::vector<Path> protected_;  ///< marked last: their contents come after their tag
  bool replace_;
  std::string source_;
  std::string messages_;
  size_t count_ = 0;
  size_t errors_ = 0;
};

}  // namespace nezu::configdb
