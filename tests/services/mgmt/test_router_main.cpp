// mgmt-test-router SOCKET: a router without a network, for `nezu cli --socket SOCKET`.
#include <QCoreApplication>
#include <QTimer>
#include <cstdio>

#include "tests/services/mgmt/test_router.h"

namespace {
// Checks a host name "slow" for a second, all else at once.
class SlowNames : public nezu::configdb::Service {
 public:
  std::string_view name() const override { return "names"; }
  std::vector<std::string> claims() const override { return {}; }
  void check(const nezu::configdb::Delta& delta,
             std::function<void(nezu::configdb::Problems)> done) override {
    if (delta.after()["system"]["host-name"].value() != "slow") return done({});
    QTimer::singleShot(1000, [done = std::move(done)] { done({}); });
  }
  void apply(const nezu::configdb::Delta&, std::function<void()> done) override { done(); }
};
}  // namespace

int main(int count, char** values) {
  QCoreApplication application(count, values);
  if (count != 2) return 2;
  nezu::mgmt::TestRouter router;
  SlowNames slow;
  router.database().add(slow);
  const std::string error = router.listen(values[1]);
  if (!error.empty()) {
    fprintf(stderr, "%s\n", error.c_str());
    return 1;
  }
  printf("listening\n");
  fflush(stdout);
  return QCoreApplication::exec();
}
