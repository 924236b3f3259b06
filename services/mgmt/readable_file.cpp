#include "services/mgmt/readable_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace nezu::mgmt {
namespace {
constexpr size_t kPiece = 1 << 20;

// What is read may grow meanwhile. False: it cannot be read.
bool read_all(int file, std::string& content) {
  content.clear();
  while (content.size() <= kMaxFile) {
    const size_t before = content.size();
    content.resize(before + kPiece);
    const ssize_t got = ::read(file, content.data() + before, kPiece);
    content.resize(before + (got > 0 ? static_cast<size_t>(got) : 0));
    if (got < 0 && errno != EINTR) return false;
    if (got == 0) break;
  }
  return true;
}

std::string read_open(int file, const std::string& name, std::string& content) {
  struct stat status {};
  if (fstat(file, &status) != 0 || !S_ISREG(status.st_mode) || !read_all(file, content))
    return "could not open file '" + name + "'";
  if (content.size() <= kMaxFile) return "";
  content.clear();
  return "file '" + name + "' is too large";
}
}  // namespace

std::string read_file(const std::string& path, const std::string& name, std::string& content) {
  // Neither waits for the other end of a pipe nor gets a terminal that is opened.
  const int file = ::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  if (file < 0) return "could not open file '" + name + "'";
  std::string error = read_open(file, name, content);
  ::close(file);
  return error;
}

}  // namespace nezu::mgmt
