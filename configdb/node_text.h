#pragma once
#include <compare>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "configdb/children.h"

namespace nezu::configdb {

/// The text of a node, and what few nodes have beside it, in 16 bytes: most texts are short and
/// stand in them. Reads like a std::string_view; setting the text leaves the rest as it is.
class NodeText {
 public:
  NodeText() = default;
  NodeText(const NodeText& other);
  NodeText(NodeText&& other) noexcept;
  NodeText& operator=(const NodeText& other);
  NodeText& operator=(NodeText&& other) noexcept;
  ~NodeText();

  NodeText& operator=(std::string_view text);
  NodeText& operator=(const std::string& text) { return *this = std::string_view(text); }
  NodeText& operator=(const char* text) { return *this = std::string_view(text); }
  void clear() { *this = std::string_view(); }

  std::string_view view() const;
  operator std::string_view() const { return view(); }          // NOLINT: reads like one
  operator std::string() const { return std::string(view()); }  // NOLINT: reads like one
  bool empty() const { return view().empty(); }
  size_t size() const { return view().size(); }
  bool starts_with(char c) const { return view().starts_with(c); }
  bool starts_with(std::string_view begin) const { return view().starts_with(begin); }

  /// Of an entry of a user-ordered list, otherwise 0.
  uint64_t label() const;
  void set_label(uint64_t label);
  const std::string* annotation() const;  ///< null: none
  void annotate(const std::string* text);
  const Children& names() const;  ///< empty: none
  void set_names(Children names);

  friend bool operator==(const NodeText& a, const NodeText& b) { return a.view() == b.view(); }
  friend bool operator==(const NodeText& a, std::string_view b) { return a.view() == b; }
  friend auto operator<=>(const NodeText& a, const NodeText& b) { return a.view() <=> b.view(); }
  friend std::string operator+(const NodeText& a, std::string_view b) {
    return std::string(a) += b;
  }
  friend std::string operator+(const NodeText& a, char b) { return std::string(a) += b; }
  friend std::string operator+(std::string a, const NodeText& b) { return a += b.view(); }
  friend std::ostream& operator<<(std::ostream& out, const NodeText& text) {
    return out << text.view();
  }

 private:
  struct Aside;
  friend void hold(const Aside* aside);
  friend void release(const Aside* aside);

  /// What the last byte says of the others, beside a length in its low four bits.
  enum Form : uint8_t {
    kInline = 0x00,    ///< up to 15 characters
    kLabelled = 0x10,  ///< up to 12 characters, then a label in units of its usual distance
    kAside = 0x20,     ///< a pointer
  };
  Form form() const { return static_cast<Form>(bytes_[15] & 0xf0); }
  bool fits(std::string_view text, uint64_t label);
  const Aside* aside() const;
  void put_aside(Aside* aside);
  template <class Change>
  void change_aside(Change change);
  void keep() const;  ///< one more share of what is aside
  void drop();

  alignas(8) unsigned char bytes_[16] = {};
};

}  // namespace nezu::configdb

template <>
struct std::hash<nezu::configdb::NodeText> {
  size_t operator()(const nezu::configdb::NodeText& text) const {
    return std::hash<std::string_view>{}(text.view());
  }
};
