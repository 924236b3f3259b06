// nezu-pfe RUN: the forwarding plane of one router, serving RUN/pfe.sock.
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <string>
#include <thread>

#include "pfe-model/duty.h"
#include "pfe-model/server.h"

namespace {

/// Where init hands over the memory of the SA records (services/init/protocol.h).
constexpr int kMemoryDescriptor = 3;

nezu::pfe::Server* serving = nullptr;

void on_signal(int) {
  serving->stop();
}

/// Only a memfd has seals; anything else on that number is not ours.
int inherited_memory() {
  return ::fcntl(kMemoryDescriptor, F_GET_SEALS) >= 0 ? kMemoryDescriptor : -1;
}

/// No core file: keys would lie in it. A limit does not bind a handler that cores are piped to, so
/// the process also says that it is not to be dumped.
void keep_keys_in_memory() {
  const rlimit none{};
  ::setrlimit(RLIMIT_CORE, &none);
  ::prctl(PR_SET_DUMPABLE, 0);
}

int fail(const std::string& error) {
  std::fprintf(stderr, "nezu-pfe: %s\n", error.c_str());
  return 1;
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 2) {
    std::fprintf(stderr, "usage: nezu-pfe RUN-DIRECTORY\n");
    return 2;
  }
  keep_keys_in_memory();
  const int memory = inherited_memory();
  if (memory < 0)
    std::fprintf(
        stderr, "nezu-pfe: no memory on descriptor %d: sequence numbers do not survive a restart\n",
        kMemoryDescriptor);
  nezu::pfe::Plane plane(nezu::pfe::worker_count());
  std::string error;
  if (!plane.memory.open(memory, error)) return fail(error);
  nezu::pfe::Server server(plane);
  error = server.listen(std::string(arguments[1]) + "/pfe.sock");
  if (!error.empty()) return fail(error);
  serving = &server;
  ::signal(SIGTERM, on_signal);
  ::signal(SIGINT, on_signal);
  ::signal(SIGPIPE, SIG_IGN);
  server.run();
  return 0;
}
