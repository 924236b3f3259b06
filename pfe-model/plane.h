#pragma once
#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "pfe-model/fabric.h"
#include "pfe-model/pfe.h"
#include "pfe-model/sa_memory.h"
#include "pfe-model/tables.h"
#include "pfe-model/trace.h"

namespace nezu::pfe {

class Worker;

/// The whole forwarding plane: tables, PFEs and the workers that run them. Workers hold their gate
/// while they run a burst and leave it in between; change() closes all gates, so a change sees no
/// packet on its way (except on the fabric) and a packet sees no half change. No locks inside.
class Plane {
 public:
  /// `workers` threads; 0: none, whoever owns the plane runs the PFEs (tests, benchmarks).
  explicit Plane(unsigned workers);
  ~Plane();

  unsigned workers() const { return static_cast<unsigned>(workers_.size()); }

  /// Runs `change` while no worker runs. Changes are short: a burst waits for them.
  void change(const std::function<void()>& change);

  Tables tables;
  std::map<uint32_t, std::unique_ptr<Pfe>> pfes;
  SaMemory memory;

  /// Only inside change().
  Pfe& add_pfe(uint32_t id);
  void remove_pfe(uint32_t id);
  void touch() { dirty_ = true; }  ///< objects came, went or changed what they refer to
  bool dirty() const { return dirty_; }
  void link();  ///< does at once what touch() asks for, not waiting for the end

  /// The trace that runs or ran last, nullptr: none. Starting one replaces it. Only inside
  /// change().
  const Trace* trace() const { return trace_.get(); }
  void start_trace(Trace::Order order);
  void stop_trace();
  void forget_trace();

  /// Drops what waits in the ring of a port that was disabled, no more than one ring of it: more
  /// may come meanwhile, and all workers wait. Only inside change().
  void drain(Port& port);

  /// To be called before a wire or host descriptor is closed: init holds the same socket open, so
  /// closing ours does not end epoll's interest in it.
  void forget(int descriptor);

  /// Descriptor that becomes readable when PFEs have events; take_events clears it.
  int event_descriptor() const { return event_descriptor_.number(); }
  void take_events(const std::function<void(const Event&)>& visit);

  /// Wakes the workers of these PFEs (a bit each) if they sleep. Any worker.
  void wake(uint64_t pfes);
  void signal_events();

 private:
  friend class Worker;
  void settle();
  void assign();

  Fabric fabric_;
  std::vector<std::unique_ptr<Worker>> workers_;
  Descriptor event_descriptor_;
  bool dirty_ = false;
  std::unique_ptr<Trace> trace_;
  uint32_t last_traced_ = 0;  ///< number of a packet
};

}  // namespace nezu::pfe
