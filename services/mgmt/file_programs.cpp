// file archive, checksum and compare: what programs of the machine do with a user's files.
#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "services/mgmt/context.h"
#include "services/mgmt/program.h"
#include "services/mgmt/written_file.h"

namespace nezu::mgmt {
namespace {
namespace fs = std::filesystem;
const TextType kFile("filename");
const TextType kPath("path");

struct Placed {
  std::string name;  ///< as the user has it
  std::string path;  ///< as the machine has it
};

// Where a file is that an argument names; nullopt: the command was refused.
std::optional<Placed> placed(const Context& context, const Call& call, const char* argument) {
  const std::string& name = *call.input(argument);
  UserFiles::Place place = context.file(name);
  if (place.error.empty()) return Placed{name, std::move(place.path)};
  call.run->refuse("error: " + place.error + "\n");
  return std::nullopt;
}

// A pipe would be waited for, and a directory has no content.
bool is_regular(const Placed& file, const Call& call) {
  struct stat status {};
  const int error = ::stat(file.path.c_str(), &status) == 0 ? 0 : errno;
  if (error == 0 && S_ISREG(status.st_mode)) return true;
  const std::string why = error ? std::strerror(error) : "not a regular file";
  call.run->refuse("error: could not open file '" + file.name + "': " + why + "\n");
  return false;
}

std::string mended(std::string text, const std::string& from, const std::string& to) {
  for (size_t at = 0; (at = text.find(from, at)) != text.npos; at += to.size())
    text.replace(at, from.size(), to);
  return text;
}

/// A way to sum a file up: the command, the program, what the field calls it.
struct Sum {
  const char* words;
  const char* program;
  const char* name;
  const char* help;
};
constexpr Sum kSums[] = {
    {"file checksum md5", "md5sum", "MD5", "Calculate MD5 checksum of a file"},
    {"file checksum sha-256", "sha256sum", "SHA256", "Calculate SHA-256 checksum of a file"},
    {"file checksum sha1", "sha1sum", "SHA1", "Calculate SHA-1 checksum of a file"},
};

// "MD5 (notes) = d41d8cd98f00b204e9800998ecf8427e"
void checksum(const Sum& sum, const Context& context, const Call& call) {
  const auto file = placed(context, call, "path");
  if (!file || !is_regular(*file, call)) return;
  const std::string head = std::string(sum.name) + " (" + file->name + ") = ";
  run_program(
      call.run,
      {.words = {sum.program},
       .input = file->path,
       .shown = [head](const std::string& line) { return head + line.substr(0, line.find(' ')); },
       .failure = "error: could not read file '" + file->name + "'\n"});
}

std::string label(const Placed& file) {
  struct stat status {};
  char text[64] = "";
  std::tm parts{};
  if (::stat(file.path.c_str(), &status) == 0 && gmtime_r(&status.st_mtime, &parts))
    std::strftime(text, sizeof text, "\t%a %b %e %H:%M:%S %Y", &parts);
  return file.name + text;
}

void compare(Context& context, const Call& call) {
  const auto from = placed(context, call, "from-file");
  const auto to = from ? placed(context, call, "to-file") : std::nullopt;
  if (!to || !is_regular(*from, call) || !is_regular(*to, call)) return;
  std::vector<std::string> words = {"diff", "--label", label(*from), "--label", label(*to)};
  if (call.says("ignore-white-space")) words.emplace_back("-b");
  if (call.says("context")) words.emplace_back("-c");
  if (call.says("unified")) words.emplace_back("-u");
  words.insert(words.end(), {"--", from->path, to->path});
  run_program(call.run, {.words = std::move(words),
                         .shown = [](const std::string& line) { return line; },
                         .fine = 1,
                         .failure = "error: the files could not be compared\n"});
}

// An archive has names as they are below the directory of what is archived, and is nobody else's
// to read.
void archive(Context& context, const Call& call) {
  const auto from = placed(context, call, "source");
  const auto to = from ? placed(context, call, "destination") : std::nullopt;
  if (!to) return;
  struct stat status {};
  if (::stat(from->path.c_str(), &status) != 0)
    return call.run->refuse("error: could not open '" + from->name + "': " + std::strerror(errno) +
                            "\n");
  struct stat there {};
  if (::stat(to->path.c_str(), &there) == 0 && there.st_dev == status.st_dev &&
      there.st_ino == status.st_ino)
    return call.run->refuse("error: '" + from->name + "' cannot be archived into itself\n");
  const auto made = std::make_shared<FileBeside>(to->path, to->name);
  if (made->error()) return call.run->refuse("error: " + *made->error() + "\n");
  const fs::path source = fs::path(from->path).lexically_normal();
  const fs::path whole = source.has_filename() ? source : source.parent_path();
  const std::string name = whole.has_filename() ? whole.filename().string() : ".";
  // As tar calls what is in the archive: neither the old one nor the new one is.
  const auto without = [&](const std::string& path) {
    return "--exclude=" +
           (fs::path(name) / fs::path(path).lexically_normal().lexically_relative(whole)).string();
  };
  run_program(call.run,
              {.words = {"tar", call.says("compress") ? "-czf" : "-cf", made->path(), "--anchored",
                         "--no-wildcards", without(to->path), without(made->path()), "-C",
                         whole.parent_path().string(), "--", name},
               .shown =
                   [from = *from, to = *to, beside = made->path()](const std::string& line) {
                     return mended(mended(mended(line, beside, to.name), to.path, to.name),
                                   from.path, from.name);
                   },
               .failure = "error: could not archive '" + from->name + "'\n",
               .ended =
                   [made](bool fine) {
                     const auto failed = fine ? made->take_place() : std::nullopt;
                     return failed ? "error: " + *failed + "\n" : std::string();
                   }});
}

Argument named(const char* argument, const char* help, const TextType& type, bool with_keyword) {
  Argument made = with_keyword ? keyword(argument, help, type) : value(argument, help, type);
  made.live_names = "file";
  made.mandatory = true;
  return made;
}
}  // namespace

void add_file_programs(LocalCommands& commands) {
  const auto mode = Mode::kOperational;
  commands.add(mode, {.words = "file archive",
                      .help = "Archive a file, or a directory and what is below it",
                      .arguments = {flag("compress", "Compress the archive with GNU gzip"),
                                    named("destination", "Where the archive is to be", kPath, true),
                                    named("source", "What is to be archived", kPath, true)},
                      .handle = archive});
  commands.describe(mode, "file checksum", "Calculate file checksum");
  for (const Sum& sum : kSums)
    commands.add(mode, {.words = sum.words,
                        .help = sum.help,
                        .arguments = {named("path", "File to be summed up", kPath, false)},
                        .handle = [&sum](Context& context, const Call& call) {
                          checksum(sum, context, call);
                        }});
  commands.describe(mode, "file compare", "Compare files");
  commands.add(
      mode,
      {.words = "file compare files",
       .help = "Show what differs between two files",
       .arguments = {one_of(1, flag("context", "Show lines around each difference")),
                     named("from-file", "First file", kFile, false),
                     flag("ignore-white-space", "Ignore changes in the amount of white space"),
                     named("to-file", "Second file", kFile, false),
                     one_of(1, flag("unified", "Show differences in unified form"))},
       .handle = compare});
}

}  // namespace nezu::mgmt
