#include "services/ike/pki/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

namespace nezu::ike {
namespace {
bool write_all(int file, ByteView content) {
  while (!content.empty()) {
    const ssize_t written = ::write(file, content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    content = content.subspan(static_cast<std::size_t>(written));
  }
  return fsync(file) == 0;
}

void sync_directory_of(const std::string& path) {
  const std::string name = path.substr(0, path.rfind('/') + 1);
  const int directory = open(name.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (directory < 0) return;
  fsync(directory);
  close(directory);
}
}  // namespace

std::optional<Bytes> read_file(const std::string& path, std::size_t most, std::string& error) {
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  struct stat status {};
  Bytes content;
  if (file < 0 || fstat(file, &status) != 0) {
    error = path + ": " + std::strerror(errno);
  } else if (!S_ISREG(status.st_mode)) {
    error = path + ": not a plain file";
  } else if (status.st_size < 0 || static_cast<std::size_t>(status.st_size) > most) {
    error = path + ": larger than " + std::to_string(most) + " octets";
  } else {
    content.resize(static_cast<std::size_t>(status.st_size));
    const ssize_t got = ::read(file, content.data(), content.size());
    if (got != static_cast<ssize_t>(content.size())) error = path + ": cannot be read";
  }
  if (file >= 0) close(file);
  if (!error.empty()) return std::nullopt;
  return content;
}

namespace {
// Its name may be gone after a power loss, until the directory is written too.
std::string write_fresh(const std::string& path, ByteView content) {
  const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (file < 0) return path + ": " + std::strerror(errno);
  std::string error = write_all(file, content) ? "" : path + ": " + std::strerror(errno);
  close(file);
  if (!error.empty()) unlink(path.c_str());
  return error;
}
}  // namespace

std::string write_new_file(const std::string& path, ByteView content) {
  std::string error = write_fresh(path, content);
  if (error.empty()) sync_directory_of(path);
  return error;
}

std::string replace_file(const std::string& path, ByteView content) {
  const std::string fresh = path + '~';
  unlink(fresh.c_str());
  std::string error = write_fresh(fresh, content);
  if (error.empty() && rename(fresh.c_str(), path.c_str()) != 0) {
    error = path + ": " + std::strerror(errno);
    unlink(fresh.c_str());
  }
  if (error.empty()) sync_directory_of(path);
  return error;
}

void remove_file(const std::string& path) {
  unlink(path.c_str());
  sync_directory_of(path);
}

}  // namespace nezu::ike
