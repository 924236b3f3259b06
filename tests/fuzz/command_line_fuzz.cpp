// Lines as typed: cut into words, resolved as statements and as commands, completed.
#include <cstdint>

#include "grammar/commands.h"
#include "grammar/schema.h"

using namespace nezu::grammar;

namespace {

struct Router {
  std::shared_ptr<const Schema> schema = Schema::open(schema_file());
  CommandTree operational{schema, false};
  CommandTree configuration{schema, true};
  CommandLineReader reader;
};

void resolve_everything(const Router& router, std::span<const Word> words) {
  const auto& root = router.schema->configuration();
  const std::string partial = words.empty() ? "" : words.back().text;
  const auto before = words.first(words.empty() ? 0 : words.size() - 1);
  for (const auto reach : {Reach::kSet, Reach::kAny, Reach::kLevel}) {
    const auto found = resolve(root, {}, words, reach);
    for (const auto& path : found.paths) path_words(path);
    complete(root, {}, words, "", reach);
    complete(root, {}, before, partial, reach);
  }
  router.operational.resolve(words);
  router.operational.complete(before, partial);
  router.configuration.resolve(words);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static Router router;
  const auto& line = router.reader.read({reinterpret_cast<const char*>(data), size});
  for (const auto& word : line.words)
    if (word.end > size || word.column > word.end) __builtin_trap();
  resolve_everything(router, line.words);
  return 0;
}
