#include "grammar/layout.h"

#include <charconv>
#include <stdexcept>

#include "grammar/layout_part.h"

namespace nezu::grammar {
namespace {

using Part = Layout::Part;

class LayoutReader {
 public:
  explicit LayoutReader(std::string_view text) : text_(text) { open_.push_back(&root_); }

  Part read() {
    while (!text_.empty()) {
      ++line_;
      const auto end = std::min(text_.find('\n') + 1, text_.size());
      read_line(text_.substr(0, end == 0 ? text_.size() : end));
      text_.remove_prefix(end == 0 ? text_.size() : end);
    }
    if (open_.size() > 1) broken("no {/" + open_.back()->text + "}");
    return std::move(root_);
  }

 private:
  void read_line(std::string_view line) {
    const bool only_marks = is_only_marks(line);
    while (!line.empty()) {
      const auto brace = std::min(line.find('{'), line.size());
      if (!only_marks) add_text(line.substr(0, brace));
      line.remove_prefix(brace);
      if (line.starts_with("{{")) {
        add_text("{");
        line.remove_prefix(2);
      } else if (!line.empty()) {
        const auto end = line.find('}');
        if (end == std::string_view::npos) broken("no }");
        read_mark(line.substr(1, end - 1));
        line.remove_prefix(end + 1);
      }
    }
  }

  static bool is_section_mark(std::string_view mark) {
    return !mark.empty() && std::string_view("#?^/,").find(mark[0]) != std::string_view::npos;
  }

  // Whether there is nothing but blanks and section marks, and at least one mark.
  static bool is_only_marks(std::string_view line) {
    bool marks = false;
    while (!line.empty()) {
      const auto end = line.find('}');
      if (line[0] == '{' && end != std::string_view::npos && is_section_mark(line.substr(1))) {
        marks = true;
        line.remove_prefix(end + 1);
      } else if (line[0] == ' ' || line[0] == '\n') {
        line.remove_prefix(1);
      } else {
        return false;
      }
    }
    return marks;
  }

  void read_mark(std::string_view mark) {
    if (mark.empty()) broken("empty {}");
    if (mark == ",") return open(Part::Kind::kBetween, ",");
    const std::string name(mark.substr(is_section_mark(mark)));
    if (name.empty()) broken("empty name");
    switch (mark[0]) {
      case '#':
        return open(Part::Kind::kEach, name);
      case '?':
        return open(Part::Kind::kIf, name);
      case '^':
        return open(Part::Kind::kUnless, name);
      case '/':
        return close(name);
      default:
        return add_value(mark);
    }
  }

  void add_value(std::string_view mark) {
    Part part;
    part.kind = Part::Kind::kValue;
    const auto colon = mark.find(':');
    part.text = mark.substr(0, colon);
    if (colon != std::string_view::npos) {
      auto width = mark.substr(colon + 1);
      part.right = width.starts_with('>');
      part.wrap = width.starts_with('~');
      width.remove_prefix(part.right || part.wrap);
      const auto end = width.data() + width.size();
      if (std::from_chars(width.data(), end, part.width).ptr != end || part.width <= 0)
        broken("bad width in {" + std::string(mark) + "}");
    }
    if (part.text.empty()) broken("empty name");
    open_.back()->parts.push_back(std::move(part));
  }

  void add_text(std::string_view text) {
    if (text.empty()) return;
    auto& parts = open_.back()->parts;
    if (parts.empty() || parts.back().kind != Part::Kind::kText) parts.emplace_back();
    parts.back().text += text;
  }

  // Parts of the levels above do not move while a section is open: only its own list grows.
  void open(Part::Kind kind, const std::string& name) {
    Part part;
    part.kind = kind;
    part.text = name;
    open_.back()->parts.push_back(std::move(part));
    open_.push_back(&open_.back()->parts.back());
  }

  void close(const std::string& name) {
    if (open_.size() == 1 || open_.back()->text != name) broken("{/" + name + "} closes nothing");
    open_.pop_back();
  }

  [[noreturn]] void broken(const std::string& why) const {
    throw std::invalid_argument("layout line " + std::to_string(line_) + ": " + why);
  }

  std::string_view text_;
  Part root_;
  std::vector<Part*> open_;
  int line_ = 0;
};

}  // namespace

Layout::Layout(std::string_view text) : root_(std::make_unique<Part>(LayoutReader(text).read())) {}
Layout::~Layout() = default;
Layout::Layout(Layout&&) noexcept = default;

}  // namespace nezu::grammar
