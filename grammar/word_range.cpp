#include "grammar/word_range.h"

#include <charconv>
#include <set>

namespace nezu::grammar {
namespace {

using Form = Word::Form;

// Words that touch, if a bracket is opened and closed among them: `begin` is the first of them, the
// end is returned. Else one word alone.
size_t cluster(std::span<const Word> words, size_t begin) {
  bool opened = false, closed = false;
  size_t end = begin;
  for (; end < words.size(); ++end) {
    const Word& word = words[end];
    if (word.form == Form::kQuoted || (end > begin && word.column != words[end - 1].end)) break;
    opened = opened || word.form == Form::kOpenBracket;
    if (word.form == Form::kCloseBracket && !opened) break;
    closed = closed || word.form == Form::kCloseBracket;
  }
  return closed ? end : begin + 1;
}

std::optional<uint64_t> number(std::string_view text) {
  uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// "0-3,!2"; nullopt if that is not what a range is.
std::optional<std::vector<std::string>> numbers_in(std::string_view text) {
  std::set<uint64_t> in, out;
  while (true) {
    const size_t comma = text.find(',');
    std::string_view item = text.substr(0, comma);
    const bool without = item.starts_with('!');
    if (without) item.remove_prefix(1);
    const auto span = number_span(item);
    if (!span || span->last - span->first >= kMostRangeLines || in.size() > kMostRangeLines)
      return std::nullopt;
    for (uint64_t n = span->first; n <= span->last; ++n) (without ? out : in).insert(n);
    if (comma == text.npos) break;
    text.remove_prefix(comma + 1);
  }
  std::vector<std::string> names;
  for (const uint64_t n : in)
    if (!out.contains(n)) names.push_back(std::to_string(n));
  if (names.empty()) return std::nullopt;
  return names;
}

// The names that the touching words stand for; nullopt if something in brackets is no range.
std::optional<std::vector<std::string>> names_of(std::span<const Word> words) {
  std::vector<std::string> names = {""};
  std::string inside;
  bool open = false;
  for (const Word& word : words) {
    if (word.form == Form::kOpenBracket || word.form == Form::kCloseBracket) {
      if (open == (word.form == Form::kOpenBracket)) return std::nullopt;
      open = !open;
      if (open) continue;
      const auto numbers = numbers_in(inside);
      if (!numbers || names.size() * numbers->size() > kMostRangeLines) return std::nullopt;
      std::vector<std::string> longer;
      for (const std::string& name : names)
        for (const std::string& each : *numbers) longer.push_back(name + each);
      names = std::move(longer);
      inside.clear();
    } else if (open) {
      inside += word.text;
    } else {
      for (std::string& name : names) name += word.text;
    }
  }
  if (open) return std::nullopt;
  return names;
}

std::string text_of(std::span<const Word> words) {
  std::string text;
  for (const Word& word : words) text += word.text;
  return text;
}

// Each line once for each of the names, as `word`.
void append(std::vector<Words>& lines, Word word, const std::vector<std::string>& names) {
  std::vector<Words> longer;
  for (Words& line : lines) {
    for (size_t i = 0; i + 1 < names.size(); ++i) {
      longer.push_back(line);
      word.text = names[i];
      longer.back().push_back(word);
    }
    word.text = names.back();
    line.push_back(word);
    longer.push_back(std::move(line));
  }
  lines = std::move(longer);
}

}  // namespace

std::optional<NumberSpan> number_span(std::string_view text) {
  const size_t dash = text.find('-');
  const auto first = number(text.substr(0, dash));
  const auto last = dash == text.npos ? first : number(text.substr(dash + 1));
  if (!first || !last || *first > *last) return std::nullopt;
  return NumberSpan{*first, *last};
}

Words join_ranges(std::span<const Word> words) {
  Words joined;
  for (size_t at = 0; at < words.size();) {
    const size_t end = cluster(words, at);
    joined.push_back(words[at]);
    joined.back().end = words[end - 1].end;
    if (end > at + 1) joined.back().text = text_of(words.subspan(at, end - at));
    if (end > at + 1) joined.back().form = Form::kPlain;
    at = end;
  }
  return joined;
}

RangeLines expand_ranges(std::span<const Word> words) {
  RangeLines result;
  result.lines = {{}};
  for (size_t at = 0; at < words.size();) {
    const size_t end = cluster(words, at);
    std::optional<std::vector<std::string>> names = {{words[at].text}};
    if (end > at + 1) names = names_of(words.subspan(at, end - at));
    const size_t lines = result.lines.size() * (names ? names->size() : 0);
    const bool plain = end == at + 1 && lines == 1;
    if (!plain && (!names || lines > kMostRangeLines || lines * words.size() > kMostRangeWords))
      return {{}, at, "invalid range '" + text_of(words.subspan(at, end - at)) + "'"};
    Word word = words[at];
    word.end = words[end - 1].end;
    if (end > at + 1) word.form = Form::kPlain;
    append(result.lines, word, *names);
    at = end;
  }
  return result;
}

}  // namespace nezu::grammar
