#include "services/init/namespaces.h"

#include <fcntl.h>
#include <net/if.h>
#include <pwd.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "services/init/protocol.h"

namespace nezu::init {
namespace {

struct Sysctl {
  const char* path;
  const char* value;
};

// A kernel without one of them (IPv6 switched off) has nothing to be told about it.
void set_sysctl(const Sysctl& sysctl) {
  const int file =
      open((std::string("/proc/sys/net/") + sysctl.path).c_str(), O_WRONLY | O_CLOEXEC);
  if (file < 0) return;
  if (write(file, sysctl.value, strlen(sysctl.value)) < 0)
    fprintf(stderr, "nezu-init: net/%s: %s\n", sysctl.path, strerror(errno));
  close(file);
}

// Nothing that arrives on a wire may be answered by this namespace.
constexpr Sysctl kPortsSysctls[] = {
    {"ipv6/conf/all/disable_ipv6", "1"},
    {"ipv6/conf/default/disable_ipv6", "1"},
};

constexpr Sysctl kRouterSysctls[] = {
    {"ipv4/ip_forward", "1"},
    {"ipv4/conf/all/rp_filter", "0"},
    {"ipv4/conf/default/rp_filter", "0"},
    // An address answers ARP on its own link only.
    {"ipv4/conf/all/arp_ignore", "1"},
    {"ipv4/conf/all/arp_announce", "2"},
    {"ipv4/conf/all/accept_redirects", "0"},
    {"ipv4/conf/default/accept_redirects", "0"},
    {"ipv4/conf/all/send_redirects", "0"},
    {"ipv4/conf/default/send_redirects", "0"},
    {"ipv4/fib_multipath_hash_policy", "1"},
    {"ipv4/ping_group_range", "0 2147483647"},
    {"ipv6/conf/all/forwarding", "1"},
    // Written per device (held.cpp): a device that is made with it joins the routers' group at
    // once.
    {"ipv6/conf/default/forwarding", "0"},
    {"ipv6/conf/all/accept_ra", "0"},
    {"ipv6/conf/default/accept_ra", "0"},
    {"ipv6/conf/default/autoconf", "0"},
    {"ipv6/conf/all/accept_redirects", "0"},
    {"ipv6/conf/default/accept_redirects", "0"},
    // An address works the moment it is committed, and stays when its link goes down.
    {"ipv6/conf/default/accept_dad", "0"},
    {"ipv6/conf/all/keep_addr_on_down", "1"},
    {"ipv6/conf/default/keep_addr_on_down", "1"},
};

void new_network() {
  if (unshare(CLONE_NEWNET) < 0) give_up("network namespace");
}

void raise_loopback() {
  const int socket = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  ifreq request{};
  strcpy(request.ifr_name, "lo");
  request.ifr_flags = IFF_UP | IFF_RUNNING;
  if (ioctl(socket, SIOCSIFFLAGS, &request) < 0) give_up("loopback");
  close(socket);
}

void mount_at(const char* type, const char* where, const char* options) {
  if (mount(type, where, type, MS_NOSUID | MS_NODEV, options) < 0) give_up(where);
}

// Each daemon keeps its own file, which nezu-re writes.
void make_frr_files(const passwd* frr) {
  for (const char* name : {"/etc/frr/zebra.conf", "/etc/frr/staticd.conf", "/etc/frr/vtysh.conf"}) {
    const int file = open(name, O_WRONLY | O_CREAT | O_CLOEXEC, 0640);
    if (file < 0 || fchown(file, frr->pw_uid, frr->pw_gid) < 0) give_up(name);
    // A nexthop object that the kernel refused while its link was down zebra never tries again; a
    // route it does.
    const char* text = strstr(name, "vtysh")   ? "no service integrated-vtysh-config\n"
                       : strstr(name, "zebra") ? "no zebra nexthop kernel enable\n"
                                               : "";
    if (dprintf(file, "%s", text) < 0) give_up(name);
    close(file);
  }
}

// A host without FRR has no such user; a router then has no FRR to start either.
void mount_frr() {
  const passwd* frr = getpwnam("frr");
  if (!frr) return;
  const std::string owner =
      "mode=755,uid=" + std::to_string(frr->pw_uid) + ",gid=" + std::to_string(frr->pw_gid);
  mkdir("/run/frr", 0755);
  if (chown("/run/frr", frr->pw_uid, frr->pw_gid) < 0) give_up("/run/frr");
  mount_at("tmpfs", "/etc/frr", owner.c_str());
  make_frr_files(frr);
}

// `text` in a new file; what cannot be written ends the router before it begins.
void make_file(const std::string& path, const std::string& text, mode_t mode) {
  const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, mode);
  const auto size = static_cast<ssize_t>(text.size());
  if (file < 0 || write(file, text.data(), text.size()) != size || fchmod(file, mode) < 0)
    give_up(path.c_str());
  close(file);
}

void link_to(const std::string& target, const std::string& place) {
  if (symlink(target.c_str(), place.c_str()) < 0) give_up(place.c_str());
}

std::string read_file(const char* path) {
  std::string text;
  const int file = open(path, O_RDONLY | O_CLOEXEC);
  char piece[4096];
  for (ssize_t got; (got = read(file, piece, sizeof piece)) > 0;)
    text.append(piece, static_cast<size_t>(got));
  if (file >= 0) close(file);
  return text;
}

constexpr char kMachineEtc[] = "/run/machine-etc";
constexpr int kFirstPerson = 1000;  // Debian's: below it are the accounts and groups of programs

std::vector<std::string> split(const std::string& text, char at) {
  std::vector<std::string> parts;
  std::istringstream in(text);
  for (std::string part; std::getline(in, part, at);) parts.push_back(part);
  return parts;
}

// Lines of passwd or group, whose third field is below kFirstPerson.
std::vector<std::vector<std::string>> of_programs(const std::string& text) {
  std::vector<std::vector<std::string>> lines;
  for (const std::string& line : split(text, '\n'))
    if (auto fields = split(line, ':'); fields.size() > 2 && atoi(fields[2].c_str()) < kFirstPerson)
      lines.push_back(std::move(fields));
  return lines;
}

// /etc/group with programs alone in it: a user of the router is in no group of the machine's user
// of that name.
std::string groups_of_programs(const std::string& passwd, const std::string& group) {
  std::set<std::string> programs;
  for (const auto& account : of_programs(passwd)) programs.insert(account[0]);
  std::string text;
  for (const auto& fields : of_programs(group)) {
    std::string members;
    for (const std::string& member : split(fields.size() > 3 ? fields[3] : "", ','))
      if (programs.contains(member)) members += (members.empty() ? "" : ",") + member;
    text += fields[0] + ":x:" + fields[2] + ":" + members + "\n";
  }
  return text;
}

// A file system of the router's own, whose entries are links to the machine's: a mount over one of
// the machine's files would be gone as soon as the machine writes that file anew.
void mount_etc() {
  mkdir(kMachineEtc, 0755);
  if (mount("/etc", kMachineEtc, nullptr, MS_BIND, nullptr) < 0) give_up(kMachineEtc);
  mount_at("tmpfs", "/etc", "mode=755");
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(kMachineEtc, error)) {
    const std::string name = entry.path().filename();
    if (name == "frr") continue;
    const auto link = std::filesystem::read_symlink(entry.path(), error);
    link_to(error ? entry.path().string() : link.string(), "/etc/" + name);
  }
  mkdir("/etc/frr", 0755);
}

}  // namespace

void give_up(const char* what) {
  fprintf(stderr, "nezu-init: %s: %s\n", what, strerror(errno));
  _exit(1);
}

void enter_new_world() {
  if (unshare(CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWUTS) < 0) give_up("namespaces");
}

void enter_network(int descriptor) {
  if (setns(descriptor, CLONE_NEWNET) < 0) give_up("entering a network namespace");
}

void make_router_networks() {
  new_network();
  for (const Sysctl& sysctl : kPortsSysctls) set_sysctl(sysctl);
  const int ports = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
  if (ports < 0 || dup3(ports, kPortsNamespaceDescriptor, O_CLOEXEC) < 0)
    give_up("ports' namespace");
  close(ports);
  new_network();
  for (const Sysctl& sysctl : kRouterSysctls) set_sysctl(sysctl);
  raise_loopback();
}

void make_host_network() {
  new_network();
  raise_loopback();
}

void mount_node(const char* run) {
  // Slave: an unmount outside reaches in, so that a node never keeps the machine's disks busy.
  if (mount("none", "/", nullptr, MS_REC | MS_SLAVE, nullptr) < 0) give_up("mount namespace");
  const int outside = open(run, O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (outside < 0) give_up(run);
  mount_at("proc", "/proc", nullptr);
  mount_at("sysfs", "/sys", nullptr);
  mount_at("tmpfs", "/run", "mode=755");
  mount_at("tmpfs", "/var/tmp", "mode=1777");
  mount_etc();
  mount_frr();
  mkdir("/run/nezu", 0700);
  const std::string source = "/proc/self/fd/" + std::to_string(outside);
  if (mount(source.c_str(), "/run/nezu", nullptr, MS_BIND, nullptr) < 0) give_up("/run/nezu");
  close(outside);
  // What the router's programs log, and its own messages, are its log files.
  if (mount("/run/nezu/log", "/var/log", nullptr, MS_BIND, nullptr) < 0) give_up("/var/log");
}

// The machine's own accounts are there without their passwords, and its people are in no group.
void mount_accounts() {
  const std::string machine = read_file("/etc/passwd");
  mkdir("/run/accounts", 0755);
  chmod("/run/accounts", 0755);
  make_file("/run/accounts/machine", machine, 0644);
  make_file("/run/accounts/passwd", machine, 0644);
  make_file("/run/accounts/group", groups_of_programs(machine, read_file("/etc/group")), 0644);
  make_file("/run/accounts/shadow", "", 0600);
  unlink("/etc/gshadow");
  for (const std::string name : {"passwd", "group", "shadow"}) {
    unlink(("/etc/" + name).c_str());
    link_to("/run/accounts/" + name, "/etc/" + name);
  }
}

}  // namespace nezu::init
