#pragma once
#include <memory>
#include <string>

#include "services/mgmt/rpc.h"

namespace nezu {

/// Takes the answer to an rpc down as text.
class TextReply final : public mgmt::Reply {
 public:
  explicit TextReply(const grammar::Layout* layout) : layout_(layout) {}
  void open(std::string_view name) override {
    if (!output_)
      output_ = grammar::text_output(*layout_, [this](std::string_view piece) { text += piece; });
    output_->open(name);
  }
  void leaf(std::string_view name, std::string_view value) override { output_->leaf(name, value); }
  void close() override { output_->close(); }
  void fail(std::string_view words) override {
    text += "error: " + std::string(words) + "\n";
    output_.reset();
  }
  void message(std::string_view words) override { text += std::string(words) + "\n"; }
  void finish() override { output_.reset(); }
  bool cancelled() const override { return false; }

  std::string text;

 private:
  const grammar::Layout* layout_;
  std::unique_ptr<grammar::Output> output_;
};

/// What an rpc of the registry answers.
inline std::string answer_of(const mgmt::Registry& registry, const std::string& name,
                             const mgmt::Input& input = {}) {
  const mgmt::Rpc* rpc = registry.find(name);
  const auto reply = std::make_shared<TextReply>(rpc->layout ? rpc->layout(input) : nullptr);
  rpc->call(input, reply);
  return reply->text;
}

}  // namespace nezu
