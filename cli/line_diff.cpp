#include "cli/line_diff.h"

#include <algorithm>
#include <cstdint>
#include <vector>

namespace nezu::cli {
namespace {
using Lines = std::vector<std::string_view>;
constexpr size_t kMostCells = 4 << 20;  // beyond it the middle is shown as a whole

Lines split(std::string_view text) {
  Lines lines;
  while (!text.empty()) {
    const size_t feed = text.find('\n');
    lines.push_back(text.substr(0, feed));
    text.remove_prefix(feed == text.npos ? text.size() : feed + 1);
  }
  return lines;
}

struct Row {
  char sign;
  std::string_view text;
};

// Lengths of the longest common subsequences of the ends of both.
std::vector<uint32_t> table(const Lines& before, const Lines& after) {
  const size_t width = after.size() + 1;
  std::vector<uint32_t> longest((before.size() + 1) * width);
  for (size_t i = before.size(); i-- > 0;)
    for (size_t j = after.size(); j-- > 0;)
      longest[i * width + j] = before[i] == after[j] ? longest[(i + 1) * width + j + 1] + 1
                                                     : std::max(longest[(i + 1) * width + j],
                                                                longest[i * width + j + 1]);
  return longest;
}

std::vector<Row> rows_of(const Lines& before, const Lines& after) {
  std::vector<Row> rows;
  size_t i = 0, j = 0;
  if (before.size() * after.size() <= kMostCells) {
    const auto longest = table(before, after);
    const size_t width = after.size() + 1;
    while (i < before.size() && j < after.size()) {
      if (before[i] == after[j]) {
        rows.push_back({' ', before[i++]});
        ++j;
      } else if (longest[(i + 1) * width + j] >= longest[i * width + j + 1]) {
        rows.push_back({'-', before[i++]});
      } else {
        rows.push_back({'+', after[j++]});
      }
    }
  }
  for (; i < before.size(); ++i) rows.push_back({'-', before[i]});
  for (; j < after.size(); ++j) rows.push_back({'+', after[j]});
  return rows;
}
}  // namespace

std::string line_diff(std::string_view before, std::string_view after) {
  if (before == after) return "";
  const auto rows = rows_of(split(before), split(after));
  const auto changed = [&](size_t at) { return at < rows.size() && rows[at].sign != ' '; };
  std::string out;
  for (size_t at = 0; at < rows.size(); ++at) {
    if (!changed(at) && !changed(at + 1) && !(at > 0 && changed(at - 1))) continue;
    out += rows[at].sign;
    out.append(" ").append(rows[at].text).append("\n");
  }
  return out;
}

}  // namespace nezu::cli
