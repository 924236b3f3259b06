#include "services/state/replica.h"

#include <fmt/format.h>

#include "configdb/load.h"
#include "grammar/reader.h"

namespace nezu::state {

configdb::View empty_tree(const grammar::Schema& schema) {
  return {configdb::make_root(schema), &schema.configuration()};
}

configdb::View read_lines(const configdb::View& base,
                          const google::protobuf::RepeatedPtrField<std::string>& lines) {
  std::string text;
  for (const auto& line : lines) text.append(line).append(1, '\n');
  configdb::Loader loader(base.node(), false, "re");
  grammar::read_set(*base.statement(), {}, text, loader);
  if (loader.errors() == 0) return {loader.root(), base.statement()};
  fmt::print(stderr, "configuration does not fit: {}\n", loader.messages());
  return {};
}

}  // namespace nezu::state
