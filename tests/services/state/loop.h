#pragma once
#include <QCoreApplication>
#include <QDeadlineTimer>
#include <QEventLoop>
#include <QTemporaryDir>
#include <functional>

namespace nezu::state {

/// The event loop that the tests of a program share.
inline QCoreApplication& application() {
  static int argc = 1;
  static char name[] = "test";
  static char* argv[] = {name, nullptr};
  static QCoreApplication app(argc, argv);
  return app;
}

/// Runs the loop until `condition` holds; false after `timeout` milliseconds.
inline bool run_until(const std::function<bool()>& condition, int timeout = 5000) {
  application();
  const QDeadlineTimer deadline(timeout);
  while (!condition() && !deadline.hasExpired())
    QCoreApplication::processEvents(QEventLoop::AllEvents | QEventLoop::WaitForMoreEvents, 20);
  return condition();
}

}  // namespace nezu::state
