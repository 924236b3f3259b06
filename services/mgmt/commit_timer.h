#pragma once
#include <QTimer>

#include "configdb/database.h"

namespace nezu::mgmt {

/// Wakes what the database has to do in time: automatic rollbacks, commits at a time.
class CommitTimer {
 public:
  /// `database` must outlive it.
  explicit CommitTimer(configdb::Database& database);
  ~CommitTimer();

 private:
  void arm();

  configdb::Database& database_;
  QTimer timer_;
};

}  // namespace nezu::mgmt
