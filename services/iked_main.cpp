// nezu-iked: IKE of one router. Argument: its run directory.
#include <fmt/format.h>

#include <QCoreApplication>
#include <csignal>

#include "grammar/schema.h"
#include "services/ike/daemon.h"
#include "services/init/protocol.h"
#include "services/state/replica.h"

int main(int argc, char** argv) {
  QCoreApplication application(argc, argv);
  if (argc != 2) {
    fmt::print(stderr, "usage: nezu-iked RUN-DIRECTORY\n");
    return 2;
  }
  std::signal(SIGPIPE, SIG_IGN);
  const auto schema = nezu::grammar::Schema::load(nezu::grammar::schema_directory());
  nezu::ike::Daemon daemon({.directory = argv[1],
                            .memory = nezu::init::kMemoryDescriptor,
                            .empty = nezu::state::empty_tree(*schema),
                            .read = nezu::state::read_lines});
  daemon.start();
  return QCoreApplication::exec();
}
