#pragma once
#include <string_view>

/// Wildcards in the keys of a configuration group: "<ge-0/0/[0-3]>".
namespace nezu::configdb {

/// Whether the whole of `name` matches `pattern`, which stands without its angle brackets. `*` is
/// any text ("/" too), `?` any character, `[0-3a]` one of a class, `[!0-3]` one that is not in it;
/// `]` is in a class if it stands first, a class without an end is a `[`. Linear but for several
/// `*`, where it is bounded by the product of the lengths.
bool glob_matches(std::string_view pattern, std::string_view name);

/// Whether the key of a group's entry is that of a list entry: the same text, or a wildcard that
/// matches it. Of several keys each must.
bool key_matches(std::string_view group_key, std::string_view key);

/// Whether there is a wildcard among the keys.
bool has_wildcard(std::string_view group_key);

/// What every key that `group_key` matches begins with, up to a wildcard's first sign that stands
/// for others; `whole`: it matches this one key alone.
struct Beginning {
  std::string_view text;
  bool whole = false;
};
Beginning literal_beginning(std::string_view group_key);

/// How much of the key is spelled out: the higher, the more specific.
size_t literal_length(std::string_view group_key);

}  // namespace nezu::configdb
