// nezu-re: the Routing Engine of a router.
//
//   nezu-re --run RUN --data DIR [--model mx304] [--startup-config FILE]
//   nezu-re --offline --data DIR [--model mx304]
//
// Offline it is no router's: it serves the client at the other end of its standard input, which is
// a socket, and checks and commits into DIR alone (see nezu replay).
// Boot is a commit from empty: of the newest revision in DIR, or of FILE when there is none yet.
#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <QCommandLineParser>
#include <QCoreApplication>
#include <csignal>
#include <cstdio>
#include <exception>

#include "services/re_offline.h"
#include "services/re_router.h"

namespace {

struct Wanted {
  nezu::re::Options router;
  bool offline = false;
};

Wanted read_options(const QCoreApplication& application) {
  QCommandLineParser parser;
  parser.addHelpOption();
  parser.addOptions({
      {"run", "Run directory: the router's sockets.", "directory", "/run/nezu"},
      {"data", "Where configuration and numbers are kept.", "directory"},
      {"model", "Chassis model.", "name", "mx304"},
      {"offline", "Without a router: serve the socket at standard input."},
      {"startup-config", "Configuration for the first boot, in set or curly form.", "file"},
  });
  parser.process(application);
  Wanted wanted;
  wanted.offline = parser.isSet("offline");
  nezu::re::Options& options = wanted.router;
  options.run = parser.value("run").toStdString();
  options.data = parser.value("data").toStdString();
  options.model = parser.value("model").toStdString();
  options.startup_config = parser.value("startup-config").toStdString();
  return wanted;
}

int run_offline(const nezu::re::Options& options) {
  nezu::re::Offline engine({.data = options.data, .model = options.model});
  const std::string error = engine.start(STDIN_FILENO);
  if (!error.empty()) {
    fmt::print(stderr, "nezu-re: {}\n", error);
    return 1;
  }
  return QCoreApplication::exec();
}

int run(const nezu::re::Options& options) {
  nezu::re::Router router(options);
  const std::string error = router.start([] { fmt::print(stderr, "nezu-re: ready\n"); });
  if (!error.empty()) {
    fmt::print(stderr, "nezu-re: {}\n", error);
    return 1;
  }
  return QCoreApplication::exec();
}

}  // namespace

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  std::setvbuf(stderr, nullptr, _IOLBF, 0);
  ::umask(0077);
  // A core file would keep the secrets of the configuration.
  constexpr rlimit kNoCore{0, 0};
  ::setrlimit(RLIMIT_CORE, &kNoCore);
  QCoreApplication application(argc, argv);
  const Wanted wanted = read_options(application);
  if (wanted.router.data.empty()) {
    fmt::print(stderr, "nezu-re: --data is missing\n");
    return 2;
  }
  try {
    return wanted.offline ? run_offline(wanted.router) : run(wanted.router);
  } catch (const std::exception& error) {  // of the schema: nothing works without it
    fmt::print(stderr, "nezu-re: {}\n", error.what());
    return 1;
  }
}
