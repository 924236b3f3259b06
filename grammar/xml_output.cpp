#include <vector>

#include "grammar/layout.h"
#include "grammar/markup.h"

namespace nezu::grammar {
namespace {

constexpr int kStep = 4;

class XmlOutput : public Output {
 public:
  XmlOutput(Sink sink, int indent) : sink_(std::move(sink)), indent_(indent) {}
  ~XmlOutput() override {
    while (!open_.empty()) XmlOutput::close();
  }

  void open(std::string_view name) override {
    line("<" + std::string(name) + ">");
    open_.emplace_back(name);
  }

  void leaf(std::string_view name, std::string_view value) override {
    const std::string tag(name);
    line(value.empty() ? "<" + tag + "/>" : "<" + tag + ">" + xml_text(value) + "</" + tag + ">");
  }

  void close() override {
    if (open_.empty()) return;
    const auto name = std::move(open_.back());
    open_.pop_back();
    line("</" + name + ">");
  }

 private:
  void line(const std::string& text) {
    const auto depth = static_cast<int>(open_.size());
    sink_(std::string(indent_ + depth * kStep, ' ') + text + "\n");
  }

  Sink sink_;
  int indent_;
  std::vector<std::string> open_;
};

}  // namespace

std::unique_ptr<Output> xml_output(Sink sink, int indent) {
  return std::make_unique<XmlOutput>(std::move(sink), indent);
}

}  // namespace nezu::grammar
