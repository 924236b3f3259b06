#include "services/mgmt/readable_file.h"

#include <filesystem>
#include <fstream>
#include <iterator>

namespace nezu::mgmt {

std::string read_file(const std::string& directory, const std::string& name, std::string& content) {
  const auto path = std::filesystem::path(directory) / name;
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error)) return "could not open file '" + name + "'";
  if (std::filesystem::file_size(path, error) > kMaxFile) return "file '" + name + "' is too large";
  std::ifstream in(path, std::ios::binary);
  if (!in) return "could not open file '" + name + "'";
  content.assign(std::istreambuf_iterator<char>(in), {});
  return "";
}

}  // namespace nezu::mgmt
