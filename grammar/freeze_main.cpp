// nezu-freeze: reads the YANG modules of a directory and writes the schema that the programs map.
//
//   nezu-freeze DIRECTORY FILE
#include <cstdio>
#include <exception>
#include <fstream>
#include <string>

#include "grammar/schema.h"

namespace {

// Beside its place and renamed, so that a program that starts meanwhile never finds a half.
bool write(const std::string& file, const std::string& bytes) {
  const std::string draft = file + ".new";
  if (!(std::ofstream(draft, std::ios::binary | std::ios::trunc) << bytes).flush()) return false;
  return std::rename(draft.c_str(), file.c_str()) == 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fputs("usage: nezu-freeze DIRECTORY FILE\n", stderr);
    return 2;
  }
  try {
    if (write(argv[2], nezu::grammar::Schema::load(argv[1])->frozen())) return 0;
    std::fprintf(stderr, "nezu-freeze: %s cannot be written\n", argv[2]);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "nezu-freeze: %s\n", error.what());
  }
  return 1;
}
