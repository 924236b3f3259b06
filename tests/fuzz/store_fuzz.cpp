// A database file of any bytes: opening it refuses it in words and leaves it as it is, or gives a
// database that can be read and committed to; a damaged one is salvaged, and the bytes are kept.
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "configdb/database.h"
#include "configdb/text.h"

using namespace nezu;
using namespace nezu::configdb;
namespace fs = std::filesystem;

namespace {

const std::shared_ptr<const grammar::Schema>& schema() {
  static const auto kSchema = grammar::Schema::open(grammar::schema_file());
  return kSchema;
}

const std::string& directory() {
  static const std::string kDirectory = [] {
    std::string made = "/tmp/store_fuzz_XXXXXX";
    if (!mkdtemp(made.data())) std::abort();
    return made;
  }();
  return kDirectory;
}

void require(bool holds, const char* what) {
  if (holds) return;
  std::fputs(what, stderr);
  __builtin_trap();
}

std::string bytes_of(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

// A database that is good, to be damaged: the fuzzer cannot make one up.
const std::string& good() {
  static const std::string kGood = [] {
    const std::string file = directory() + "/good";
    auto database = Database::open(file, schema()).database;
    for (int i = 0; i < 3; ++i) database->commit({.user = "a"}, [](const CommitResult&) {});
    database.reset();
    return bytes_of(file);
  }();
  return kGood;
}

// Either the input itself, or the good one with its bytes put over it here and there.
std::string content(std::string_view input) {
  if (input.empty() || !(input[0] & 1)) return std::string(input);
  std::string bytes = good();
  for (size_t i = 1; i + 3 < input.size(); i += 4) {
    const size_t at = static_cast<uint8_t>(input[i]) << 16 |
                      static_cast<uint8_t>(input[i + 1]) << 8 | static_cast<uint8_t>(input[i + 2]);
    bytes[at % bytes.size()] = input[i + 3];
  }
  return bytes;
}

void read_all(Database& database) {
  for (size_t n = 0; n < database.log().size(); ++n)
    if (const Loaded loaded = database.rollback(n); loaded.root) curly_text(loaded.root);
  database.load_rescue();
  database.commit({.user = "b"}, [](const CommitResult&) {});
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string bytes = content({reinterpret_cast<const char*>(data), size});
  const std::string place = directory() + "/run", file = place + "/config.db";
  fs::remove_all(place);
  fs::create_directory(place);
  std::ofstream(file, std::ios::binary) << bytes;
  auto opened = Database::open(file, schema());
  if (opened.database) {
    read_all(*opened.database);
    return 0;
  }
  require(!opened.error.empty() && bytes_of(file) == bytes, "refused, but not left as it is\n");
  if (!opened.damaged) return 0;
  opened = Database::open_or_salvage(file, schema());
  require(opened.database != nullptr, "not salvaged\n");
  require(bytes_of(file + ".damaged-1") == bytes, "overwritten\n");
  read_all(*opened.database);
  return 0;
}
