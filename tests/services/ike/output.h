#pragma once
#include <cstdio>
#include <string>

namespace nezu::ike {

/// What a shell command prints, its errors too if it does not send them elsewhere.
inline std::string output_of(const std::string& command) {
  std::string text;
  FILE* pipe = popen(("{ " + command + "\n} 2>&1").c_str(), "r");
  if (!pipe) return text;
  char buffer[4096];
  for (size_t length; (length = fread(buffer, 1, sizeof buffer, pipe)) > 0;)
    text.append(buffer, length);
  pclose(pipe);
  return text;
}

}  // namespace nezu::ike
