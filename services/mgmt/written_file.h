#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace nezu::mgmt {

/// Writes a regular file, whole or not at all: readable by its owner only, since configuration
/// holds secrets. What stood there before is replaced; anything but a regular file is refused.
/// `name` is what the user calls it. The error is a sentence without "error: ".
std::optional<std::string> write_file(const std::string& path, const std::string& name,
                                      std::string_view content);

/// A file beside `path`, which takes its place when it is whole. It goes with this object if it did
/// not. Messages and bounds as with write_file().
class FileBeside {
 public:
  FileBeside(const std::string& path, const std::string& name);
  ~FileBeside();
  FileBeside(const FileBeside&) = delete;
  FileBeside& operator=(const FileBeside&) = delete;

  const std::string& path() const { return beside_; }
  const std::optional<std::string>& error() const { return error_; }  ///< it could not be made
  std::optional<std::string> take_place();

 private:
  std::string path_, name_, beside_;
  std::optional<std::string> error_;
};

}  // namespace nezu::mgmt
