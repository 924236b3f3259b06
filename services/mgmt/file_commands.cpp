// file: what a user does with the files that are his.
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <filesystem>

#include "services/mgmt/context.h"
#include "services/mgmt/file_names.h"
#include "services/mgmt/readable_file.h"
#include "services/mgmt/written_file.h"

namespace nezu::mgmt {
namespace {
namespace fs = std::filesystem;
const TextType kFile("filename");
const TextType kPath("path");

void fail(const RunPtr& run, const std::string& what, const std::string& name, int code) {
  run->refuse("error: could not " + what + " '" + name + "': " + std::strerror(code) + "\n");
}

// Where a file is that an argument names; nullopt: the command was refused.
std::optional<std::string> placed(const Context& context, const Call& call, const char* argument) {
  const std::string* name = call.input(argument);
  UserFiles::Place place = context.file(name ? *name : "");
  if (place.error.empty()) return std::move(place.path);
  call.run->refuse("error: " + place.error + "\n");
  return std::nullopt;
}

std::string mode_text(mode_t mode) {
  std::string text = S_ISDIR(mode) ? "drwxrwxrwx" : S_ISLNK(mode) ? "lrwxrwxrwx" : "-rwxrwxrwx";
  for (size_t bit = 0; bit < 9; ++bit)
    if (!(mode & (0400U >> bit))) text[bit + 1] = '-';
  return text;
}

// "-rw-------  1 root  root       8192 Sep 26 12:00 name"
std::string detail_line(const struct stat& status, const std::string& name) {
  char text[128];
  const int size =
      snprintf(text, sizeof text, "%s %2lu %-5u %-5u %10lld %s ", mode_text(status.st_mode).c_str(),
               static_cast<unsigned long>(status.st_nlink), status.st_uid, status.st_gid,
               static_cast<long long>(status.st_size), changed_text(status.st_mtime).c_str());
  return std::string(text, static_cast<size_t>(std::max(size, 0))) + name + "\n";
}

struct Listing {
  std::string lines;
  size_t files = 0;
  long long blocks = 0;
};

Listing list(const std::vector<FileEntry>& entries, bool detail) {
  Listing listing;
  for (const FileEntry& each : entries) {
    listing.lines += detail ? detail_line(each.status, each.shown()) : each.shown() + "\n";
    ++listing.files;
    listing.blocks += each.status.st_blocks;
  }
  return listing;
}

std::string trimmed(std::string name) {
  while (name.size() > 1 && name.ends_with('/')) name.pop_back();
  return name;
}

void file_list(Context& context, const Call& call) {
  const auto path = placed(context, call, "path");
  if (!path) return;
  const std::string* given = call.input("path");
  const std::string name =
      trimmed(given ? *given : context.files().directory(context.settings().directory));
  struct stat status {};
  if (::stat(path->c_str(), &status) != 0) return fail(call.run, "open", name, errno);
  if (!S_ISDIR(status.st_mode)) {
    call.run->write(call.says("detail") ? detail_line(status, name) : name + "\n");
    return call.run->done();
  }
  bool all = true;
  const Listing listing = list(entries_of(*path, "", all), call.says("detail"));
  std::string text = "\n" + name + ":\n";
  if (call.says("detail")) text += "total blocks: " + std::to_string(listing.blocks) + "\n";
  text += listing.lines;
  if (call.says("detail")) text += "total files: " + std::to_string(listing.files) + "\n";
  call.run->write(all ? text : text + "...\n");
  call.run->done();
}

void file_show(Context& context, const Call& call) {
  const auto path = placed(context, call, "filename");
  if (!path) return;
  std::string content;
  const std::string error = read_file(*path, *call.input("filename"), content);
  if (!error.empty()) return call.run->refuse("error: " + error + "\n");
  if (!content.empty() && !content.ends_with('\n')) content += '\n';
  call.run->write(content);
  call.run->done();
}

void file_delete(Context& context, const Call& call) {
  const auto path = placed(context, call, "path");
  if (!path) return;
  if (::unlink(path->c_str()) != 0)
    return fail(call.run, "delete file", *call.input("path"), errno);
  call.run->done();
}

// Into a directory: under its own name.
std::string target(const std::string& path, const std::string& from) {
  std::error_code error;
  if (!fs::is_directory(path, error)) return path;
  return fs::path(path) / fs::path(from).filename();
}

void file_copy(Context& context, const Call& call) {
  const auto from = placed(context, call, "source");
  const auto to = from ? placed(context, call, "destination") : std::nullopt;
  if (!to) return;
  std::string content;
  const std::string error = read_file(*from, *call.input("source"), content);
  if (!error.empty()) return call.run->refuse("error: " + error + "\n");
  if (const auto failed = write_file(target(*to, *from), *call.input("destination"), content))
    return call.run->refuse("error: " + *failed + "\n");
  call.run->done();
}

void file_rename(Context& context, const Call& call) {
  const auto from = placed(context, call, "source");
  const auto to = from ? placed(context, call, "destination") : std::nullopt;
  if (!to) return;
  if (::rename(from->c_str(), target(*to, *from).c_str()) != 0)
    return fail(call.run, "rename file", *call.input("source"), errno);
  call.run->done();
}

Argument name(const char* argument, const char* help, const TextType& type) {
  Argument made = value(argument, help, type);
  made.live_names = "file";
  return made;
}
}  // namespace

void add_file_commands(LocalCommands& commands) {
  const auto mode = Mode::kOperational;
  const auto add = [&](const char* words, const char* help, std::vector<Argument> arguments,
                       auto handle) {
    commands.add(
        mode, {.words = words, .help = help, .arguments = std::move(arguments), .handle = handle});
  };
  commands.describe(mode, "file", "Perform file operations");
  add("file copy", "Copy files",
      {mandatory(name("source", "File to be copied", kFile)),
       mandatory(name("destination", "Where the copy is to be", kPath))},
      file_copy);
  add("file delete", "Delete a file", {mandatory(name("path", "File to be deleted", kPath))},
      file_delete);
  add("file list", "List file information",
      {flag("detail", "Show owners, sizes and times too"),
       name("path", "Directory or file to be listed", kPath)},
      file_list);
  add("file rename", "Rename a file",
      {mandatory(name("source", "File to be renamed", kFile)),
       mandatory(name("destination", "Its new name", kPath))},
      file_rename);
  add("file show", "Show file contents", {mandatory(name("filename", "File to be shown", kFile))},
      file_show);
}

}  // namespace nezu::mgmt
