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
  using Clock = std::chrono::steady_clock;
  struct Known {
    std::optional<std::string> name;  ///< nullopt: it is asked for
    Clock::time_point since;
    bool fresh(Clock::time_point now) const {
      return !name || now - since < (name->empty() ? kNothingLasts : kNamesLast);
    }
  };

  explicit State(Ask how) : ask(std::move(how)) {}

  const Ask ask;
  std::mutex mutex;
  std::map<std::string, Known> names;
  std::deque<std::string> waiting, told;  ///< oldest first
  size_t threads = 0;
  bool given_up = false;

  // Until nothing waits.
  void work() {
    std::unique_lock lock(mutex);
    while (!given_up && !waiting.empty()) {
      const std::string address = std::move(waiting.front());
      waiting.pop_front();
      if (Clock::now() - names[address].since > kPatience) {
        names.erase(address);  // nobody waits for it any more
        continue;
      }
      lock.unlock();
      std::string name = ask(address);
      lock.lock();
      remember(address, std::move(name));
    }
    --threads;
  }

  void remember(const std::string& address, std::string name) {
    names[address] = {std::move(name), Clock::now()};
    told.push_back(address);
    if (told.size() <= kMostKnown) return;
    const auto oldest = names.find(told.front());
    if (oldest != names.end() && oldest->second.name) names.erase(oldest);
    told.pop_front();
  }

  // False: nobody can ask for it now.
  bool wait_for(const std::string& address) {
    if (waiting.size() >= kMostAsked) return false;
    names[address] = {std::nullopt, Clock::now()};
    waiting.push_back(address);
    return true;
  }
};

Resolver::Resolver(Ask ask) : state_(std::make_shared<State>(ask ? std::move(ask) : by_machine)) {}

Resolver::~Resolver() {
  const std::lock_guard lock(state_->mutex);
  state_->given_up = true;
}

std::optional<std::string> Resolver::name_of(const std::string& address) {
  const std::lock_guard lock(state_->mutex);
  const auto known = state_->names.find(address);
  if (known != state_->names.end() && known->second.fresh(State::Clock::now()))
    return known->second.name;
  if (!state_->wait_for(address)) return "";
  if (state_->threads >= kThreads) return std::nullopt;
  try {
    ++state_->threads;
    std::thread([state = state_] { state->work(); }).detach();
  } catch (const std::system_error&) {  // the machine has no thread for us
    --state_->threads;
    if (state_->threads > 0) return std::nullopt;
    state_->waiting.pop_back();
    state_->names.erase(address);
    return "";
  }
  return std::nullopt;
}

}  // namespace nezu::mgmt
