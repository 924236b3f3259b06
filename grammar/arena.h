#pragma once
#include <initializer_list>
#include <new>
#include <unordered_map>
#include <vector>

#include "grammar/frozen.h"

namespace nezu::grammar {

/// Where frozen things are made, one behind the other, in memory that never moves. Equal texts are
/// kept once.
class Arena {
 public:
  /// Address space for `most` bytes, of which only what is used takes memory. Throws
  /// std::bad_alloc if there is none, or if more is asked for later.
  explicit Arena(size_t most);
  ~Arena();
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;

  template <class T>
  T& make() {
    return *new (take(sizeof(T), alignof(T))) T;
  }

  void put(Text& into, std::string_view text);
  void put(OptionalText& into, std::string_view text) { put(into.text_, text); }
  /// `from` must lie in this arena, as all that is linked here.
  template <class T>
  void put(Link<T>& into, const T* from) {
    into.distance_ = from ? distance(&into, from) : 0;
  }
  template <class T>
  void put(Links<T>& into, const std::vector<const T*>& from) {
    Link<T>* links = make_array(into.links_, from.size());
    for (size_t i = 0; i < from.size(); ++i) put(links[i], from[i]);
  }
  /// An array of `count` blank things, for the caller to fill.
  template <class T>
  T* make_array(Array<T>& into, size_t count) {
    T* begin = reinterpret_cast<T*>(take(sizeof(T) * count, alignof(T)));
    for (size_t i = 0; i < count; ++i) new (begin + i) T;
    into.distance_ = count ? distance(&into, begin) : 0;
    into.count_ = static_cast<uint32_t>(count);
    return begin;
  }

  void align(size_t to) { take(0, to); }
  /// What was made, from the first on.
  std::string_view bytes() const { return {begin_, used_}; }

 private:
  char* take(size_t size, size_t alignment);
  static int32_t distance(const void* from, const void* to) {
    return static_cast<int32_t>(static_cast<const char*>(to) - static_cast<const char*>(from));
  }

  char* begin_;
  size_t most_;
  size_t used_ = 0;
  std::unordered_map<std::string_view, const char*> texts_;  ///< their keys lie in the arena
};

}  // namespace nezu::grammar
