#include "grammar/writer.h"

namespace nezu::grammar {
namespace {

class SetWriter : public ConfigurationWriter {
 public:
  SetWriter(TextSink sink, const Path& level) : sink_(std::move(sink)) {
    for (const auto& step : level) push(step);
  }

  void open(const Statement& statement, std::string_view key, const Marks& marks) override {
    if (!open_.empty()) open_.back().empty = false;
    push({&statement, std::string(key)});
    open_.push_back({&statement, true, marks});
  }

  void close() override {
    const auto [statement, empty, marks] = std::move(open_.back());
    open_.pop_back();
    if (empty && statement->kind != Kind::kContainer) line("set ", words_);
    mark(words_, marks);
    words_.resize(lengths_.back());
    lengths_.pop_back();
  }

  void leaf(const Statement& statement, std::string_view value, const Marks& marks) override {
    if (!open_.empty()) open_.back().empty = false;
    line("set ", joined({&statement, std::string(value)}));
    // A value without a keyword has no other name.
    mark(joined({&statement, std::string(statement.no_keyword ? value : "")}), marks);
  }

  void leaf_list(const Statement& statement, const std::vector<std::string>& values,
                 const Marks& marks) override {
    if (!open_.empty()) open_.back().empty = false;
    Marks rest = marks;
    for (const auto& value : values) {
      const auto words = joined({&statement, value});
      line("set ", words);
      mark(words, rest);
      rest.annotation.clear();
    }
  }

  void finish() override {}

 private:
  struct Open {
    const Statement* statement;
    bool empty;
    Marks marks;
  };

  void push(const Step& step) {
    lengths_.push_back(words_.size());
    words_ = joined(step);
  }

  std::string joined(const Step& step) const {
    const auto more = step_words(step);
    return words_.empty() || more.empty() ? words_ + more : words_ + " " + more;
  }

  void line(std::string_view verb, const std::string& words) {
    sink_(verb);
    sink_(words);
    sink_("\n");
  }

  void mark(const std::string& words, const Marks& marks) {
    if (!marks.annotation.empty()) line("annotate ", words + " " + quote(marks.annotation));
    if (marks.inactive) line("deactivate ", words);
    if (marks.protect) line("protect ", words);
  }

  TextSink sink_;
  std::string words_;  ///< of the open statements
  std::vector<size_t> lengths_;
  std::vector<Open> open_;
};

}  // namespace

std::unique_ptr<ConfigurationWriter> set_writer(TextSink sink, const Path& level) {
  return std::make_unique<SetWriter>(std::move(sink), level);
}

}  // namespace nezu::grammar
