#include "services/mgmt/modelled.h"

#include <utility>
#include <vector>

namespace nezu::mgmt {
namespace {
using grammar::ConfigurationWriter;
using grammar::Marks;
using grammar::Statement;

std::string remark(const Statement& statement) {
  if (!statement.not_modelled) return "modelled";
  const Statement* topmost = &statement;
  while (topmost->parent && topmost->parent->not_modelled) topmost = topmost->parent;
  return "'" + topmost->name + "' has no effect";
}

class Remarks : public ConfigurationWriter {
 public:
  Remarks(std::unique_ptr<ConfigurationWriter> next, std::shared_ptr<const Statement*> current)
      : next_(std::move(next)), current_(std::move(current)) {}

  void open(const Statement& statement, std::string_view key, const Marks& marks) override {
    open_.push_back(&statement);
    next_->open(statement, key, remarked(statement, marks));
  }
  void close() override {
    *current_ = open_.back();  // an entry without contents has its line at its end
    open_.pop_back();
    next_->close();
  }
  void leaf(const Statement& statement, std::string_view value, const Marks& marks) override {
    next_->leaf(statement, value, remarked(statement, marks));
  }
  void leaf_list(const Statement& statement, const std::vector<std::string>& values,
                 const Marks& marks) override {
    next_->leaf_list(statement, values, remarked(statement, marks));
  }
  void finish() override { next_->finish(); }

 private:
  Marks remarked(const Statement& statement, Marks marks) {
    *current_ = &statement;
    marks.origins.push_back(remark(statement));
    return marks;
  }

  std::unique_ptr<ConfigurationWriter> next_;
  std::shared_ptr<const Statement*> current_;
  std::vector<const Statement*> open_;
};
}  // namespace

std::unique_ptr<ConfigurationWriter> Modelled::writer(std::unique_ptr<ConfigurationWriter> next) {
  return std::make_unique<Remarks>(std::move(next), current_);
}

grammar::TextSink Modelled::lines(grammar::TextSink sink) {
  return [sink = std::move(sink), current = current_](std::string_view part) {
    if (part == "\n" && *current) sink(" ## " + remark(**current));
    sink(part);
  };
}

}  // namespace nezu::mgmt
