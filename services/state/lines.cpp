#include "services/state/lines.h"

#include <algorithm>
#include <set>

#include "grammar/path.h"

namespace nezu::state {
namespace {

using configdb::View;
using grammar::Kind;
using grammar::Statement;

class Writer {
 public:
  explicit Writer(std::vector<std::string>& lines) : lines_(lines) {}

  void claim(const View& before, const View& after, std::string_view path);

 private:
  void statement(const View& before, const View& after, const Statement& statement);
  void contents(const View& before, const View& after, const Statement& statement);
  void list(const View& before, const View& after, const Statement& list);
  void leaf(const View& before, const View& after, const Statement& leaf);
  void leaf_list(const View& before, const View& after, const Statement& list);
  void entry(const View& before, const View& after, const Statement& list, std::string_view key);
  void fill(const View& after, const Statement& statement);
  void line(const char* verb);
  size_t push(const Statement& statement);
  void push_key(const Statement& list, std::string_view key);

  std::vector<std::string>& lines_;
  std::vector<std::string> words_;
  bool deleting_ = false;  ///< which of the two passes this is
};

// A view of nothing has no statement either (the tree before boot).
View child(const View& parent, const Statement& statement) {
  return parent ? parent[statement.name] : View();
}

std::vector<std::string> keys_of(const std::vector<View>& entries) {
  std::vector<std::string> keys;
  for (const auto& entry : entries) keys.emplace_back(entry.key());
  return keys;
}

std::vector<View> entries_of(const View& parent, const Statement& list) {
  return parent ? parent.entries(list.name) : std::vector<View>();
}

View entry_of(const View& parent, const Statement& list, std::string_view key) {
  return parent ? parent.entry(list.name, key) : View();
}

std::vector<std::string> values_of(const View& parent, const Statement& list) {
  return parent ? parent.values(list.name) : std::vector<std::string>();
}

bool contains(const std::vector<std::string>& words, const std::string& word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

// Entries that both sides have stand in another order, or a new one stands before an old one: only
// entering all of them anew gives the order.
bool reordered(const std::vector<std::string>& before, const std::vector<std::string>& after) {
  std::vector<std::string> kept;
  for (const auto& key : before)
    if (contains(after, key)) kept.push_back(key);
  return !std::equal(kept.begin(), kept.end(), after.begin(),
                     after.begin() + std::ptrdiff_t(std::min(kept.size(), after.size())));
}

void Writer::line(const char* verb) {
  std::string text = verb;
  for (const auto& word : words_) text.append(1, ' ').append(grammar::quote(word));
  lines_.push_back(std::move(text));
}

size_t Writer::push(const Statement& statement) {
  const size_t mark = words_.size();
  if (!statement.no_keyword) words_.push_back(statement.name);
  return mark;
}

// Several keys stand joined by a blank in a View; a single key may hold blanks itself.
void Writer::push_key(const Statement& list, std::string_view key) {
  for (size_t i = 1; i < list.keys.size() && key.find(' ') != key.npos; ++i) {
    words_.emplace_back(key.substr(0, key.find(' ')));
    key.remove_prefix(key.find(' ') + 1);
  }
  words_.emplace_back(key);
}

void Writer::claim(const View& before, const View& after, std::string_view path) {
  View from = before, to = after;
  const Statement* at = after ? after.statement() : before.statement();
  words_.clear();
  while (at && path.find(' ') != path.npos) {
    const auto word = path.substr(0, path.find(' '));
    path.remove_prefix(word.size() + 1);
    at = at->child(word);
    if (!at) return;
    push(*at);
    from = child(from, *at);
    to = child(to, *at);
  }
  at = at ? at->child(path) : nullptr;
  if (!at) return;
  for (const bool pass : {true, false}) {
    deleting_ = pass;
    statement(from, to, *at);
  }
}

// `before` and `after` are the parents.
void Writer::statement(const View& before, const View& after, const Statement& st) {
  if (st.kind == Kind::kList) return list(before, after, st);
  if (st.kind == Kind::kLeafList) return leaf_list(before, after, st);
  if (!st.holds_statements()) return leaf(before, after, st);
  const View from = child(before, st), to = child(after, st);
  if (from == to) return;
  const size_t mark = push(st);
  if (from && !to && deleting_) line("delete");
  if (from && to) contents(from, to, st);
  if (!from && to && !deleting_) fill(to, st);
  words_.resize(mark);
}

void Writer::contents(const View& before, const View& after, const Statement& st) {
  for (const Statement* each : st.children) statement(before, after, *each);
}

// Something new: one line for itself if nothing inside brings it into being.
void Writer::fill(const View& after, const Statement& st) {
  const size_t count = lines_.size();
  contents(View(), after, st);
  if (lines_.size() == count || st.kind == Kind::kPresence) line("set");
}

void Writer::entry(const View& before, const View& after, const Statement& list,
                   std::string_view key) {
  const size_t mark = push(list);
  push_key(list, key);
  if (before && !after && deleting_) line("delete");
  if (before && after && !(before == after)) contents(before, after, list);
  if (!before && after && !deleting_) fill(after, list);
  words_.resize(mark);
}

void Writer::list(const View& before, const View& after, const Statement& st) {
  const auto old_keys = keys_of(entries_of(before, st)), new_keys = keys_of(entries_of(after, st));
  const std::set<std::string, std::less<>> stays(new_keys.begin(), new_keys.end());
  const bool anew = st.user_ordered && reordered(old_keys, new_keys);
  if (deleting_)
    for (const auto& key : old_keys)
      if (anew || !stays.contains(key)) entry(entry_of(before, st, key), View(), st, key);
  for (const auto& key : new_keys)
    entry(anew ? View() : entry_of(before, st, key), entry_of(after, st, key), st, key);
}

void Writer::leaf(const View& before, const View& after, const Statement& st) {
  const View from = child(before, st), to = child(after, st);
  if (from == to) return;
  if (from && to && (st.kind == Kind::kFlag || from.value() == to.value())) return;
  const size_t mark = push(st);
  if (from && !to && deleting_) line("delete");
  if (to && !deleting_) {
    if (st.kind != Kind::kFlag) words_.push_back(to.value());
    line("set");
  }
  words_.resize(mark);
}

void Writer::leaf_list(const View& before, const View& after, const Statement& st) {
  const auto from = values_of(before, st), to = values_of(after, st);
  if (from == to) return;
  const bool anew = st.user_ordered && reordered(from, to);
  const size_t mark = push(st);
  for (const auto& value : deleting_ ? from : to) {
    if (!anew && contains(deleting_ ? to : from, value)) continue;
    words_.push_back(value);
    line(deleting_ ? "delete" : "set");
    words_.pop_back();
  }
  words_.resize(mark);
}

}  // namespace

std::vector<std::string> change_lines(const View& before, const View& after,
                                      const std::vector<std::string>& claims) {
  std::vector<std::string> lines;
  if (before == after) return lines;
  Writer writer(lines);
  for (const auto& path : claims) writer.claim(before, after, path);
  return lines;
}

}  // namespace nezu::state
