#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "grammar/element_marks.h"
#include "grammar/reader.h"

/// What configuration in XML and in JSON have in common.
namespace nezu::grammar {

/// A place in a text: the end of what was read.
struct TextPlace {
  int line = 1;
  int column = 0;
};

/// Places of rising offsets in one text.
class TextPlaces {
 public:
  explicit TextPlaces(std::string_view text) : text_(text) {}
  TextPlace at(size_t offset);

 private:
  std::string_view text_;
  size_t counted_ = 0;  ///< bytes up to which lines were counted
  size_t line_begin_ = 0;
  int line_ = 1;
};

/// Makes named elements into edits: open() and close() around each, value() in between for one
/// that has a value. An element that is wrong is reported once and skipped with what it holds.
class ElementReader {
 public:
  static constexpr size_t kMostHeld = 10'000;  ///< elements before their entry's key

  ElementReader(const Statement& root, const Path& level, Edits& edits);

  void open(std::string_view name, const ElementMarks& marks, const TextPlace& place);
  void value(std::string_view text, const TextPlace& place);
  void close(const TextPlace& place);
  /// Attributes of the innermost element that come after it was opened.
  void mark(const ElementMarks& marks);
  /// Attributes of the configuration itself, before its first element.
  void mark_whole(const ElementMarks& marks, const TextPlace& place);

  /// The open elements; 0 at the level that reading began at.
  size_t depth() const { return frames_.size() + skipped_; }
  /// The kind of statement `name` would be, for JSON; null if there is none or nobody knows yet.
  const Statement* statement(std::string_view name) const;
  /// `statement`: what is quoted, if it is more than the token.
  void complain(const std::string& message, std::string_view token, const TextPlace& place,
                std::string_view statement = {});
  bool gave_up() const { return problems_ >= kMostProblems; }

 private:
  static constexpr int kMostProblems = 1000;
  static constexpr size_t kLongestQuotation = 200;

  // Something that came before the key of its entry.
  struct Held {
    enum class Kind { kOpen, kValue, kClose, kMark } kind;
    std::string text;
    ElementMarks marks;
    TextPlace place;
  };
  struct Frame {
    const Statement* statement = nullptr;
    bool is_key = false;   ///< a key leaf of the entry around it
    bool waiting = false;  ///< an entry whose keys have not all come
    std::vector<std::optional<std::string>> keys;
    ElementMarks marks;
    TextPlace place;
    std::string text;
    std::vector<Held> held;
    size_t held_depth = 0;
  };

  const Statement& container() const;
  std::string_view entry_above() const;
  bool hold(Held item);
  void replay(const std::vector<Held>& held);
  void push(const Statement& statement, const ElementMarks& marks, const TextPlace& place);
  void open_key(const Statement& key, size_t index, const TextPlace& place);
  void enter(Frame& frame);
  bool remove_here();
  void close_key(const Frame& frame, const TextPlace& place);
  void close_leaf(const Frame& frame, const TextPlace& place);
  void begin(const Frame& frame, const Path& path);
  void end(const Frame& frame, const Path& path);
  bool may_move(const Frame& frame, const Path& path);
  void rename(const Frame& frame, const Path& path);
  void insert(const Frame& frame, const Path& path);
  void substitute(const ElementMarks& marks, const Path& level, const TextPlace& place);
  std::optional<std::string> target(const Frame& frame, const Statement& list);
  void give_up(const std::string& message, const TextPlace& place);
  void skip_after(const std::string& message, std::string_view token, const TextPlace& place);
  std::optional<std::string> read(const Statement& statement, const std::string& text,
                                  const TextPlace& place);

  const Statement& root_;
  Edits& edits_;
  Path path_;
  std::vector<Frame> frames_;
  size_t skipped_ = 0;  ///< open elements inside of one that was wrong, and itself
  int problems_ = 0;
  bool began_ = false;  ///< an element was opened
};

}  // namespace nezu::grammar
