// Bytes out of a damaged store: decoding refuses them or gives a tree that is stored and read again
// the same. The first byte chooses what the patch is applied to.
#include <cstdint>
#include <cstdio>

#include "configdb/codec.h"
#include "configdb/expand.h"
#include "configdb/load.h"
#include "configdb/node.h"
#include "configdb/text.h"

using namespace nezu;
using namespace nezu::configdb;

namespace {

const std::shared_ptr<const grammar::Schema>& schema() {
  static const auto kSchema = grammar::Schema::open(grammar::schema_file());
  return kSchema;
}

const NodePtr& base() {
  static const NodePtr kBase = [] {
    Loader loader(make_root(*schema()), false, "base");
    grammar::read_set(schema()->configuration(), {},
                      "set system host-name a\n"
                      "set security ike policy p proposals x\n"
                      "set security ike policy p proposals y\n"
                      "set interfaces et-0/0/0 unit 0 family inet address 1.1.1.1/24\n"
                      "deactivate interfaces et-0/0/0\n",
                      loader);
    return loader.root();
  }();
  return kBase;
}

void require(bool holds, const char* what) {
  if (holds) return;
  std::fputs(what, stderr);
  __builtin_trap();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string_view patch(reinterpret_cast<const char*>(data) + 1, size - 1);
  const NodePtr before = data[0] % 2 ? base() : nullptr;
  const Decoded decoded = decode(*schema(), before, patch);
  if (!decoded.root) return 0;
  const Decoded whole = decode(*schema(), nullptr, encode(nullptr, decoded.root));
  require(whole.root && equal(whole.root, decoded.root), "not the same as a whole\n");
  const Decoded step = decode(*schema(), base(), encode(base(), decoded.root));
  require(step.root && equal(step.root, decoded.root), "not the same as a patch\n");
  expand(decoded.root, {base(), expand(base(), {})});
  curly_text(decoded.root);
  compare(base(), decoded.root);
  return 0;
}
