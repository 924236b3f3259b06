#pragma once
#include <compare>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>

/// The pieces that a frozen schema is made of. Each points to where its content lies by the
/// distance from itself, so that the schema is the same bytes in a file, wherever that is mapped.
/// They are made by an Arena and never change; none can be copied, since it would point elsewhere
/// then.
namespace nezu::grammar {

/// A pointer, or none.
template <class T>
class Link {
 public:
  Link() = default;
  Link(const Link&) = delete;
  Link& operator=(const Link&) = delete;

  const T* get() const {
    const auto self = reinterpret_cast<const char*>(this);
    return distance_ ? reinterpret_cast<const T*>(self + distance_) : nullptr;
  }
  operator const T*() const { return get(); }  // NOLINT(google-explicit-constructor): a pointer
  const T* operator->() const { return get(); }
  const T& operator*() const { return *get(); }

 private:
  friend class Arena;
  int32_t distance_ = 0;
};

/// What lies one after another, of one kind.
template <class T>
class Array {
 public:
  using value_type = T;
  const T* begin() const {
    return count_ ? reinterpret_cast<const T*>(reinterpret_cast<const char*>(this) + distance_)
                  : nullptr;
  }
  const T* end() const { return begin() + count_; }
  size_t size() const { return count_; }
  bool empty() const { return count_ == 0; }
  const T& operator[](size_t i) const { return begin()[i]; }
  const T& front() const { return *begin(); }
  const T& back() const { return begin()[count_ - 1]; }

  Array() = default;
  Array(const Array&) = delete;
  Array& operator=(const Array&) = delete;

 private:
  friend class Arena;
  int32_t distance_ = 0;
  uint32_t count_ = 0;
};

/// Pointers to things of one kind; reads like a std::vector<const T*>.
template <class T>
class Links {
 public:
  using value_type = const T*;

  class Iterator {
   public:
    using iterator_category = std::random_access_iterator_tag;
    using value_type = const T*;
    using difference_type = ptrdiff_t;
    using pointer = const value_type*;
    using reference = value_type;

    Iterator() = default;
    explicit Iterator(const Link<T>* at) : at_(at) {}
    const T* operator*() const { return at_->get(); }
    const T* operator[](ptrdiff_t n) const { return at_[n].get(); }
    Iterator& operator++() { return *this += 1; }
    Iterator& operator--() { return *this += -1; }
    Iterator operator++(int) { return Iterator(at_++); }
    Iterator operator--(int) { return Iterator(at_--); }
    Iterator& operator+=(ptrdiff_t n) {
      at_ += n;
      return *this;
    }
    Iterator& operator-=(ptrdiff_t n) { return *this += -n; }
    friend Iterator operator+(Iterator a, ptrdiff_t n) { return a += n; }
    friend Iterator operator+(ptrdiff_t n, Iterator a) { return a += n; }
    friend Iterator operator-(Iterator a, ptrdiff_t n) { return a += -n; }
    friend ptrdiff_t operator-(Iterator a, Iterator b) { return a.at_ - b.at_; }
    auto operator<=>(const Iterator&) const = default;

   private:
    const Link<T>* at_ = nullptr;
  };

  Iterator begin() const { return Iterator(links_.begin()); }
  Iterator end() const { return Iterator(links_.end()); }
  auto rbegin() const { return std::reverse_iterator(end()); }
  auto rend() const { return std::reverse_iterator(begin()); }
  size_t size() const { return links_.size(); }
  bool empty() const { return links_.empty(); }
  const T* operator[](size_t i) const { return links_[i].get(); }
  const T* front() const { return links_.front().get(); }
  const T* back() const { return links_.back().get(); }

 private:
  friend class Arena;
  Array<Link<T>> links_;
};

/// Text that reads like a constant std::string: UTF-8 with a NUL behind it.
class Text {
 public:
  Text() = default;
  Text(const Text&) = delete;
  Text& operator=(const Text&) = delete;

  const char* c_str() const {
    return distance_ ? reinterpret_cast<const char*>(this) + distance_ : "";
  }
  std::string_view view() const { return {c_str(), size_}; }
  // NOLINTNEXTLINE(google-explicit-constructor): a text
  operator std::string_view() const { return view(); }
  // NOLINTNEXTLINE(google-explicit-constructor): a text
  operator std::string() const { return str(); }
  std::string str() const { return std::string(view()); }
  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  bool starts_with(std::string_view text) const { return view().starts_with(text); }
  bool ends_with(std::string_view text) const { return view().ends_with(text); }
  size_t find(std::string_view text, size_t from = 0) const { return view().find(text, from); }
  size_t find(char c, size_t from = 0) const { return view().find(c, from); }
  std::string substr(size_t from, size_t count = std::string::npos) const {
    return std::string(view().substr(from, count));
  }
  char operator[](size_t i) const { return c_str()[i]; }
  const char* begin() const { return c_str(); }
  const char* end() const { return c_str() + size_; }
  char front() const { return *begin(); }
  char back() const { return end()[-1]; }

  friend bool operator==(const Text& a, const Text& b) { return a.view() == b.view(); }
  friend bool operator==(const Text& a, std::string_view b) { return a.view() == b; }
  friend auto operator<=>(const Text& a, const Text& b) { return a.view() <=> b.view(); }
  friend auto operator<=>(const Text& a, std::string_view b) { return a.view() <=> b; }
  friend std::string operator+(std::string a, const Text& b) { return std::move(a += b.view()); }
  friend std::string operator+(const Text& a, std::string_view b) { return a.str() += b; }
  friend std::string operator+(const Text& a, char b) { return a.str() += b; }
  friend std::string operator+(char a, const Text& b) { return a + b.str(); }
  friend std::string operator+(const Text& a, const Text& b) { return a.str() += b.view(); }
  friend std::ostream& operator<<(std::ostream& out, const Text& text) {
    return out << text.view();
  }

 private:
  friend class Arena;
  friend class OptionalText;
  int32_t distance_ = 0;
  uint32_t size_ = 0;
};

/// A text that may be absent, which is not the same as empty.
class OptionalText {
 public:
  explicit operator bool() const { return text_.distance_ != 0; }
  const Text& operator*() const { return text_; }
  const Text* operator->() const { return &text_; }
  std::string value_or(std::string_view other) const {
    return std::string(*this ? text_.view() : other);
  }
  friend bool operator==(const OptionalText& a, std::string_view b) { return a && *a == b; }
  friend bool operator==(const OptionalText& a, std::nullopt_t) { return !a; }

 private:
  friend class Arena;
  Text text_;
};

}  // namespace nezu::grammar
