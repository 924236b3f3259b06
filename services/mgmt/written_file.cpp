#include "services/mgmt/written_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace nezu::mgmt {
namespace {

std::string failure(const std::string& name, int code) {
  return "could not write file '" + name + "': " + std::strerror(code);
}

// 0, or the error.
int write_all(int file, std::string_view content) {
  while (!content.empty()) {
    const ssize_t written = ::write(file, content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return errno;
    content.remove_prefix(static_cast<size_t>(written));
  }
  return ::fsync(file) == 0 ? 0 : errno;
}

std::optional<std::string> refusal(const std::string& path, const std::string& name) {
  struct stat there {};
  if (::stat(path.c_str(), &there) == 0 && !S_ISREG(there.st_mode))
    return "'" + name + "' is not a regular file";
  return std::nullopt;
}

}  // namespace

FileBeside::FileBeside(const std::string& path, const std::string& name)
    : path_(path), name_(name), error_(refusal(path, name)) {
  if (error_) return;
  std::string beside = path + ".XXXXXX";
  const int file = ::mkostemp(beside.data(), O_CLOEXEC);
  if (file < 0) {
    error_ = failure(name, errno);
    return;
  }
  ::close(file);
  beside_ = std::move(beside);
}

FileBeside::~FileBeside() {
  if (!beside_.empty()) ::unlink(beside_.c_str());
}

std::optional<std::string> FileBeside::take_place() {
  const int file = ::open(beside_.c_str(), O_RDONLY | O_CLOEXEC);
  int error = file < 0 || ::fsync(file) != 0 ? errno : 0;
  if (file >= 0) ::close(file);
  if (error == 0 && ::rename(beside_.c_str(), path_.c_str()) != 0) error = errno;
  if (error != 0) return failure(name_, error);
  beside_.clear();
  return std::nullopt;
}

std::optional<std::string> write_file(const std::string& path, const std::string& name,
                                      std::string_view content) {
  if (auto refused = refusal(path, name)) return refused;
  std::string beside = path + ".XXXXXX";
  const int file = ::mkostemp(beside.data(), O_CLOEXEC);
  if (file < 0) return failure(name, errno);
  int error = write_all(file, content);
  if (::close(file) != 0 && error == 0) error = errno;
  if (error == 0 && ::rename(beside.c_str(), path.c_str()) != 0) error = errno;
  if (error == 0) return std::nullopt;
  ::unlink(beside.c_str());
  return failure(name, error);
}

}  // namespace nezu::mgmt
