// Configuration text of either form: what was understood is printed and read again, and must be the
// same.
#include <cstdint>
#include <cstdio>

#include "tests/grammar/tree.h"

using namespace nezu::grammar;

namespace {

void forget_annotations(Tree::Node& node) {
  node.marks.annotation.clear();
  for (auto& child : node.children) forget_annotations(child);
}

void expect_same(const char* form, const std::string& text, const Tree& tree) {
  const auto again = read(text);
  if (again.root == tree.root && again.problems.empty()) return;
  std::fprintf(stderr, "%s form:\n%s\n%s\n%s\n", form, text.c_str(), again.problems.c_str(),
               curly(again).c_str());
  __builtin_trap();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  auto tree = read({reinterpret_cast<const char*>(data), size});
  tree.problems.clear();
  tree.prune();
  expect_same("curly", curly(tree), tree);
  forget_annotations(tree.root);
  expect_same("set", set_form(tree), tree);
  return 0;
}
