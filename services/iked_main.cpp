// nezu-iked: IKE of one router.
//
//   nezu-iked --run RUN [--data DIR]
#include <fmt/format.h>

#include <QCoreApplication>
#include <csignal>
#include <cstdio>
#include <exception>
#include <string_view>

#include "grammar/schema.h"
#include "services/ike/daemon/daemon.h"
#include "services/init/protocol.h"
#include "services/state/replica.h"

namespace {

int run(const char* directory, const char* data) {
  const auto schema = nezu::grammar::Schema::open(nezu::grammar::schema_file());
  nezu::ike::Daemon daemon({.directory = directory,
                            .data = data,
                            .memory = nezu::init::kMemoryDescriptor,
                            .empty = nezu::state::empty_tree(*schema),
                            .read = nezu::state::read_lines});
  daemon.start();
  return QCoreApplication::exec();
}

}  // namespace

int main(int argc, char** argv) {
  QCoreApplication application(argc, argv);
  const bool plain = argc == 3, kept = argc == 5 && std::string_view(argv[3]) == "--data";
  if ((!plain && !kept) || std::string_view(argv[1]) != "--run") {
    fmt::print(stderr, "usage: nezu-iked --run DIRECTORY [--data DIRECTORY]\n");
    return 2;
  }
  std::signal(SIGPIPE, SIG_IGN);
  std::setvbuf(stderr, nullptr, _IOLBF, 0);
  try {
    return run(argv[2], kept ? argv[4] : "");
  } catch (const std::exception& error) {
    fmt::print(stderr, "nezu-iked: {}\n", error.what());
    return 1;
  }
}
