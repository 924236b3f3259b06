// Configuration in any form, also XML and JSON: what was understood is printed in each form and
// loaded again, and must be the same.
#include <cstdint>
#include <cstdio>

#include "configdb/load.h"
#include "configdb/node.h"
#include "configdb/text.h"
#include "grammar/schema.h"

using namespace nezu;
using namespace nezu::configdb;

namespace {

const grammar::Schema& schema() {
  static const auto loaded = grammar::Schema::open(grammar::schema_file());
  return *loaded;
}

NodePtr loaded(std::string_view text, grammar::TextForm form, size_t& errors) {
  const LoadResult result =
      load(make_root(schema()), {LoadMode::kOverride, form, text, "terminal", {}});
  errors = result.errors;
  return result.root;
}

}  // namespace

// The first byte chooses the form, so that the bytes of one seed are tried as several.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static constexpr grammar::TextForm kForms[] = {grammar::TextForm::kAny, grammar::TextForm::kXml,
                                                 grammar::TextForm::kJson};
  if (size == 0) return 0;
  size_t errors = 0;
  const std::string_view input(reinterpret_cast<const char*>(data + 1), size - 1);
  const NodePtr tree = loaded(input, kForms[data[0] % std::size(kForms)], errors);
  for (const Form form : {Form::kText, Form::kSet, Form::kXml, Form::kJson}) {
    const std::string printed = text(tree, form);
    const NodePtr again = loaded(printed, grammar::TextForm::kAny, errors);
    if (errors == 0 && equal(tree, again)) continue;
    std::fprintf(stderr, "%s\n%s\n", printed.c_str(), text(again, form).c_str());
    __builtin_trap();
  }
  return 0;
}
