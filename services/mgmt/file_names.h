#pragma once
#include <sys/stat.h>

#include <string>
#include <utility>
#include <vector>

/// What a directory of the machine has, as users see it.
namespace nezu::mgmt {

struct FileEntry {
  std::string name;
  struct stat status;

  std::string shown() const { return S_ISDIR(status.st_mode) ? name + "/" : name; }
};

/// Most entries of a directory that are looked at.
inline constexpr size_t kMostFiles = 10'000;

/// Those whose names begin so, sorted. `all` becomes false if there are more than kMostFiles.
std::vector<FileEntry> entries_of(const std::string& directory, const std::string& beginning,
                                  bool& all);

/// "Nov 22 13:30", of another year "Nov 22  2024".
std::string changed_text(time_t when);

/// Completions of a name that begins so, whose directory is `directory`: name and help, "Size: 71,
/// Last changed: Nov 22 13:30".
std::vector<std::pair<std::string, std::string>> file_completions(const std::string& directory,
                                                                  const std::string& typed);

}  // namespace nezu::mgmt
