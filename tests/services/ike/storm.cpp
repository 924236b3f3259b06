#include "tests/services/ike/storm.h"

#include <algorithm>

namespace nezu::ike::test {

Storm::Storm(TwoPeers& net, Weather weather, unsigned seed)
    : net_(net), weather_(weather), random_(seed) {}

unsigned Storm::draw(unsigned below) {
  return static_cast<unsigned>(random_() % below);
}

void Storm::launch(const Datagram& datagram, bool to_a) {
  const Time delay = 1 + draw(static_cast<unsigned>(weather_.delay));
  under_way_.push({net_.now + delay, ++order_, to_a, datagram});
}

void Storm::collect(Peer& from, bool to_a) {
  while (!from.wire.empty()) {
    Datagram datagram = net_.take(from);
    if (past_.size() < 4096) past_.emplace_back(to_a, datagram);
    if (draw(100) < weather_.old) {
      const auto& [old_to_a, old] = past_[draw(static_cast<unsigned>(past_.size()))];
      launch(old, old_to_a);
    }
    if (draw(100) < weather_.twice) launch(datagram, to_a);
    if (draw(100) < weather_.bent) {
      Datagram bent = datagram;
      bent.bytes[draw(static_cast<unsigned>(bent.bytes.size()))] ^= 1u << draw(8);
      launch(bent, to_a);
    }
    if (draw(100) >= weather_.loss) launch(datagram, to_a);
  }
}

void Storm::arrive(const Arrival& arrival) {
  Peer& to = arrival.to_a ? net_.a : net_.b;
  const std::size_t before = to.events.size();
  net_.deliver(to, arrival.datagram);
  const Header header = parse_header(arrival.datagram.bytes);
  std::string line = std::to_string(net_.now) + " to " + to.name + " exchange " +
                     std::to_string(int(header.exchange)) +
                     (header.response ? " response " : " request ") +
                     std::to_string(header.message) + " of " + std::to_string(header.spi_i % 1000);
  for (std::size_t i = before; i < to.events.size(); ++i) line += "; " + to.events[i];
  diary_.push_back(std::move(line));
  if (diary_.size() > 60) diary_.pop_front();
}

std::string Storm::diary() const {
  std::string text;
  for (const std::string& line : diary_) text += line + '\n';
  return text;
}

Time Storm::next_event(Time end) const {
  Time next = end;
  for (const Peer* peer : {&net_.a, &net_.b})
    next = std::min(next, peer->next_timeout.value_or(end));
  if (!under_way_.empty()) next = std::min(next, under_way_.top().at);
  return std::max(next, net_.now + 1);
}

void Storm::pass(Time span, const std::function<void()>& check) {
  const Time end = net_.now + span;
  while (true) {
    collect(net_.a, false);
    collect(net_.b, true);
    const Time next = next_event(end);
    if (next > end) return;
    net_.now = next;
    for (Peer* peer : {&net_.a, &net_.b})
      if (peer->next_timeout && *peer->next_timeout <= next)
        peer->act(peer->table->timeout(next), next);
    while (!under_way_.empty() && under_way_.top().at <= next) {
      const Arrival arrival = under_way_.top();
      under_way_.pop();
      arrive(arrival);
      if (check) check();
    }
    if (check) check();
    if (next == end) return;
  }
}

}  // namespace nezu::ike::test
