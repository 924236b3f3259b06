#include "cli/replay_report.h"

#include <cstdint>
#include <cstdio>
#include <string_view>

namespace nezu::cli {
namespace {

// The length of the UTF-8 character at the front; 0 if it is none.
size_t character(std::string_view text) {
  const auto first = static_cast<unsigned char>(text.front());
  const size_t size = first < 0x80   ? 1
                      : first < 0xC2 ? 0
                      : first < 0xE0 ? 2
                      : first < 0xF0 ? 3
                      : first < 0xF5 ? 4
                                     : 0;
  if (size == 0 || text.size() < size) return 0;
  for (size_t i = 1; i < size; ++i)
    if ((text[i] & 0xC0) != 0x80) return 0;
  const auto second = size > 1 ? static_cast<unsigned char>(text[1]) : 0;
  const bool too_long = (first == 0xE0 && second < 0xA0) || (first == 0xF0 && second < 0x90);
  const bool beyond = (first == 0xED && second > 0x9F) || (first == 0xF4 && second > 0x8F);
  return too_long || beyond ? 0 : size;
}

std::string escaped(char byte) {
  if (byte == '"' || byte == '\\') return {'\\', byte};
  if (byte == '\n') return "\\n";
  if (byte == '\t') return "\\t";
  char text[8];
  snprintf(text, sizeof text, "\\u%04x", static_cast<unsigned>(static_cast<unsigned char>(byte)));
  return text;
}

std::string number(double value) {
  char text[32];
  snprintf(text, sizeof text, "%.3f", value);
  return text;
}

// Collects members, each on a line of its own.
class Object {
 public:
  explicit Object(size_t depth) : indent_(2 * depth + 2, ' ') {}
  Object& raw(std::string_view name, const std::string& value) {
    text_ += (text_.empty() ? "" : ",\n") + indent_ + json_string(name) + ": " + value;
    return *this;
  }
  Object& add(std::string_view name, std::string_view value) {
    return raw(name, json_string(value));
  }
  Object& add(std::string_view name, size_t value) { return raw(name, std::to_string(value)); }
  std::string end() const { return "{\n" + text_ + "\n" + indent_.substr(2) + "}"; }

 private:
  std::string indent_, text_;
};

template <typename Items, typename Print>
std::string array(const Items& items, size_t depth, const Print& print) {
  if (items.empty()) return "[]";
  const std::string indent(2 * depth + 2, ' ');
  std::string text;
  for (const auto& each : items) text += (text.empty() ? "" : ",\n") + indent + print(each);
  return "[\n" + text + "\n" + indent.substr(2) + "]";
}

std::string step_json(const std::optional<FileReport::Step>& step) {
  if (!step) return "null";
  return Object(3).raw("ok", step->done ? "true" : "false").add("text", step->text).end();
}

std::string milliseconds_json(const FileReport& report) {
  const auto of = [](const std::optional<FileReport::Step>& step) {
    return step ? number(step->milliseconds) : std::string("null");
  };
  return Object(3)
      .raw("load",
           report.begun && report.form != "session" ? number(report.load.milliseconds) : "null")
      .raw("check", of(report.check))
      .raw("commit", of(report.commit))
      .end();
}

std::string error_json(const FileReport::Error& error) {
  Object object(4);
  object.raw("line", error.line ? std::to_string(error.line) : "null");
  object.raw("column", error.line ? std::to_string(error.column) : "null");
  return object.add("message", error.message).add("detail", error.detail).end();
}

std::string difference_json(const FileReport::Difference& difference) {
  return Object(4)
      .add("line", difference.line)
      .add("command", difference.command)
      .add("recorded", difference.recorded)
      .add("answer", difference.answered)
      .end();
}

std::string file_json(const FileReport& report) {
  Object object(2);
  object.add("file", report.file).add("form", report.form);
  object.raw("ok", !report.begun ? "null" : report.well() ? "true" : "false");
  object.add("lines", report.lines).add("bytes", report.bytes);
  object.add("error_count", report.errors.size() + report.more_errors);
  object.raw("errors", array(report.errors, 3, error_json));
  object.raw("warnings", array(report.warnings, 3, json_string));
  object.raw("check", step_json(report.check)).raw("commit", step_json(report.commit));
  object.raw("milliseconds", milliseconds_json(report));
  if (report.form != "session") return object.end();
  object.add("commands", report.commands);
  return object.raw("differences", array(report.differences, 3, difference_json)).end();
}
}  // namespace

bool FileReport::well() const {
  return errors.empty() && differences.empty() && (!check || check->done) &&
         (!commit || commit->done);
}

std::string ReplayReport::json() const {
  return Object(0)
             .add("version", size_t{1})
             .add("target", target)
             .raw("status", std::to_string(status))
             .raw("files", array(files, 1, file_json))
             .end() +
         "\n";
}

std::string json_string(std::string_view text) {
  std::string out = "\"";
  while (!text.empty()) {
    const size_t size = character(text);
    const char byte = text.front();
    if (size == 0)
      out += "\xEF\xBF\xBD";
    else if (size == 1 && (byte < ' ' || byte == '"' || byte == '\\' || byte == 0x7F))
      out += escaped(byte);
    else
      out += text.substr(0, size);
    text.remove_prefix(size ? size : 1);
  }
  return out + "\"";
}

}  // namespace nezu::cli
