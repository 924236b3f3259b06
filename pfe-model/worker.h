#pragma once
#include <atomic>
#include <map>
#include <mutex>
#include <thread>
#include <vector>

#include "pfe-model/descriptor.h"

struct epoll_event;

namespace nezu::pfe {

class Plane;
class Pfe;

/// A thread that runs some of the PFEs: sleeps in epoll until a wire, a host interface or another
/// worker has something for them.
class Worker {
 public:
  explicit Worker(Plane& plane);
  ~Worker();

  /// Keeps the worker between bursts until open_gate(). Control thread only.
  void close_gate();
  void open_gate();

  /// What it serves; only while the gate is closed.
  struct Duty {
    std::vector<Pfe*> pfes;
    std::map<int, uint64_t> sources;  ///< descriptor → what it is, see worker.cpp
  };
  void assign(Duty duty);
  void forget(int descriptor);

  /// Stops the thread from sleeping on. Any thread.
  void wake();

  static uint64_t port_source(uint32_t id);
  static uint64_t host_source(uint32_t index);

 private:
  void loop();
  void turn(const epoll_event* events, int count);
  void serve(uint64_t source);
  void clear_error(uint64_t source);
  void pass_on();
  bool waiting() const;
  void enter();
  void leave() { gate_.unlock(); }

  Plane& plane_;
  Descriptor epoll_;
  Descriptor wakeup_;
  Duty duty_;
  std::mutex gate_;
  std::atomic<int> closed_{0};
  std::atomic<bool> stop_{false};
  std::atomic<bool> sleeping_{true};  ///< may be in epoll_wait with no time limit
  bool busy_ = false;
  std::thread thread_;
};

}  // namespace nezu::pfe
