#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <chrono>
#include <filesystem>
#include <map>
#include <regex>
#include <sstream>
#include <thread>
#include <vector>

#include "cli/lab.h"
#include "cli/node.h"
#include "cli/topology.h"

namespace nezu::cli {
namespace {

using Clock = std::chrono::steady_clock;

constexpr size_t kMostLines = 40;  // of the output of a check that failed

/// One row of checks.yaml: what is run where, and what must come back.
struct Check {
  std::string name;
  std::string node;
  std::vector<std::string> cli;  ///< commands of the router's own command line, in one session …
  std::string exec;              ///< … or a shell command inside the node
  std::string wires;             ///< … or on the other side of a router's ports
  bool refused = false;          ///< it must end with a status that is not 0
  std::string expect;
  std::string absent;
  std::map<std::string, std::string> save;  ///< variable → expression; its first group is the value
  int within = 0;                           ///< seconds until it must hold
};

struct Checks {
  std::vector<Check> rows;
  std::vector<std::string> errors;
};

using Values = std::map<std::string, std::string>;

void read_field(Check& check, const std::string& key, const YAML::Node& value) {
  if (key == "name")
    check.name = value.as<std::string>();
  else if (key == "node")
    check.node = value.as<std::string>();
  else if (key == "cli")
    check.cli = value.IsSequence() ? value.as<std::vector<std::string>>()
                                   : std::vector{value.as<std::string>()};
  else if (key == "exec")
    check.exec = value.as<std::string>();
  else if (key == "wires")
    check.wires = value.as<std::string>();
  else if (key == "refused")
    check.refused = value.as<bool>();
  else if (key == "expect")
    check.expect = value.as<std::string>();
  else if (key == "absent")
    check.absent = value.as<std::string>();
  else if (key == "within")
    check.within = value.as<int>();
  else if (key == "save")
    check.save = value.as<std::map<std::string, std::string>>();
  else
    throw YAML::Exception(value.Mark(), "'" + key + "' is not known in a check");
}

std::string command_text(const Check& check) {
  return check.exec + check.wires + fmt::format("{}", fmt::join(check.cli, "; "));
}

Check read_check(const YAML::Node& row) {
  if (!row.IsMap()) throw YAML::Exception(row.Mark(), "a check must be a mapping (key: value)");
  Check check;
  for (const auto& pair : row) read_field(check, pair.first.as<std::string>(), pair.second);
  if (check.node.empty() || !check.cli.empty() + !check.exec.empty() + !check.wires.empty() != 1)
    throw YAML::Exception(row.Mark(), "a check needs 'node' and one of 'cli', 'exec' and 'wires'");
  if (check.name.empty()) check.name = command_text(check);
  return check;
}

Checks read_checks(const std::string& file) {
  Checks checks;
  const auto note = [&](const YAML::Exception& error) {
    checks.errors.push_back(fmt::format("{}:{}: {}", file, error.mark.line + 1, error.msg));
  };
  try {
    const YAML::Node root = YAML::LoadFile(file);
    if (!root.IsSequence()) throw YAML::Exception(root.Mark(), "the file must be a list of checks");
    for (const auto& row : root) {
      try {
        checks.rows.push_back(read_check(row));
      } catch (const YAML::Exception& error) {
        note(error);
      }
    }
  } catch (const YAML::BadFile&) {
    checks.errors.push_back(file + ": cannot be read");
  } catch (const YAML::Exception& error) {
    note(error);
  }
  return checks;
}

/// "${name}" is what was saved, "${name+7}" the number that was saved and seven more.
std::string fill(const std::string& text, const Values& values) {
  static const std::regex kHole(R"(\$\{(\w+)(?:\+(\d+))?\})");
  std::string filled;
  auto from = text.begin();
  for (std::sregex_iterator hole(text.begin(), text.end(), kHole), end; hole != end; ++hole) {
    const auto known = values.find((*hole)[1]);
    if (known == values.end()) continue;
    filled.append(from, (*hole)[0].first);
    from = (*hole)[0].second;
    filled += (*hole)[2].matched
                  ? std::to_string(std::atoll(known->second.c_str()) + std::stoll((*hole)[2]))
                  : known->second;
  }
  return filled.append(from, text.end());
}

Outcome run(const Check& check, const Node& node, const Values& values) {
  if (!check.exec.empty()) return run_in(node, fill(check.exec, values));
  if (!check.wires.empty()) return run_in(node, fill(check.wires, values), Network::kWires);
  std::vector<std::string> words = {std::filesystem::read_symlink("/proc/self/exe"), "cli",
                                    node.lab + "/" + node.name};
  for (const std::string& command : check.cli) {
    words.push_back("-c");
    words.push_back(fill(command, values));
  }
  return run_here(words);
}

/// "" if the output is as it must be, else what is wrong with it.
std::string judge(const Check& check, const Outcome& outcome, Values& values) {
  if ((outcome.status != 0) != check.refused)
    return check.refused ? "was not refused" : fmt::format("ended with status {}", outcome.status);
  const auto holds = [&](const std::string& expression) {
    return std::regex_search(
        outcome.output,
        std::regex(fill(expression, values), std::regex::ECMAScript | std::regex::multiline));
  };
  if (!check.expect.empty() && !holds(check.expect))
    return "does not match " + fill(check.expect, values);
  if (!check.absent.empty() && holds(check.absent)) return "matches " + fill(check.absent, values);
  for (const auto& [name, expression] : check.save) {
    std::smatch match;
    if (!std::regex_search(outcome.output, match, std::regex(fill(expression, values))) ||
        match.size() < 2)
      return "does not match " + expression;
    values[name] = match[1];
  }
  return "";
}

struct Verdict {
  std::string problem;
  std::string output;
};

Verdict perform(const Check& check, const std::string& lab, Values& values) {
  const Node node{lab, check.node};
  const auto end = Clock::now() + std::chrono::seconds(check.within);
  for (;;) {
    const Outcome outcome = run(check, node, values);
    Verdict verdict{judge(check, outcome, values), outcome.output};
    if (verdict.problem.empty() || Clock::now() >= end) return verdict;
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
  }
}

// What came back last; of much only the beginning and the end.
void print_output(const std::string& output) {
  std::vector<std::string> lines;
  std::istringstream in(output);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  if (lines.empty()) fmt::print("      (no output)\n");
  for (size_t i = 0; i < lines.size(); ++i) {
    if (lines.size() > kMostLines && i == kMostLines / 2) {
      fmt::print("      ({} lines left out)\n", lines.size() - kMostLines);
      i = lines.size() - kMostLines / 2;
    }
    fmt::print("      | {}\n", lines[i]);
  }
}

bool print_row(const Check& check, const Verdict& verdict) {
  const bool good = verdict.problem.empty();
  fmt::print("{:<5} {:<10} {}\n", good ? "ok" : "FAIL", check.node, check.name);
  fflush(stdout);
  if (good) return true;
  fmt::print("      {}\n      {}\n", command_text(check), verdict.problem);
  print_output(verdict.output);
  return false;
}

bool print_errors(const std::vector<std::string>& errors) {
  for (const std::string& error : errors) fmt::print(stderr, "{}\n", error);
  return !errors.empty();
}

}  // namespace

int lab_check(const std::string& path, const std::string& variant) {
  std::string error;
  const std::string file = topology_file(path, error);
  if (file.empty()) return print_errors({"nezu lab: " + error}), 1;
  const Topology topology = read_topology(file);
  if (print_errors(topology.errors)) return 1;
  const auto directory = std::filesystem::absolute(file).parent_path();
  const Checks checks =
      read_checks(directory / (variant.empty() ? "checks.yaml" : "checks-" + variant + ".yaml"));
  if (print_errors(checks.errors)) return 1;
  Values values{{"lab", directory}};
  size_t failed = 0;
  for (const Check& check : checks.rows) {
    try {
      failed += !print_row(check, perform(check, topology.name, values));
    } catch (const std::regex_error& bad) {
      failed += !print_row(check, {std::string("bad expression: ") + bad.what(), ""});
    }
  }
  fmt::print("{} checks, {} failed\n", checks.rows.size(), failed);
  return failed ? 1 : 0;
}

}  // namespace nezu::cli
