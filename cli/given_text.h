#pragma once
#include <cstddef>
#include <string>
#include <string_view>

namespace nezu::cli {

/// The text of `load … terminal`, piece by piece. No more of it is kept than the router takes in
/// one request.
class GivenText {
 public:
  static constexpr char kTooLong[] = "error: the text is longer than 8 MiB; nothing was loaded\n";

  void add(std::string_view piece);
  bool too_long() const { return too_long_; }
  /// For the XML of the request.
  const std::string& escaped() const { return escaped_; }

 private:
  size_t size_ = 0;
  bool too_long_ = false;
  std::string escaped_;
};

}  // namespace nezu::cli
