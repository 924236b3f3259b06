#include "services/mgmt/resolver.h"

#include <arpa/inet.h>
#include <netdb.h>

#include <deque>
#include <map>
#include <mutex>
#include <system_error>
#include <thread>

namespace nezu::mgmt {
namespace {
std::string by_machine(const std::string& address) {
  sockaddr_in v4{};
  sockaddr_in6 v6{};
  v4.sin_family = AF_INET;
  v6.sin6_family = AF_INET6;
  const bool is_v4 = inet_pton(AF_INET, address.c_str(), &v4.sin_addr) == 1;
  if (!is_v4 && inet_pton(AF_INET6, address.c_str(), &v6.sin6_addr) != 1) return "";
  const auto* where =
      is_v4 ? reinterpret_cast<const sockaddr*>(&v4) : reinterpret_cast<const sockaddr*>(&v6);
  char name[NI_MAXHOST];
  const int failed =
      getnameinfo(where, is_v4 ? sizeof v4 : sizeof v6, name, sizeof name, nullptr, 0, NI_NAMEREQD);
  return failed ? "" : name;
}
}  // namespace

// Shared with the threads, which may outlive the Resolver by the time of one question.
struct Resolver::State {
  explicit State(Ask how) : ask(std::move(how)) {}

  const Ask ask;
  std::mutex mutex;
  std::map<std::string, std::optional<std::string>> names;
  std::deque<std::string> waiting;
  size_t threads = 0;
  bool given_up = false;

  // Until nothing waits.
  void work() {
    std::unique_lock lock(mutex);
    while (!given_up && !waiting.empty()) {
      const std::string address = std::move(waiting.front());
      waiting.pop_front();
      lock.unlock();
      std::string name = ask(address);
      lock.lock();
      names[address] = std::move(name);
    }
    --threads;
  }
};

Resolver::Resolver(Ask ask) : state_(std::make_shared<State>(ask ? std::move(ask) : by_machine)) {}

Resolver::~Resolver() {
  if (!state_) return;
  const std::lock_guard lock(state_->mutex);
  state_->given_up = true;
}

std::optional<std::string> Resolver::name_of(const std::string& address) {
  const std::lock_guard lock(state_->mutex);
  const auto known = state_->names.find(address);
  if (known != state_->names.end()) return known->second;
  if (state_->names.size() >= kMost) return "";
  state_->names.emplace(address, std::nullopt);
  state_->waiting.push_back(address);
  if (state_->threads >= kThreads) return std::nullopt;
  try {
    ++state_->threads;
    std::thread([state = state_] { state->work(); }).detach();
  } catch (const std::system_error&) {  // the machine has no thread for us
    --state_->threads;
    return "";
  }
  return std::nullopt;
}

}  // namespace nezu::mgmt
