#include "services/system/log.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <ctime>
#include <filesystem>
#include <map>
#include <memory>

namespace nezu::system {
namespace {
namespace fs = std::filesystem;
using mgmt::Input;
using ReplyPtr = std::shared_ptr<mgmt::Reply>;

struct Close {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, Close>;

bool is_plain_name(const std::string& name) {
  return !name.empty() && name[0] != '.' && name.find('/') == name.npos &&
         name.find('\0') == name.npos;
}

// A regular file of the directory, never through a link; null, and errno, if there is none.
File open_log(const std::string& directory, const std::string& name, int flags, const char* mode) {
  errno = ENOENT;
  if (!is_plain_name(name)) return nullptr;
  const int file =
      ::open((directory + "/" + name).c_str(), flags | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  if (file < 0) return nullptr;
  struct stat info;
  if (fstat(file, &info) == 0 && S_ISREG(info.st_mode)) return File(fdopen(file, mode));
  ::close(file);
  errno = ENOENT;
  return nullptr;
}

std::string cannot(const std::string& name) {
  return "could not resolve file: " + name;
}

// The regular files, in order of names. What cannot be read of the directory is left out.
std::map<std::string, struct stat> files_of(const std::string& directory) {
  std::map<std::string, struct stat> files;
  std::error_code error;
  for (fs::directory_iterator entry(directory, error), end; !error && entry != end;
       entry.increment(error)) {
    struct stat info;
    if (lstat(entry->path().c_str(), &info) == 0 && S_ISREG(info.st_mode))
      files[entry->path().filename()] = info;
  }
  return files;
}

std::string mode_text(mode_t mode) {
  std::string text = "-rwxrwxrwx";
  for (size_t bit = 0; bit < 9; ++bit)
    if (!(mode & (0400u >> bit))) text[bit + 1] = '-';
  return text;
}

// As `ls -l` has it.
void list(const std::string& directory, const ReplyPtr& reply) {
  for (const auto& [name, info] : files_of(directory)) {
    char when[32];
    std::tm parts{};
    gmtime_r(&info.st_mtime, &parts);
    std::strftime(when, sizeof when, "%b %e %H:%M", &parts);
    reply->message(fmt::format("{}  1 root  wheel  {:>9} {} {}", mode_text(info.st_mode),
                               info.st_size, when, name));
  }
  reply->finish();
}

void show(const std::string& directory, const std::string& name, const ReplyPtr& reply) {
  const File file = open_log(directory, name, O_RDONLY, "r");
  if (!file) return reply->fail(cannot(name));
  char* line = nullptr;
  size_t room = 0;
  for (ssize_t size; !reply->cancelled() && (size = getline(&line, &room, file.get())) > 0;) {
    if (line[size - 1] == '\n') --size;
    reply->message({line, static_cast<size_t>(size)});
  }
  std::free(line);
  reply->finish();
}

void clear(const std::string& directory, const std::string& name, const ReplyPtr& reply) {
  const File file = open_log(directory, name, O_WRONLY | O_TRUNC, "w");
  if (!file) return reply->fail(cannot(name));
  reply->finish();
}

std::string file_of(const Input& input) {
  const auto name = input.find("filename");
  return name == input.end() ? "" : name->second;
}

}  // namespace

void add_log_rpcs(mgmt::Registry& registry, const std::string& directory) {
  registry.add({"get-log",
                [directory](const Input& input, ReplyPtr reply) {
                  const std::string name = file_of(input);
                  name.empty() ? list(directory, reply) : show(directory, name, reply);
                },
                nullptr});
  registry.add(
      {"clear-log",
       [directory](const Input& input, ReplyPtr reply) { clear(directory, file_of(input), reply); },
       nullptr});
  registry.add_names("log-file", [directory] {
    std::vector<std::pair<std::string, std::string>> names;
    for (const auto& [name, _] : files_of(directory)) names.emplace_back(name, "");
    return names;
  });
}

}  // namespace nezu::system
