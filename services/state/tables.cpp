#include "services/state/tables.h"

#include <algorithm>
#include <set>

namespace nezu::state {
namespace {

bool same(const channel::Row& a, const channel::Row& b) {
  return a.SerializeAsString() == b.SerializeAsString();
}

}  // namespace

bool Tables::fits(const Entry& entry, const channel::Table& change) {
  const size_t kept = change.whole() ? 0 : entry.rows.size();
  return kept + size_t(change.row_size()) <= kMaxRows;
}

// What of `change` is news: rows that differ, removals of rows that exist.
channel::Table Tables::difference(const Entry& entry, const channel::Table& change) {
  channel::Table news;
  news.set_name(change.name());
  std::set<std::string_view> named;
  for (const auto& row : change.row()) {
    named.insert(row.key());
    const auto old = entry.rows.find(row.key());
    if (old == entry.rows.end() || !same(old->second, row)) *news.add_row() = row;
  }
  for (const auto& key : change.removed())
    if (entry.rows.contains(key) && !named.contains(key)) news.add_removed(key);
  if (change.whole())
    for (const auto& [key, _] : entry.rows)
      if (!named.contains(key)) news.add_removed(key);
  return news;
}

bool Tables::publish(std::string_view writer, const channel::Table& change) {
  if (!tables_.contains(change.name()) && tables_.size() >= kMaxTables) return false;
  Entry& entry = tables_[change.name()];
  if (entry.writer.empty()) entry.writer = writer;
  if (entry.writer != writer || !fits(entry, change)) return false;
  channel::Table news = difference(entry, change);
  const bool completed = change.whole() && !entry.complete;
  entry.complete = entry.complete || change.whole();
  if (news.row_size() == 0 && news.removed_size() == 0 && !completed) return true;
  for (const auto& key : news.removed()) entry.rows.erase(key);
  for (const auto& row : news.row()) entry.rows[row.key()] = row;
  news.set_version(++entry.version);
  const auto subscribers = entry.subscribers;  // a listener may subscribe or unsubscribe
  for (const auto& subscriber : subscribers) subscriber.listener(news);
  return true;
}

channel::Table Tables::whole_of(const std::string& name, const Entry& entry) {
  channel::Table table;
  table.set_name(name);
  table.set_version(entry.version);
  table.set_whole(true);
  for (const auto& [_, row] : entry.rows) *table.add_row() = row;
  return table;
}

void Tables::subscribe(const void* who, const std::string& table, const Listener& listener) {
  Entry& entry = tables_[table];
  entry.subscribers.push_back({who, listener});
  listener(whole_of(table, entry));
}

void Tables::unsubscribe(const void* who) {
  for (auto& [_, entry] : tables_)
    std::erase_if(entry.subscribers, [who](const Subscriber& s) { return s.who == who; });
}

const channel::Row* Tables::find(std::string_view table, std::string_view key) const {
  const auto entry = tables_.find(table);
  if (entry == tables_.end()) return nullptr;
  const auto row = entry->second.rows.find(key);
  return row == entry->second.rows.end() ? nullptr : &row->second;
}

std::vector<const channel::Row*> Tables::rows_under(std::string_view table,
                                                    std::string_view prefix) const {
  std::vector<const channel::Row*> found;
  const auto entry = tables_.find(table);
  if (entry == tables_.end()) return found;
  const auto& rows = entry->second.rows;
  for (auto row = rows.lower_bound(prefix); row != rows.end(); ++row) {
    if (row->first.compare(0, prefix.size(), prefix) != 0) break;
    found.push_back(&row->second);
  }
  return found;
}

std::vector<channel::Row> Tables::rows(std::string_view table) const {
  std::vector<channel::Row> all;
  const auto entry = tables_.find(table);
  if (entry == tables_.end()) return all;
  for (const auto& [_, row] : entry->second.rows) all.push_back(row);
  return all;
}

uint64_t Tables::version(std::string_view table) const {
  const auto entry = tables_.find(table);
  return entry == tables_.end() ? 0 : entry->second.version;
}

bool Tables::complete(std::string_view table) const {
  const auto entry = tables_.find(table);
  return entry != tables_.end() && entry->second.complete;
}

}  // namespace nezu::state
