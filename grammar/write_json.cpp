#include <utility>

#include "grammar/markup.h"
#include "grammar/secret.h"
#include "grammar/writer.h"

namespace nezu::grammar {
namespace {

constexpr int kStep = 4;

bool is_number(const Statement& statement) {
  return statement.type && !statement.type->range().empty();
}

std::string json_value(const Statement& statement, std::string_view value) {
  if (statement.kind == Kind::kFlag) return "[null]";
  if (is_number(statement)) return std::string(value);
  return json_text(statement.secret ? shown_secret(value, statement.hashed) : std::string(value));
}

class JsonWriter : public ConfigurationWriter {
 public:
  JsonWriter(TextSink sink, const Path& level) : sink_(std::move(sink)) {
    sink_("{\n");
    levels_.push_back({});
    member("\"configuration\" : {\n");
    levels_.push_back({});
    for (const auto& step : level) JsonWriter::open(*step.statement, step.value, {});
  }

  void open(const Statement& statement, std::string_view key, const Marks& marks) override {
    end_values();
    if (statement.kind == Kind::kList)
      begin_entry(statement);
    else
      member(json_text(statement.name) + " : {\n");
    levels_.push_back({});
    write_marks("@", marks);
    if (statement.kind != Kind::kList) return;
    std::string_view before;
    for (const auto key_leaf : statement.keys) {
      if (!before.empty() && absent_after(*key_leaf, before)) continue;
      const bool last = key_leaf == statement.keys.back();
      const auto part = key.substr(0, last ? key.npos : key.find(' '));
      member(json_text(key_leaf->name) + " : " + json_value(*key_leaf, part));
      key.remove_prefix(std::min(part.size() + 1, key.size()));
      before = part;
    }
  }

  void close() override {
    end_values();
    end_list();
    const bool any = levels_.back().any;
    levels_.pop_back();
    sink_((any ? "\n" : "") + blanks() + "}");
  }

  void leaf(const Statement& statement, std::string_view value, const Marks& marks) override {
    end_values();
    member(json_text(statement.name) + " : " + json_value(statement, value));
    write_marks("@" + statement.name, marks);
  }

  void leaf_list(const Statement& statement, const std::vector<std::string>& values,
                 const Marks& marks) override {
    if (values_.statement != &statement) end_values();
    values_.statement = &statement;
    std::string text = marks_text(marks);
    for (const auto& value : values) {
      values_.values += (values_.values.empty() ? "" : ", ") + json_value(statement, value);
      values_.marks += (values_.marks.empty() ? "" : ", ") + (text.empty() ? "null" : text);
      values_.marked |= !text.empty();
      if (!marks.annotation.empty()) text = marks_text({marks.inactive, marks.protect, {}, {}});
    }
  }

  void finish() override {
    end_values();
    while (levels_.size() > 1) close();
    sink_("\n}\n");
  }

 private:
  struct Level {
    bool any = false;
    const Statement* list = nullptr;  ///< the list whose array is open
  };

  std::string blanks() const { return std::string(levels_.size() * kStep, ' '); }

  void member(const std::string& text) {
    end_list();
    if (levels_.back().any) sink_(", \n");
    levels_.back().any = true;
    sink_(blanks() + text);
  }

  void begin_entry(const Statement& list) {
    if (levels_.back().list == &list) {
      sink_(", \n");
    } else {
      member(json_text(list.name) + " : [\n");
      levels_.back().list = &list;
    }
    sink_(blanks() + "{\n");
  }

  void end_list() {
    if (!levels_.back().list) return;
    levels_.back().list = nullptr;
    sink_("\n" + blanks() + "]");
  }

  // The values of a leaf-list, which may come in several calls, are one member.
  void end_values() {
    if (!values_.statement) return;
    const auto [statement, values, marks, marked] = std::exchange(values_, {});
    member(json_text(statement->name) + " : [" + values + "]");
    if (marked) member(json_text("@" + statement->name) + " : [" + marks + "]");
  }

  static std::string marks_text(const Marks& marks) {
    std::string text;
    const auto add = [&](const std::string& more) { text += (text.empty() ? "" : ", ") + more; };
    if (marks.inactive) add("\"inactive\" : true");
    if (marks.protect) add("\"protect\" : true");
    if (!marks.annotation.empty())
      add("\"comment\" : " + json_text("/* " + marks.annotation + " */"));
    return text.empty() ? text : "{" + text + "}";
  }

  void write_marks(const std::string& name, const Marks& marks) {
    const auto text = marks_text(marks);
    if (!text.empty()) member(json_text(name) + " : " + text);
  }

  struct Values {
    const Statement* statement = nullptr;
    std::string values, marks;
    bool marked = false;
  };

  TextSink sink_;
  std::vector<Level> levels_;
  Values values_;
};

}  // namespace

std::unique_ptr<ConfigurationWriter> json_writer(TextSink sink, const Path& level) {
  return std::make_unique<JsonWriter>(std::move(sink), level);
}

}  // namespace nezu::grammar
