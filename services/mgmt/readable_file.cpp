#include "services/mgmt/readable_file.h"

#include <fstream>
#include <iterator>

namespace nezu::mgmt {

std::string read_file(const std::filesystem::path& path, std::string& content) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error))
    return "could not open file '" + path.string() + "'";
  if (std::filesystem::file_size(path, error) > kMaxFile)
    return "file '" + path.string() + "' is too large";
  std::ifstream in(path, std::ios::binary);
  if (!in) return "could not open file '" + path.string() + "'";
  content.assign(std::istreambuf_iterator<char>(in), {});
  return "";
}

}  // namespace nezu::mgmt
