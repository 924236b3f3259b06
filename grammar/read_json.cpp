#include <utility>
#include <vector>

#include "grammar/element_reader.h"
#include "grammar/json_scanner.h"
#include "grammar/lexer.h"
#include "grammar/reader.h"

namespace nezu::grammar {
namespace {

constexpr size_t kMostDepth = 256;

// The marks of one member: of each of its values if it has several. A comment stands once.
struct MemberMarks {
  std::vector<ElementMarks> each;
  bool one_by_one = false;
  ElementMarks take(size_t value) {
    const size_t mine = one_by_one ? value : 0;
    if (mine >= each.size()) return {};
    if (one_by_one) return std::move(each[mine]);
    ElementMarks marks = each[mine];
    each[mine].comment.clear();
    return marks;
  }
};

class ConfigurationJson {
 public:
  ConfigurationJson(const Statement& root, const Path& level, std::string_view text, Edits& edits)
      : scanner_(text), places_(text), edits_(edits), elements_(root, level, edits) {}

  void read() {
    if (!expect('{') || !next_is(Kind::kString)) return;
    if (scanner_.text() != "configuration")
      return fail("syntax error, expecting \"configuration\"");
    if (!expect(':') || !expect('{') || !members() || !expect('}')) return;
    if (scanner_.next() != Kind::kEnd) fail("syntax error");
  }

 private:
  using Kind = JsonScanner::Kind;

  // Each of these reads on; false: the text was wrong, or too much was, and reading is over.
  bool members(bool first = true) {
    if (++depth_ > kMostDepth) return wrong("elements are nested too deeply");
    MemberMarks marks;
    std::string marked;  ///< the member that `marks` belong to, until it comes
    for (;; first = false) {
      if (scanner_.peek() == '}') break;
      if (!first && !expect(',')) return false;
      if (!next_is(Kind::kString)) return false;
      const std::string name = scanner_.text();
      if (!expect(':')) return false;
      if (name == "@") {
        if (!own_marks()) return false;
      } else if (name.starts_with('@')) {
        marked = name.substr(1);
        if (!member_marks(scanner_, marks)) return false;
      } else {
        const bool mine = std::exchange(marked, {}) == name;
        if (!member(name, mine ? std::move(marks) : MemberMarks{})) return false;
        marks = {};
      }
      if (elements_.gave_up()) return false;
    }
    --depth_;
    return expect('}');
  }

  bool own_marks() {
    MemberMarks marks;
    if (!member_marks(scanner_, marks)) return false;
    if (elements_.depth() == 0)
      elements_.mark_whole(marks.take(0), here());
    else
      elements_.mark(marks.take(0));
    return true;
  }

  bool member(const std::string& name, MemberMarks marks) {
    const char first = scanner_.peek();
    if (first == '{') return object(name, marks.take(0));
    if (!look_ahead(name, marks)) return false;
    if (first != '[') return scalar(name, marks.take(0));
    expect('[');
    for (size_t i = 0; scanner_.peek() != ']'; ++i) {
      if (i > 0 && !expect(',')) return false;
      const bool good =
          scanner_.peek() == '{' ? object(name, marks.take(i)) : scalar(name, marks.take(i));
      if (!good || elements_.gave_up()) return false;
    }
    return expect(']');
  }

  // "@name" may follow "name" if that has only values without members of their own.
  bool look_ahead(const std::string& name, MemberMarks& marks) {
    JsonScanner ahead = scanner_;
    if (ahead.peek() == '[') {
      ahead.next();
      while (ahead.peek() != ']') {
        const Kind kind = ahead.next();
        if (kind == Kind::kEnd || kind == Kind::kError ||
            (kind == Kind::kPunctuation && ahead.text() != ","))
          return true;
      }
    }
    if (ahead.next() == Kind::kError || ahead.next() != Kind::kPunctuation || ahead.text() != ",")
      return true;
    if (ahead.next() != Kind::kString || ahead.text() != "@" + name) return true;
    if (ahead.next() != Kind::kPunctuation || ahead.text() != ":") return true;
    return member_marks(ahead, marks);
  }

  bool object(const std::string& name, ElementMarks marks) {
    if (!expect('{')) return false;
    const bool marked = begins_with_marks();
    if (marked && !first_marks(marks)) return false;
    elements_.open(name, marks, here());
    if (!members(!marked)) return false;
    elements_.close(here());
    return true;
  }

  bool begins_with_marks() const {
    JsonScanner ahead = scanner_;
    return ahead.next() == Kind::kString && ahead.text() == "@";
  }

  bool first_marks(ElementMarks& marks) {
    MemberMarks own;
    if (!next_is(Kind::kString) || !expect(':') || !member_marks(scanner_, own)) return false;
    if (const char* why = marks.add(own.take(0))) elements_.complain(why, "@", here());
    return true;
  }

  bool scalar(const std::string& name, const ElementMarks& marks) {
    const Kind kind = scanner_.next();
    if (kind == Kind::kError) return wrong(scanner_.text());
    if (kind == Kind::kPunctuation || kind == Kind::kEnd) return wrong("syntax error");
    elements_.open(name, marks, here());
    if (kind != Kind::kWord || scanner_.text() != "null") elements_.value(scanner_.text(), here());
    elements_.close(here());
    return true;
  }

  // {"inactive" : true, …}, or an array of such and nulls. `from` stands before it.
  bool member_marks(JsonScanner& from, MemberMarks& marks) {
    marks = {};
    marks.one_by_one = from.peek() == '[';
    if (!marks.one_by_one) return marks_object(from, marks.each.emplace_back());
    from.next();
    while (from.peek() != ']') {
      if (!marks.each.empty() && !expect(',', from)) return false;
      if (marks.each.size() >= kMostTokens) return wrong("too many attributes");
      if (!marks_object(from, marks.each.emplace_back())) return false;
    }
    return expect(']', from);
  }

  bool marks_object(JsonScanner& from, ElementMarks& marks) {
    if (from.peek() == 'n') return from.next() != Kind::kError || wrong(from.text());
    if (!expect('{', from)) return false;
    for (bool first = true; from.peek() != '}'; first = false) {
      if (!first && !expect(',', from)) return false;
      if (from.next() != Kind::kString) return wrong("syntax error");
      const std::string name = from.text();
      if (!expect(':', from)) return false;
      const Kind kind = from.next();
      if (kind == Kind::kError) return wrong(from.text());
      if (kind == Kind::kPunctuation || kind == Kind::kEnd) return wrong("syntax error");
      if (const char* why = marks.add(name, from.text()))
        elements_.complain(why, from.text(), places_.at(from.offset()));
    }
    return expect('}', from);
  }

  bool expect(char punctuation) { return expect(punctuation, scanner_); }
  bool expect(char punctuation, JsonScanner& from) {
    const Kind kind = from.next();
    if (kind == Kind::kPunctuation && from.text()[0] == punctuation) return true;
    scanner_ = from;
    return wrong(kind == Kind::kError
                     ? from.text()
                     : std::string("syntax error, expecting '") + punctuation + "'");
  }

  bool next_is(Kind wanted) {
    const Kind kind = scanner_.next();
    return kind == wanted || wrong(kind == Kind::kError ? scanner_.text() : "syntax error");
  }

  TextPlace here() { return places_.at(scanner_.offset()); }
  bool wrong(const std::string& message) {
    fail(message);
    return false;
  }

  void fail(const std::string& message) {
    ReadProblem problem;
    const auto place = here();
    problem.line = place.line;
    problem.column = place.column;
    problem.message = message;
    problem.fatal = true;
    edits_.problem(problem);
  }

  JsonScanner scanner_;
  TextPlaces places_;
  Edits& edits_;
  ElementReader elements_;
  size_t depth_ = 0;
};

}  // namespace

void read_json(const Statement& root, const Path& level, std::string_view text, Edits& edits) {
  ConfigurationJson(root, level, text, edits).read();
}

}  // namespace nezu::grammar
