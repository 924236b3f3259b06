#include "services/mgmt/commit_timer.h"

#include <algorithm>

namespace nezu::mgmt {
namespace {
constexpr int64_t kSoonest = 100;  // milliseconds: what is due may have to wait for a commit
}

CommitTimer::CommitTimer(configdb::Database& database) : database_(database) {
  timer_.setSingleShot(true);
  QObject::connect(&timer_, &QTimer::timeout, &timer_, [this] {
    database_.timed().run_due();
    arm();
  });
  database_.timed().on_change([this] { arm(); });
  arm();
}

CommitTimer::~CommitTimer() {
  database_.timed().on_change(nullptr);
}

void CommitTimer::arm() {
  const auto due = database_.timed().due_in();
  if (!due) return timer_.stop();
  timer_.start(static_cast<int>(std::max(*due, kSoonest)));
}

}  // namespace nezu::mgmt
