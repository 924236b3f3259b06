#include "services/ike/daemon/workers.h"

#include "services/ike/crypto/dh.h"

namespace nezu::ike {

Workers::Workers(std::function<void(const DhResult&)> done) : done_(std::move(done)) {
  pool_.setMaxThreadCount(kThreads);
}

Workers::~Workers() {
  pool_.clear();
  pool_.waitForDone();
}

void Workers::run(DhJob job) {
  // The pool is waited for before here_ and done_ go.
  pool_.start([this, job = std::move(job)] {
    QMetaObject::invokeMethod(
        &here_, [this, result = nezu::ike::run(job)] { done_(result); }, Qt::QueuedConnection);
  });
}

}  // namespace nezu::ike
