#pragma once
#include <cstdint>
#include <string>
#include <string_view>

/// The output of an operational command as a stream of values, shaped by its YANG output.
///
/// A show writes each value once; text, XML and JSON are three readers of the same stream, so a
/// million routes never stand in memory. Text is a Layout (grammar/layout.h) applied to each entry.
namespace nezu::grammar {

class Output {
 public:
  virtual ~Output() = default;
  virtual void open(std::string_view name) = 0;  ///< a container, or one entry of a list
  virtual void leaf(std::string_view name, std::string_view value) = 0;  ///< "" for an empty leaf
  virtual void close() = 0;

  void leaf_number(std::string_view name, uint64_t value) { leaf(name, std::to_string(value)); }
};

/// Opens an element for a scope.
class Element {
 public:
  Element(Output& output, std::string_view name) : output_(output) { output_.open(name); }
  ~Element() { output_.close(); }
  Element(const Element&) = delete;
  Element& operator=(const Element&) = delete;

 private:
  Output& output_;
};

}  // namespace nezu::grammar
