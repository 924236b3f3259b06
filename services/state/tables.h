#pragma once
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "services/state/channel.pb.h"

namespace nezu::state {

/// The operational state tables: what happens in the router, told by whoever causes it to whoever
/// wants to know.
///
/// A table has one writer, the first that publishes it. A subscriber gets the whole table at once
/// and then only what changes. Rows outlive a connection of their writer: when it is back it
/// publishes the whole table, and what it no longer names goes then (crash contract).
///
/// The RE holds the true tables; a daemon keeps a copy of those it subscribed in a Tables of its
/// own.
class Tables {
 public:
  using Listener = std::function<void(const channel::Table&)>;
  static constexpr size_t kMaxRows = 200'000;
  static constexpr size_t kMaxTables = 64;

  /// Takes rows and removals of `change` for `writer`. False, and nothing changed, if another one
  /// owns the table or it would grow past kMaxRows.
  bool publish(std::string_view writer, const channel::Table& change);

  /// `listener` is called at once with the whole table, then on each change. `who` names the
  /// subscriber for unsubscribe().
  void subscribe(const void* who, const std::string& table, const Listener& listener);
  void unsubscribe(const void* who);

  const channel::Row* find(std::string_view table, std::string_view key) const;
  std::vector<channel::Row> rows(std::string_view table) const;
  /// Those whose key begins so, without a look at the others.
  std::vector<const channel::Row*> rows_under(std::string_view table,
                                              std::string_view prefix) const;
  uint64_t version(std::string_view table) const;
  /// Whether the writer has named the whole table once: until then a row that is missing may only
  /// not have been told yet. Listeners are called when it becomes so, with or without news.
  bool complete(std::string_view table) const;

 private:
  struct Subscriber {
    const void* who;
    Listener listener;
  };
  struct Entry {
    std::string writer;
    uint64_t version = 0;
    bool complete = false;
    std::map<std::string, channel::Row, std::less<>> rows;
    std::vector<Subscriber> subscribers;
  };

  static channel::Table whole_of(const std::string& name, const Entry& entry);
  static channel::Table difference(const Entry& entry, const channel::Table& change);
  static bool fits(const Entry& entry, const channel::Table& change);

  std::map<std::string, Entry, std::less<>> tables_;
};

}  // namespace nezu::state
