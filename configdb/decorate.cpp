#include "configdb/decorate.h"

#include <optional>
#include <utility>

#include "configdb/edit.h"

namespace nezu::configdb {
namespace {

using grammar::ConfigurationWriter;
using grammar::Marks;
using grammar::Path;
using grammar::Statement;

// Passes on what it is told, with other marks.
class Decoration : public ConfigurationWriter {
 public:
  explicit Decoration(WriterPtr next) : next_(std::move(next)) {}

  void open(const Statement& statement, std::string_view key, const Marks& marks) override {
    enter(statement, key);
    next_->open(statement, key, decorated(statement, marks));
  }
  void close() override {
    next_->close();
    leave();
  }
  void omitted(const Statement& statement, std::string_view key, const Marks& marks) override {
    enter(statement, key);
    next_->omitted(statement, key, decorated(statement, marks));
    leave();
  }
  void leaf(const Statement& statement, std::string_view value, const Marks& marks) override {
    enter(statement, {});
    next_->leaf(statement, value, decorated(statement, marks));
    leave();
  }
  void leaf_list(const Statement& statement, const std::vector<std::string>& values,
                 const Marks& marks) override {
    for (const auto& value : values) {
      enter(statement, value);
      next_->leaf_list(statement, {value}, decorated(statement, marks));
      leave();
    }
  }
  void finish() override { next_->finish(); }

 protected:
  virtual void enter(const Statement&, std::string_view) {}
  virtual void leave() {}
  virtual Marks decorated(const Statement& statement, Marks marks) = 0;

  WriterPtr next_;
};

class Details : public Decoration {
 public:
  using Decoration::Decoration;

  void leaf_list(const Statement& statement, const std::vector<std::string>& values,
                 const Marks& marks) override {
    next_->leaf_list(statement, values, decorated(statement, marks));
  }

 protected:
  Marks decorated(const Statement& statement, Marks marks) override {
    auto& remarks = marks.remarks;
    remarks.emplace_back();
    remarks.push_back(statement.name + ": " + statement.help);
    if (statement.type && !statement.type->range().empty())
      remarks.push_back("range: " + statement.type->range());
    if (statement.default_value) remarks.push_back("default: " + *statement.default_value);
    remarks.emplace_back();
    return marks;
  }
};

class Changes : public Decoration {
 public:
  Changes(WriterPtr next, NodePtr before, NodePtr after, Path path)
      : Decoration(std::move(next)),
        before_(std::move(before)),
        after_(std::move(after)),
        path_(std::move(path)) {}

 protected:
  void enter(const Statement& statement, std::string_view value) override {
    path_.push_back({&statement, std::string(value)});
  }
  void leave() override { path_.pop_back(); }
  Marks decorated(const Statement&, Marks marks) override {
    marks.changed = !equal(find(before_, path_), find(after_, path_));
    return marks;
  }

 private:
  NodePtr before_, after_;
  Path path_;
};

// Holds each opening back until the first statement in it is known, which is where apply-flags
// stands.
class Omissions : public ConfigurationWriter {
 public:
  explicit Omissions(WriterPtr next) : next_(std::move(next)) {}

  void open(const Statement& statement, std::string_view key, const Marks& marks) override {
    if (hidden_) return static_cast<void>(++hidden_);
    let_out();
    held_ = Held{&statement, std::string(key), marks};
  }
  void close() override {
    if (hidden_) return static_cast<void>(--hidden_);
    let_out();
    next_->close();
  }
  void leaf(const Statement& statement, std::string_view value, const Marks& marks) override {
    if (hidden_) return;
    let_out();
    next_->leaf(statement, value, marks);
  }
  void leaf_list(const Statement& statement, const std::vector<std::string>& values,
                 const Marks& marks) override {
    if (hidden_) return;
    if (statement.inheritance == grammar::Inheritance::kFlags && held_ && !marks.inactive)
      return omit();
    let_out();
    next_->leaf_list(statement, values, marks);
  }
  void finish() override { next_->finish(); }

 private:
  struct Held {
    const Statement* statement;
    std::string key;
    Marks marks;
  };
  void let_out() {
    if (const auto held = std::exchange(held_, std::nullopt))
      next_->open(*held->statement, held->key, held->marks);
  }
  void omit() {
    const auto held = std::exchange(held_, std::nullopt);
    next_->omitted(*held->statement, held->key, held->marks);
    hidden_ = 1;
  }

  WriterPtr next_;
  std::optional<Held> held_;
  size_t hidden_ = 0;  ///< levels that are open and not shown
};

}  // namespace

WriterPtr with_details(WriterPtr next) {
  return std::make_unique<Details>(std::move(next));
}

WriterPtr with_changes(WriterPtr next, NodePtr before, NodePtr after, Path path) {
  return std::make_unique<Changes>(std::move(next), std::move(before), std::move(after),
                                   std::move(path));
}

WriterPtr with_omissions(WriterPtr next) {
  return std::make_unique<Omissions>(std::move(next));
}

}  // namespace nezu::configdb
