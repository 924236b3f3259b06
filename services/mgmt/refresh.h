#pragma once
#include <QTimer>
#include <chrono>
#include <functional>
#include <memory>

#include "services/mgmt/session.h"

namespace nezu::mgmt {

/// `| refresh N`: one command again and again on one screen, until it is told to end.
class Refresh : public std::enable_shared_from_this<Refresh> {
 public:
  using Round = std::function<void(ScreenPtr)>;  ///< carries the command out once

  Refresh(ScreenPtr screen, std::chrono::seconds interval, Round round);

  void start();
  /// No further round; the one under way is the last. True if there is none under way: the command
  /// has ended then.
  bool stop();
  bool ended() const { return ended_; }

 private:
  class OneRound;
  void begin_round();
  void round_ended(const Outcome& outcome);
  void end(Outcome outcome);

  ScreenPtr screen_;
  Round round_;
  QTimer timer_;
  bool under_way_ = false, stopped_ = false, ended_ = false;
  std::shared_ptr<Refresh> self_;  ///< while it goes on
};

}  // namespace nezu::mgmt
