#include "pfe-model/plane.h"

#include <sys/eventfd.h>

#include <algorithm>

#include "pfe-model/duty.h"
#include "pfe-model/worker.h"

namespace nezu::pfe {

Plane::Plane(unsigned workers) : event_descriptor_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  for (unsigned i = 0; i < workers; ++i) workers_.push_back(std::make_unique<Worker>(*this));
}

Plane::~Plane() {
  workers_.clear();
  settle();
}

void Plane::change(const std::function<void()>& change) {
  for (auto& worker : workers_) worker->close_gate();
  change();
  link();
  ++tables.version;
  for (auto& worker : workers_) worker->open_gate();
}

void Plane::link() {
  if (!dirty_) return;
  tables.link();
  assign();
  dirty_ = false;
}

Pfe& Plane::add_pfe(uint32_t id) {
  auto& pfe = pfes[id];
  if (!pfe) {
    fabric_.add(id);
    pfe = std::make_unique<Pfe>(id, tables, fabric_);
    pfe->follow(trace_.get());
    touch();
  }
  return *pfe;
}

void Plane::remove_pfe(uint32_t id) {
  settle();
  // Its events go with it: SAs are to report again.
  if (const auto pfe = pfes.find(id); pfe != pfes.end() && !pfe->second->events().empty())
    for (auto& [key, sa] : tables.sas) sa->told = 0;
  pfes.erase(id);
  fabric_.remove(id);
  touch();
}

/// All buffers home. Twice: the first round sends empties to PFEs that had their turn already.
void Plane::settle() {
  for (int round = 0; round < 2; ++round)
    for (auto& [id, pfe] : pfes) pfe->settle();
}

/// Shares the PFEs out over the workers, each with the descriptors of its ports and interfaces.
void Plane::assign() {
  if (workers_.empty()) return;
  const auto count = static_cast<unsigned>(workers_.size());
  std::vector<Worker::Duty> duties(count);
  for (auto& [id, pfe] : pfes) duties[worker_of(id, count)].pfes.push_back(pfe.get());
  for (auto& [id, port] : tables.ports)
    if (port->enabled && port->wire && port->wire->descriptor() >= 0 && pfes.contains(port->pfe))
      duties[worker_of(port->pfe, count)].sources[port->wire->descriptor()] =
          Worker::port_source(id);
  for (auto& [index, interface] : tables.interfaces)
    if (interface->host && pfes.contains(interface->pfe))
      duties[worker_of(interface->pfe, count)].sources[interface->host.number()] =
          Worker::host_source(index);
  for (size_t i = 0; i < duties.size(); ++i) workers_[i]->assign(std::move(duties[i]));
}

void Plane::take_events(const std::function<void(const Event&)>& visit) {
  uint64_t count;
  (void)!::read(event_descriptor_.number(), &count, sizeof count);
  for (auto& [id, pfe] : pfes)
    for (Event event; pfe->events().pop(event);) visit(event);
}

void Plane::signal_events() {
  const uint64_t one = 1;
  (void)!::write(event_descriptor_.number(), &one, sizeof one);
}

void Plane::forget(int descriptor) {
  for (auto& worker : workers_) worker->forget(descriptor);
  touch();
}

void Plane::start_trace(Trace::Order order) {
  auto next = std::make_unique<Trace>(std::move(order), last_traced_);
  for (auto& [id, pfe] : pfes) pfe->follow(next.get());
  trace_ = std::move(next);
  last_traced_ = trace_->last();
}

void Plane::stop_trace() {
  if (trace_) trace_->stop();
}

void Plane::forget_trace() {
  for (auto& [id, pfe] : pfes) pfe->follow(nullptr);
  trace_.reset();
}

void Plane::drain(Port& port) {
  const auto pfe = pfes.find(port.pfe);
  if (pfe == pfes.end() || !port.wire) return;
  size_t left = port.wire->capacity();
  for (size_t taken = 1; taken > 0 && left > 0; left -= std::min(left, taken))
    taken = pfe->second->receive(port);
}

void Plane::wake(uint64_t pfes_sent_to) {
  for (uint32_t id = 0; pfes_sent_to != 0; ++id, pfes_sent_to >>= 1)
    if (pfes_sent_to & 1) workers_[worker_of(id, static_cast<unsigned>(workers_.size()))]->wake();
}

}  // namespace nezu::pfe
