#include "configdb/interface_range.h"

#include <algorithm>
#include <set>

#include "configdb/wildcard.h"
#include "grammar/word_range.h"

namespace nezu::configdb {
namespace {

constexpr uint64_t kLastPort = 47;  // what `*` and the ports between two PICs go to

std::vector<NodePtr> entries_in(const Node& range, std::string_view list) {
  std::vector<NodePtr> entries;
  const auto* statement = range.statement->child(list);
  const NodePtr holder = statement ? child_of(range, *statement) : nullptr;
  if (!holder || holder->inactive) return entries;
  holder->children.each([&](const NodePtr& entry) {
    if (!entry->inactive) entries.push_back(entry);
  });
  return entries;
}

// "0-3,7" → 0 1 2 3 7; empty if it is not so.
std::vector<uint64_t> numbers_in(std::string_view list) {
  std::vector<uint64_t> numbers;
  while (!list.empty()) {
    const size_t end = std::min(list.find(','), list.size());
    std::string_view part = list.substr(0, end);
    list.remove_prefix(std::min(end + 1, list.size()));
    while (part.starts_with(' ')) part.remove_prefix(1);
    const auto span = grammar::number_span(part);
    if (!span || span->last - span->first > kMostMembers) return {};
    for (uint64_t n = span->first; n <= span->last && numbers.size() <= kMostMembers; ++n)
      numbers.push_back(n);
  }
  return numbers;
}

// A pattern cut where it stands for several numbers. Each piece: text, then one of the numbers.
struct Piece {
  std::string text;
  std::vector<uint64_t> numbers;  ///< empty: the last piece
};

// Empty if the pattern is malformed.
std::vector<Piece> pieces_of(std::string_view pattern) {
  std::vector<Piece> pieces;
  while (true) {
    const size_t at = pattern.find_first_of("[*");
    Piece piece{std::string(pattern.substr(0, at)), {}};
    if (at == pattern.npos) return pieces.push_back(std::move(piece)), pieces;
    size_t end = at;
    if (pattern[at] == '*') {
      for (uint64_t n = 0; n <= kLastPort; ++n) piece.numbers.push_back(n);
    } else {
      end = pattern.find(']', at);
      if (end == pattern.npos) return {};
      piece.numbers = numbers_in(pattern.substr(at + 1, end - at - 1));
    }
    if (piece.numbers.empty()) return {};
    pieces.push_back(std::move(piece));
    pattern.remove_prefix(end + 1);
  }
}

void add_pieces(const std::string& done, const std::vector<Piece>& pieces, size_t at,
                std::vector<std::string>& to) {
  const std::string text = done + pieces[at].text;
  if (pieces[at].numbers.empty()) return to.push_back(text);
  for (const uint64_t n : pieces[at].numbers) {
    if (to.size() > kMostMembers) return;
    add_pieces(text + std::to_string(n), pieces, at + 1, to);
  }
}

// All that a pattern with classes and `*` stands for; nothing if it is malformed.
void add_pattern(std::string_view pattern, std::vector<std::string>& to) {
  const auto pieces = pieces_of(pattern);
  if (!pieces.empty()) add_pieces("", pieces, 0, to);
}

// "et-0/0/3" → "et-" and 0, 0, 3.
struct Numbered {
  std::string prefix;
  std::vector<uint64_t> numbers;
};
Numbered take_apart(std::string_view name) {
  Numbered out;
  const size_t first = std::min(name.find_first_of("0123456789"), name.size());
  out.prefix = name.substr(0, first);
  name.remove_prefix(first);
  while (!name.empty()) {
    const size_t end = std::min(name.find('/'), name.size());
    const auto number = grammar::number_span(name.substr(0, end));
    if (!number || number->first != number->last) return {};
    out.numbers.push_back(number->first);
    name.remove_prefix(std::min(end + 1, name.size()));
  }
  return out;
}

std::string put_together(const Numbered& name) {
  std::string text = name.prefix;
  for (size_t i = 0; i < name.numbers.size(); ++i)
    text += (i ? "/" : "") + std::to_string(name.numbers[i]);
  return text;
}

std::string end_of(const Node& member_range) {
  const auto* to = member_range.statement->child("to");
  const NodePtr node = to ? child_of(member_range, *to) : nullptr;
  return node && !node->inactive ? node->text : std::string();
}

// To the next port, from the last port of a PIC to the next PIC; in the PIC that the range ends in
// on to its end.
void step(std::vector<uint64_t>& at, const std::vector<uint64_t>& end) {
  size_t digit = at.size() - 1;
  const auto last_of_all = [&] {
    return std::equal(at.begin(), at.begin() + static_cast<long>(digit), end.begin());
  };
  while (at[digit] >= kLastPort && !last_of_all()) at[digit--] = 0;
  ++at[digit];
}

// False: the two ends do not make a range.
bool add_range(const std::string& first, const std::string& last, std::vector<std::string>& to) {
  Numbered at = take_apart(first);
  const Numbered end = take_apart(last);
  if (at.numbers.empty() || at.prefix != end.prefix || at.numbers.size() != end.numbers.size() ||
      at.numbers > end.numbers)
    return false;
  while (to.size() <= kMostMembers) {
    to.push_back(put_together(at));
    if (at.numbers >= end.numbers) break;
    step(at.numbers, end.numbers);
  }
  return true;
}

}  // namespace

std::vector<std::string> members_of(const Node& range) {
  std::vector<std::string> all;
  for (const NodePtr& member : entries_in(range, "member")) add_pattern(member->text, all);
  for (const NodePtr& member : entries_in(range, "member-range"))
    add_range(member->text, end_of(*member), all);
  if (all.size() > kMostMembers) all.resize(kMostMembers);
  std::set<std::string> seen;
  std::erase_if(all, [&](const std::string& name) { return !seen.insert(name).second; });
  return all;
}

std::string wrong_with_range(const Node& range) {
  std::vector<std::string> all;
  for (const NodePtr& member : entries_in(range, "member")) {
    const size_t before = all.size();
    add_pattern(member->text, all);
    if (all.size() == before) return "invalid member '" + member->text + "'";
  }
  for (const NodePtr& member : entries_in(range, "member-range"))
    if (!add_range(member->text, end_of(*member), all))
      return "invalid member-range '" + member->text + " to " + end_of(*member) + "'";
  if (all.size() > kMostMembers)
    return "more than " + std::to_string(kMostMembers) + " members in the range";
  return all.empty() ? "no members in the range" : "";
}

namespace {

// Each range that is named, once.
template <class Visit>
void each_range(const Layers& holders, Visit visit) {
  std::set<std::string> done;
  for (const Layer& each : holders)
    each.node->children.each([&](const NodePtr& range) {
      if (!range->inactive && !has_wildcard(range->text) && done.insert(range->text).second)
        visit(std::string(range->text));
    });
}

Layers layers_of(const std::string& range, const Layers& holders) {
  Layers layers;
  for (const Layer& each : holders)
    for (NodePtr& node : matching_entries(*each.node, range))
      layers.push_back({std::move(node), range, true});
  return layers;
}

std::set<std::string> members_of(const Layers& layers) {
  std::set<std::string> members;
  for (const Layer& layer : layers)
    for (auto& member : members_of(*layer.node)) members.insert(std::move(member));
  return members;
}

}  // namespace

RangeMembers range_members(const Layers& holders) {
  RangeMembers all;
  each_range(holders,
             [&](const std::string& name) { all[name] = members_of(layers_of(name, holders)); });
  return all;
}

Ranges::Ranges(const Layers& holders) {
  each_range(holders, [&](const std::string& name) { add(name, holders); });
}

Ranges::Ranges(const Layers& list, const RangeMembers& members) {
  for (const Layer& each : list)
    each.node->children.each_inheriting(kNamesRange, [&](const NodePtr& entry) {
      const auto range = members.find(entry->text);
      if (entry->inactive || range == members.end()) return;
      names_.insert(range->first);
      for (const auto& member : range->second)
        by_key_[member].push_back({entry, range->first, true});
    });
}

void Ranges::add(const std::string& name, const Layers& holders) {
  const Layers layers = layers_of(name, holders);
  for (const auto& member : members_of(layers)) {
    Layers& all = by_key_[member];
    all.insert(all.end(), layers.begin(), layers.end());
  }
}

const Layers& Ranges::of(const std::string& key) const {
  static const Layers kNone;
  const auto found = by_key_.find(key);
  return found == by_key_.end() ? kNone : found->second;
}

}  // namespace nezu::configdb
