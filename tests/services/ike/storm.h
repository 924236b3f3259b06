// A wire that loses, doubles, delays, repeats and bends what two routers say to each other, the
// same way for the same seed; and a clock that goes from one event to the next.
#pragma once

#include <functional>
#include <queue>

#include "tests/services/ike/two_peers.h"

namespace nezu::ike::test {

/// Chances in percent, of each datagram.
struct Weather {
  unsigned loss = 0;
  unsigned twice = 0;
  unsigned old = 0;   // something said long ago comes again
  unsigned bent = 0;  // a bit is not what it was
  Time delay = 50;    // at most; what is delayed is overtaken
};

class Storm {
 public:
  Storm(TwoPeers& net, Weather weather, unsigned seed);

  /// Turns the clock by `span`; `check` is called after every event.
  void pass(Time span, const std::function<void()>& check = {});
  /// 0 … below-1.
  unsigned draw(unsigned below);

  /// The last messages that arrived, a line each, for the reader of a failure.
  std::string diary() const;

 private:
  struct Arrival {
    Time at;
    std::uint64_t order;
    bool to_a;
    Datagram datagram;
    bool operator<(const Arrival& other) const {
      return std::pair(at, order) > std::pair(other.at, other.order);  // the earliest on top
    }
  };

  void collect(Peer& from, bool to_a);
  void launch(const Datagram& datagram, bool to_a);
  void arrive(const Arrival& arrival);
  Time next_event(Time end) const;

  TwoPeers& net_;
  Weather weather_;
  std::mt19937 random_;
  std::priority_queue<Arrival> under_way_;
  std::vector<std::pair<bool, Datagram>> past_;
  std::uint64_t order_ = 0;
  std::deque<std::string> diary_;
};

}  // namespace nezu::ike::test
