// What the grammar costs: loading the schema, and reading long configurations.
#include <chrono>
#include <cstdio>
#include <fstream>
#include <string>

#include "grammar/reader.h"
#include "grammar/schema.h"

using namespace nezu::grammar;

namespace {

double since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

double resident_mb() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);)
    if (line.starts_with("VmRSS:")) return std::stod(line.substr(6)) / 1024;
  return 0;
}

struct Count : Edits {
  void edit(Verb, const Path&, std::string_view) override { ++edits; }
  void substitute(const Path&, const Substitution&) override { ++edits; }
  void problem(const ReadProblem& found) override {
    std::printf("%s", found.text("bench").c_str());
  }
  size_t edits = 0;
};

// Units with an address each, as a large access router has them.
std::string set_lines(int lines) {
  std::string text;
  for (int i = 0; i < lines; ++i)
    text += "set interfaces et-0/0/" + std::to_string(i / 4000) + " unit " +
            std::to_string(i % 4000) + " family inet address 10." + std::to_string(i >> 16 & 255) +
            "." + std::to_string(i >> 8 & 255) + "." + std::to_string(i & 255) + "/24\n";
  return text;
}

std::string curly_text(int units) {
  std::string text = "interfaces {\n    et-0/0/0 {\n";
  for (int i = 0; i < units; ++i)
    text += "        unit " + std::to_string(i) + " {\n            family inet {\n" +
            "                address 10." + std::to_string(i >> 16 & 255) + "." +
            std::to_string(i >> 8 & 255) + "." + std::to_string(i & 255) +
            "/24;\n            }\n        }\n";
  return text + "    }\n}\n";
}

void measure(const char* what, const Schema& schema, const std::string& text, int items) {
  Count count;
  const double before = resident_mb();
  const auto start = std::chrono::steady_clock::now();
  read_configuration(schema.configuration(), {}, text, count);
  const double seconds = since(start);
  std::printf("%-28s %8.3f s  %9.0f /s  %zu edits, %+.1f MB resident\n", what, seconds,
              items / seconds, count.edits, resident_mb() - before);
}

}  // namespace

int main() {
  const double before = resident_mb();
  const auto start = std::chrono::steady_clock::now();
  const auto schema = Schema::open(schema_file());
  std::printf("%-28s %8.1f ms, %+.1f MB resident\n", "schema", since(start) * 1000,
              resident_mb() - before);
  measure("100,000 set lines", *schema, set_lines(100'000), 100'000);
  measure("100,000 units in braces", *schema, curly_text(100'000), 100'000);
}
