#pragma once
#include <chrono>
#include <cstddef>
#include <string>

namespace nezu::cli {

/// A bar on standard error, if that is a terminal and the work is long.
class Progress {
 public:
  Progress(std::string what, size_t all);
  ~Progress() { erase(); }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void at(size_t done);
  void erase();

 private:
  std::string what_;
  size_t all_;
  bool active_, shown_ = false;
  std::chrono::steady_clock::time_point begun_ = std::chrono::steady_clock::now();
};

}  // namespace nezu::cli
