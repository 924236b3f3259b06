#pragma once
#include <memory>
#include <string>

#include "services/mgmt/run.h"

namespace nezu::mgmt {

/// The answer of an operational command as its user wants to see it: text by the command's layout,
/// XML or JSON, through the pipes of the line.
class ShowReply : public Reply {
 public:
  /// `layout` may be null; the values are then seen by XML and JSON only.
  ShowReply(RunPtr run, const grammar::Layout* layout);

  void open(std::string_view name) override;
  void leaf(std::string_view name, std::string_view value) override;
  void close() override;
  void fail(std::string_view message) override;
  void message(std::string_view text) override;
  void finish() override;
  bool cancelled() const override { return run_->cancelled(); }
  void on_interrupt(std::function<void()> end) override { run_->on_interrupt(std::move(end)); }

 private:
  RunPtr run_;
  std::unique_ptr<grammar::Output> output_;  ///< null: nothing to see in this form
  size_t depth_ = 0;
};

/// What stands around XML on a router's screen.
std::string_view xml_head();
std::string xml_tail(const Run& run);

}  // namespace nezu::mgmt
