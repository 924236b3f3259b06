// nezu-re: the Routing Engine of a router.
//
//   nezu-re --run RUN --data DIR [--model mx304] [--startup-config FILE]
//
// Boot is a commit from empty: of the newest revision in DIR, or of FILE when there is none yet.
#include <fmt/format.h>
#include <sys/stat.h>

#include <QCommandLineParser>
#include <QCoreApplication>
#include <csignal>
#include <cstdio>
#include <exception>

#include "services/re_router.h"

namespace {

nezu::re::Options read_options(const QCoreApplication& application) {
  QCommandLineParser parser;
  parser.addHelpOption();
  parser.addOptions({
      {"run", "Run directory: the router's sockets.", "directory", "/run/nezu"},
      {"data", "Where configuration and numbers are kept.", "directory"},
      {"model", "Chassis model.", "name", "mx304"},
      {"startup-config", "Configuration for the first boot, in set or curly form.", "file"},
  });
  parser.process(application);
  nezu::re::Options options;
  options.run = parser.value("run").toStdString();
  options.data = parser.value("data").toStdString();
  options.model = parser.value("model").toStdString();
  options.startup_config = parser.value("startup-config").toStdString();
  return options;
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
  QCoreApplication application(argc, argv);
  const nezu::re::Options options = read_options(application);
  if (options.data.empty()) {
    fmt::print(stderr, "nezu-re: --data is missing\n");
    return 2;
  }
  try {
    return run(options);
  } catch (const std::exception& error) {  // of the schema: nothing works without it
    fmt::print(stderr, "nezu-re: {}\n", error.what());
    return 1;
  }
}
