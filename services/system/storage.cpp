#include "services/system/storage.h"

#include <fmt/format.h>
#include <mntent.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include <cstdio>
#include <memory>
#include <set>

namespace nezu::system {
namespace {

using grammar::Element;
using ReplyPtr = std::shared_ptr<mgmt::Reply>;

constexpr char kStorage[] =
    R"(Filesystem              Size       Used      Avail  Capacity   Mounted on
{#system-storage-information}
{#filesystem}
{filesystem-name:20} {total-blocks:>7} {used-blocks:>10} {available-blocks:>10} {used-percent:>8}%  {mounted-on}
{/filesystem}
{/system-storage-information}
)";

struct Mount {
  std::string source, place;
};

struct Close {
  void operator()(std::FILE* file) const { ::endmntent(file); }
};

// The mount that a directory is on. The last of one device at the longest place counts: what was
// mounted over.
Mount mount_of(const std::string& directory) {
  Mount found{"-", directory};
  size_t longest = 0;
  const std::unique_ptr<std::FILE, Close> mounts(::setmntent("/proc/self/mounts", "r"));
  while (const mntent* each = mounts ? ::getmntent(mounts.get()) : nullptr) {
    const std::string place = each->mnt_dir;
    const bool above = place == "/" || directory == place || directory.starts_with(place + "/");
    if (!above || place.size() < longest) continue;
    longest = place.size();
    found = {each->mnt_fsname, place};
  }
  return found;
}

// "512B", "1.5M", "17G": three characters of a number at most, as df -h has it.
std::string size_text(uint64_t bytes) {
  double size = static_cast<double>(bytes);
  const char* unit = "BKMGTP";
  for (; size >= 1024 && unit[1]; ++unit) size /= 1024;
  return *unit != 'B' && size < 9.95 ? fmt::format("{:.1f}{}", size, *unit)
                                     : fmt::format("{:.0f}{}", size, *unit);
}

// Of what users may take, as df counts.
uint64_t percent_used(const struct statvfs& state) {
  const uint64_t used = state.f_blocks - state.f_bfree, all = used + state.f_bavail;
  return all == 0 ? 0 : (used * 100 + all - 1) / all;
}

void write_file_system(mgmt::Reply& reply, const Mount& mount, const struct statvfs& state) {
  const Element entry(reply, "filesystem");
  reply.leaf("filesystem-name", mount.source);
  reply.leaf("total-blocks", size_text(state.f_blocks * state.f_frsize));
  reply.leaf("used-blocks", size_text((state.f_blocks - state.f_bfree) * state.f_frsize));
  reply.leaf("available-blocks", size_text(state.f_bavail * state.f_frsize));
  reply.leaf_number("used-percent", percent_used(state));
  reply.leaf("mounted-on", mount.place);
}

void show_storage(const std::vector<std::string>& directories, const ReplyPtr& reply) {
  {
    const Element information(*reply, "system-storage-information");
    std::set<dev_t> seen;
    for (const std::string& directory : directories) {
      struct stat status {};
      struct statvfs state {};
      if (::stat(directory.c_str(), &status) != 0 || !seen.insert(status.st_dev).second) continue;
      if (::statvfs(directory.c_str(), &state) == 0)
        write_file_system(*reply, mount_of(directory), state);
    }
  }
  reply->finish();
}

}  // namespace

void add_storage_rpcs(mgmt::Registry& registry, const std::vector<std::string>& directories) {
  static const grammar::Layout kLayout(kStorage);
  registry.add(
      {"get-system-storage",
       [directories](const mgmt::Input&, ReplyPtr reply) { show_storage(directories, reply); },
       [](const mgmt::Input&) { return &kLayout; }});
}

}  // namespace nezu::system
