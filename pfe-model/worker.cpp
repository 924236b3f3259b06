#include "pfe-model/worker.h"

#include <pthread.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include <cstdint>

#include "pfe-model/clock.h"
#include "pfe-model/plane.h"

namespace nezu::pfe {

namespace {

constexpr int kEvents = 64;
constexpr int kRounds = 4;  // packets that go over three PFEs of one worker need no extra turn

// What an epoll event carries: a kind in the upper half, a number in the lower. Numbers and not
// pointers, for the object may be gone by the time the event is looked at.
constexpr uint64_t kPort = uint64_t{1} << 32;
constexpr uint64_t kHost = uint64_t{2} << 32;
constexpr uint64_t kWakeup = uint64_t{3} << 32;

}  // namespace

uint64_t Worker::port_source(uint32_t id) {
  return kPort | id;
}
uint64_t Worker::host_source(uint32_t index) {
  return kHost | index;
}

Worker::Worker(Plane& plane)
    : plane_(plane),
      epoll_(::epoll_create1(EPOLL_CLOEXEC)),
      wakeup_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.u64 = kWakeup;
  ::epoll_ctl(epoll_.number(), EPOLL_CTL_ADD, wakeup_.number(), &event);
  thread_ = std::thread([this] { loop(); });
  ::pthread_setname_np(thread_.native_handle(), "pfe-worker");
}

Worker::~Worker() {
  stop_ = true;
  const uint64_t one = 1;
  (void)!::write(wakeup_.number(), &one, sizeof one);
  thread_.join();
}

void Worker::close_gate() {
  closed_.store(1);
  gate_.lock();
}

void Worker::open_gate() {
  closed_.store(0);
  gate_.unlock();
  closed_.notify_all();
}

/// The mutex alone would let a busy worker take it again and again before the control thread.
void Worker::enter() {
  while (closed_.load() != 0) closed_.wait(1);
  gate_.lock();
}

void Worker::assign(Duty duty) {
  for (const auto& [descriptor, source] : duty_.sources)
    if (!duty.sources.contains(descriptor) || duty.sources[descriptor] != source)
      ::epoll_ctl(epoll_.number(), EPOLL_CTL_DEL, descriptor, nullptr);
  for (const auto& [descriptor, source] : duty.sources) {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.u64 = source;
    ::epoll_ctl(epoll_.number(), EPOLL_CTL_ADD, descriptor, &event);
  }
  duty_ = std::move(duty);
  wake();
}

void Worker::forget(int descriptor) {
  if (duty_.sources.erase(descriptor) > 0)
    ::epoll_ctl(epoll_.number(), EPOLL_CTL_DEL, descriptor, nullptr);
}

void Worker::wake() {
  std::atomic_thread_fence(std::memory_order_seq_cst);
  if (!sleeping_.exchange(false)) return;
  const uint64_t one = 1;
  (void)!::write(wakeup_.number(), &one, sizeof one);
}

void Worker::loop() {
  epoll_event events[kEvents];
  while (!stop_) {
    const int count = ::epoll_wait(epoll_.number(), events, kEvents, busy_ ? 0 : -1);
    sleeping_.store(false);
    enter();
    turn(events, count);
    // Announce first, look second: whoever pushes after the look sees the announcement.
    sleeping_.store(true);
    std::atomic_thread_fence(std::memory_order_seq_cst);
    busy_ = waiting();
    if (busy_) sleeping_.store(false);
    leave();
  }
}

void Worker::turn(const epoll_event* events, int count) {
  const uint64_t time = monotonic_now();
  for (Pfe* pfe : duty_.pfes) pfe->begin(time);
  for (int i = 0; i < count; ++i) {
    if (events[i].events & (EPOLLERR | EPOLLHUP)) clear_error(events[i].data.u64);
    serve(events[i].data.u64);
  }
  for (Pfe* pfe : duty_.pfes) pfe->finish();
  for (int i = 0; i < kRounds && waiting(); ++i)
    for (Pfe* pfe : duty_.pfes) {
      pfe->receive_fabric();
      pfe->finish();
    }
  pass_on();
}

void Worker::serve(uint64_t source) {
  const auto number = static_cast<uint32_t>(source);
  if ((source & kWakeup) == kWakeup) {
    uint64_t count;
    (void)!::read(wakeup_.number(), &count, sizeof count);
  } else if (source & kPort) {
    const auto port = plane_.tables.ports.find(number);
    if (port == plane_.tables.ports.end()) return;
    const auto pfe = plane_.pfes.find(port->second->pfe);
    if (pfe != plane_.pfes.end()) pfe->second->receive(*port->second);
  } else if (Interface* interface = plane_.tables.interface(number)) {
    const auto pfe = plane_.pfes.find(interface->pfe);
    if (pfe != plane_.pfes.end() && interface->host) pfe->second->receive_host(*interface);
  }
}

/// A wire that went down says so until it has been asked; a send may have asked before us, so that
/// nothing is left to be read is no sign of its end. A host device that is gone, and cannot be
/// asked, would go on for ever.
void Worker::clear_error(uint64_t source) {
  for (const auto& [descriptor, what] : duty_.sources) {
    if (what != source) continue;
    int error = 0;
    socklen_t size = sizeof error;
    ::getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error, &size);
    if (!(source & kPort)) forget(descriptor);
    return;
  }
}

/// Tells the others what this turn made for them.
void Worker::pass_on() {
  uint64_t sent_to = 0;
  bool events = false;
  for (Pfe* pfe : duty_.pfes) {
    sent_to |= pfe->take_sent_to();
    events |= pfe->take_events_pending();
  }
  if (sent_to != 0) plane_.wake(sent_to);
  if (events) plane_.signal_events();
}

bool Worker::waiting() const {
  for (const Pfe* pfe : duty_.pfes)
    if (pfe->fabric_waiting()) return true;
  return false;
}

}  // namespace nezu::pfe
