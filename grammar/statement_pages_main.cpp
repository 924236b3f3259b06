// Writes the statement reference: nezu-statement-pages DIRECTORY
#include <filesystem>
#include <fstream>
#include <iostream>

#include "grammar/statement_pages.h"

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: nezu-statement-pages DIRECTORY\n";
    return 2;
  }
  try {
    const auto schema = nezu::grammar::Schema::open(nezu::grammar::schema_file());
    std::filesystem::create_directories(argv[1]);
    for (const auto& page : nezu::grammar::statement_pages(*schema)) {
      std::ofstream file(std::filesystem::path(argv[1]) / page.file);
      file << page.text;
      if (!file.flush()) throw std::runtime_error("cannot write " + page.file);
    }
  } catch (const std::exception& error) {
    std::cerr << "error: " << error.what() << "\n";
    return 1;
  }
  return 0;
}
