#include "grammar/markup.h"
#include "grammar/secret.h"
#include "grammar/writer.h"

namespace nezu::grammar {
namespace {

constexpr int kStep = 4;

// The parts of a list entry's key, one for each key leaf.
std::vector<std::string> key_parts(const Statement& list, std::string_view key) {
  std::vector<std::string> parts;
  for (size_t i = 0; i + 1 < list.keys.size(); ++i) {
    const auto blank = std::min(key.find(' '), key.size());
    parts.emplace_back(key.substr(0, blank));
    key.remove_prefix(std::min(blank + 1, key.size()));
  }
  parts.emplace_back(key);
  return parts;
}

class XmlWriter : public ConfigurationWriter {
 public:
  XmlWriter(TextSink sink, const Path& level, int indent)
      : sink_(std::move(sink)), indent_(indent) {
    begin("configuration", {});
    for (const auto& step : level) XmlWriter::open(*step.statement, step.value, {});
  }

  void open(const Statement& statement, std::string_view key, const Marks& marks) override {
    begin(statement.name, marks);
    if (statement.kind != Kind::kList) return;
    const auto parts = key_parts(statement, key);
    for (size_t i = 0; i < parts.size(); ++i)
      if (i == 0 || !absent_after(*statement.keys[i], parts[i - 1]))
        element(*statement.keys[i], parts[i], {});
  }

  void close() override {
    const auto name = std::move(open_.back());
    open_.pop_back();
    line("</" + name + ">");
  }

  void leaf(const Statement& statement, std::string_view value, const Marks& marks) override {
    element(statement, value, marks);
  }

  void leaf_list(const Statement& statement, const std::vector<std::string>& values,
                 const Marks& marks) override {
    Marks rest = marks;
    for (const auto& value : values) {
      element(statement, value, rest);
      rest.annotation.clear();
    }
  }

  void finish() override {
    while (!open_.empty()) close();
  }

 private:
  void begin(const std::string& name, const Marks& marks) {
    comment(marks);
    line("<" + name + attributes(marks) + ">");
    open_.push_back(name);
  }

  void element(const Statement& statement, std::string_view value, const Marks& marks) {
    comment(marks);
    const auto head = "<" + statement.name + attributes(marks);
    if (statement.kind == Kind::kFlag) return line(head + "/>");
    const auto text = statement.secret ? shown_secret(value, statement.hashed) : std::string(value);
    line(head + ">" + xml_text(text) + "</" + statement.name + ">");
  }

  static std::string attributes(const Marks& marks) {
    return std::string(marks.inactive ? " inactive=\"inactive\"" : "") +
           (marks.protect ? " protect=\"protect\"" : "") +
           (marks.changed ? " junos:changed=\"changed\"" : "");
  }

  void comment(const Marks& marks) {
    if (marks.annotation.empty()) return;
    line("<junos:comment>/* " + xml_text(marks.annotation) + " */</junos:comment>");
  }

  void line(const std::string& text) {
    const auto depth = static_cast<int>(open_.size());
    sink_(std::string(indent_ + depth * kStep, ' ') + text + "\n");
  }

  TextSink sink_;
  int indent_;
  std::vector<std::string> open_;
};

}  // namespace

std::unique_ptr<ConfigurationWriter> xml_writer(TextSink sink, const Path& level, int indent) {
  return std::make_unique<XmlWriter>(std::move(sink), level, indent);
}

}  // namespace nezu::grammar
