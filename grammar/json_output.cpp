#include <vector>

#include "grammar/layout.h"
#include "grammar/markup.h"

namespace nezu::grammar {
namespace {

constexpr int kStep = 4;

// Every element is an array of objects, every leaf an array of {"data": …}: neighbours of one name
// share an array, so nothing has to be known in advance.
class JsonOutput : public Output {
 public:
  explicit JsonOutput(Sink sink) : sink_(std::move(sink)) {
    sink_("{\n");
    levels_.push_back({});
  }
  ~JsonOutput() override {
    while (levels_.size() > 1) JsonOutput::close();
    end_array();
    sink_("\n}\n");
  }

  void open(std::string_view name) override {
    begin_object(name);
    levels_.push_back({});
  }

  void leaf(std::string_view name, std::string_view value) override {
    begin_object(name);
    const auto data = value.empty() ? "null" : json_text(value);
    sink_(blanks(levels_.size() + 1) + "\"data\" : " + (value.empty() ? "[" + data + "]" : data) +
          "\n" + blanks(levels_.size()) + "}");
  }

  void close() override {
    if (levels_.size() == 1) return;
    end_array();
    levels_.pop_back();
    sink_("\n" + blanks(levels_.size()) + "}");
  }

 private:
  struct Level {
    std::string array;  ///< the name of the array that is open; "": none
    bool any = false;   ///< something was written
  };

  static std::string blanks(size_t depth) { return std::string(depth * kStep, ' '); }

  // Up to and with the `{` of the next object in the array `name`.
  void begin_object(std::string_view name) {
    Level& level = levels_.back();
    if (level.any && level.array == name) {
      sink_(", \n");
    } else {
      end_array();
      if (level.any) sink_(", \n");
      sink_(blanks(levels_.size()) + json_text(name) + " : [\n");
      level.array = name;
      level.any = true;
    }
    sink_(blanks(levels_.size()) + "{\n");
  }

  void end_array() {
    Level& level = levels_.back();
    if (level.array.empty()) return;
    level.array.clear();
    sink_("\n" + blanks(levels_.size()) + "]");
  }

  Sink sink_;
  std::vector<Level> levels_;
};

}  // namespace

std::unique_ptr<Output> json_output(Sink sink) {
  return std::make_unique<JsonOutput>(std::move(sink));
}

}  // namespace nezu::grammar
