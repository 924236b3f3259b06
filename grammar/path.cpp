#include "grammar/path.h"

#include "grammar/secret.h"

namespace nezu::grammar {
namespace {

// Bytes of UTF-8 sequences count as plain: names are quoted for what the language would misread.
bool is_plain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("._/:-+@*,%<>").find(c) != std::string_view::npos || (c & 0x80);
}

bool needs_quotes(std::string_view value) {
  for (const char c : value)
    if (!is_plain(c)) return true;
  return value.empty() || value.starts_with("/*") || value.ends_with(':');
}

std::string in_quotes(std::string_view value) {
  std::string text = "\"";
  for (const char c : value) {
    if (c == '\n')
      text += "\\n";
    else if (c == '"' || c == '\\')
      (text += '\\') += c;
    else
      text += c;
  }
  return text + '"';
}

}  // namespace

std::string value_words(const Step& step) {
  const auto& [statement, value] = step;
  // Several keys: a blank stands between them, so none of them can hold one or need quotes.
  if (statement->kind == Kind::kList && statement->keys.size() > 1) return value;
  if (!statement->secret) return quote(value);
  if (value == kHiddenSecret) return value;
  return in_quotes(shown_secret(value, statement->hashed));
}

std::string quote(std::string_view value) {
  return needs_quotes(value) ? in_quotes(value) : std::string(value);
}

std::string step_words(const Step& step) {
  if (step.value.empty()) return step.statement->no_keyword ? "" : step.statement->name.c_str();
  if (step.statement->no_keyword) return value_words(step);
  return step.statement->name + " " + value_words(step);
}

size_t statement_end(const Path& path, size_t level) {
  size_t size = level + 1;
  while (size < path.size() && path[size - 1].statement->joined) ++size;
  return std::min(size, path.size());
}

std::string path_words(const Path& path) {
  std::string words;
  for (const auto& step : path) {
    const auto more = step_words(step);
    if (!words.empty() && !more.empty()) words += ' ';
    words += more;
  }
  return words;
}

std::vector<std::string> path_word_list(const Path& path) {
  std::vector<std::string> words;
  for (const auto& step : path) {
    if (!step.statement->no_keyword) words.push_back(step.statement->name);
    if (!step.value.empty()) words.push_back(value_words(step));
  }
  return words;
}

}  // namespace nezu::grammar
