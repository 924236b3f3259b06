// What the RE hears on the channel of its daemons from somebody who speaks its framing.
#include <unistd.h>

#include <QCoreApplication>
#include <QLocalSocket>

#include "services/state/channel.pb.h"
#include "services/state/server.h"

using namespace nezu;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static int count = 0;
  static QCoreApplication application(count, nullptr);
  static const std::string path = "/tmp/nezu-fuzz-state-" + std::to_string(::getpid());
  if (size > 65536) return 0;
  state::Server server;
  server.tables().subscribe(&path, "tunnel", [](const channel::Table&) {});
  if (!server.listen(path).empty()) return 0;
  QLocalSocket stranger;
  stranger.connectToServer(QString::fromStdString(path));
  if (!stranger.waitForConnected(1000)) return 0;
  QCoreApplication::processEvents();
  const auto* bytes = reinterpret_cast<const char*>(data);
  stranger.write(bytes, static_cast<qint64>(size));
  stranger.flush();
  for (int i = 0; i < 3; ++i) QCoreApplication::processEvents();
  server.tables().unsubscribe(&path);
  return 0;
}
