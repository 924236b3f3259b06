#include "services/mgmt/file_names.h"

#include <dirent.h>
#include <fcntl.h>

#include <algorithm>
#include <ctime>
#include <memory>

namespace nezu::mgmt {

std::vector<FileEntry> entries_of(const std::string& directory, const std::string& beginning,
                                  bool& all) {
  std::vector<FileEntry> entries;
  const std::unique_ptr<DIR, int (*)(DIR*)> open(::opendir(directory.c_str()), &::closedir);
  all = true;
  for (size_t count = 0; open && all;) {
    const dirent* found = ::readdir(open.get());
    if (!found) break;
    const std::string name = found->d_name;
    if (name == "." || name == ".." || !name.starts_with(beginning)) continue;
    FileEntry entry{name, {}};
    if (::fstatat(::dirfd(open.get()), found->d_name, &entry.status, AT_SYMLINK_NOFOLLOW) != 0)
      continue;
    entries.push_back(std::move(entry));
    all = ++count < kMostFiles;
  }
  std::sort(entries.begin(), entries.end(),
            [](const FileEntry& a, const FileEntry& b) { return a.name < b.name; });
  return entries;
}

std::string changed_text(time_t when) {
  constexpr time_t kHalfYear = 182 * 86'400;
  const time_t now = time(nullptr);
  const bool recent = when <= now && now - when < kHalfYear;
  tm parts{};
  localtime_r(&when, &parts);
  char text[32];
  return {text, strftime(text, sizeof text, recent ? "%b %e %H:%M" : "%b %e  %Y", &parts)};
}

std::vector<std::pair<std::string, std::string>> file_completions(const std::string& directory,
                                                                  const std::string& typed) {
  const size_t slash = typed.rfind('/') + 1;  // 0: none
  std::vector<std::pair<std::string, std::string>> names;
  bool all = true;
  for (const FileEntry& each : entries_of(directory, typed.substr(slash), all)) {
    const std::string size =
        S_ISDIR(each.status.st_mode) ? "" : "Size: " + std::to_string(each.status.st_size) + ", ";
    names.emplace_back(typed.substr(0, slash) + each.shown(),
                       size + "Last changed: " + changed_text(each.status.st_mtime));
  }
  return names;
}

}  // namespace nezu::mgmt
