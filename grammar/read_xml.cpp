#include <array>
#include <utility>

#include "grammar/element_reader.h"
#include "grammar/lexer.h"
#include "grammar/reader.h"
#include "grammar/xml_reader.h"

namespace nezu::grammar {
namespace {

constexpr size_t kPiece = 32 << 10;  ///< bytes given to the XML reader at a time

// What may stand around <configuration>.
bool is_wrapper(std::string_view name) {
  static constexpr std::array<std::string_view, 6> kWrappers = {
      "rpc-reply", "rpc", "data", "config", "load-configuration", "get-config"};
  for (const auto each : kWrappers)
    if (each == name) return true;
  return false;
}

class ConfigurationXml {
 public:
  ConfigurationXml(const Statement& root, const Path& level, std::string_view text, Edits& edits)
      : rest_(text), places_(text), edits_(edits), elements_(root, level, edits) {
    xml_.declare("junos", "http://xml.juniper.net/junos/junos");
    xml_.declare("nc", "urn:ietf:params:xml:ns:netconf:base:1.0");
  }

  void read() {
    while (!elements_.gave_up()) {
      switch (next()) {
        case XmlReader::Event::kStart:
          start();
          break;
        case XmlReader::Event::kText:
          text();
          break;
        case XmlReader::Event::kEnd:
          end();
          break;
        case XmlReader::Event::kDone:
          return found_ ? void() : fail("no <configuration> in the text");
        case XmlReader::Event::kError:
          return fail(xml_.error());
        case XmlReader::Event::kNeedMore:
          return fail("syntax error, the text ends too early");
      }
      if (failed_) return;
    }
  }

 private:
  XmlReader::Event next() {
    auto event = xml_.next();
    while ((event == XmlReader::Event::kNeedMore || event == XmlReader::Event::kDone) &&
           !rest_.empty()) {
      const auto piece = rest_.substr(0, kPiece);
      rest_.remove_prefix(piece.size());
      xml_.feed(piece);
      event = xml_.next();
    }
    return event;
  }

  TextPlace here() { return places_.at(xml_.consumed()); }

  void start() {
    if (passed_over_ > 0 || in_comment_) {
      ++passed_over_;
    } else if (inside_) {
      start_statement();
    } else if (xml_.name() == "configuration") {
      inside_ = found_ = true;
      elements_.mark_whole(marks(), here());
    } else if (!is_wrapper(xml_.name())) {
      if (xml_.depth() == 1) return fail("syntax error, expecting <configuration>");
      passed_over_ = 1;
    }
  }

  void start_statement() {
    in_comment_ = xml_.name() == "comment" && xml_.space().find("junos") != std::string::npos;
    if (in_comment_) {
      note_.clear();
      return;
    }
    ElementMarks marked = marks();
    marked.comment = std::exchange(comment_, {});
    elements_.open(xml_.name(), marked, here());
  }

  ElementMarks marks() {
    ElementMarks marks;
    for (const auto& [name, value] : xml_.attributes())
      if (const char* why = marks.add(name, value)) elements_.complain(why, value, here());
    return marks;
  }

  void text() {
    if (passed_over_ > 0) return;
    if (in_comment_ && note_.size() < kLongestWord)
      note_ += xml_.text();
    else if (inside_ && !in_comment_)
      elements_.value(xml_.text(), here());
  }

  void end() {
    if (passed_over_ > 0) {
      --passed_over_;
    } else if (in_comment_) {
      in_comment_ = false;
      comment_ += (comment_.empty() ? "" : "\n") + comment_text(note_);
    } else if (inside_ && elements_.depth() == 0) {
      inside_ = false;
    } else if (inside_) {
      elements_.close(here());
    }
  }

  void fail(const std::string& message) {
    ReadProblem problem;
    const auto place = here();
    problem.line = place.line;
    problem.column = place.column;
    problem.message = message;
    problem.fatal = failed_ = true;
    edits_.problem(problem);
  }

  std::string_view rest_;  ///< what the XML reader has not been given
  TextPlaces places_;
  Edits& edits_;
  ElementReader elements_;
  XmlReader xml_;
  bool found_ = false, inside_ = false, failed_ = false;
  bool in_comment_ = false;
  size_t passed_over_ = 0;  ///< open elements that are no configuration
  std::string note_, comment_;
};

}  // namespace

void read_xml(const Statement& root, const Path& level, std::string_view text, Edits& edits) {
  ConfigurationXml(root, level, text, edits).read();
}

}  // namespace nezu::grammar
