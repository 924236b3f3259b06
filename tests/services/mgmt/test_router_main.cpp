// mgmt-test-router SOCKET: a router without a network, for `nezu cli --socket SOCKET`.
#include <QCoreApplication>
#include <cstdio>

#include "tests/services/mgmt/test_router.h"

int main(int count, char** values) {
  QCoreApplication application(count, values);
  if (count != 2) return 2;
  nezu::mgmt::TestRouter router;
  const std::string error = router.listen(values[1]);
  if (!error.empty()) {
    fprintf(stderr, "%s\n", error.c_str());
    return 1;
  }
  printf("listening\n");
  fflush(stdout);
  return QCoreApplication::exec();
}
