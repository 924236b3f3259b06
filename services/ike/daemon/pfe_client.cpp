#include "services/ike/daemon/pfe_client.h"

#include <fmt/format.h>

namespace nezu::ike {

PfeClient::PfeClient(const std::string& path, Events events)
    : events_(std::move(events)),
      link_(path, {[this] { connected_to_plane(); }, [this](std::string_view f) { received(f); },
                   [this] { fail_all(); }}) {
  leave_.setSingleShot(true);
  leave_.callOnTimeout([this] { remove_left(); });
  wait_.setSingleShot(true);
  wait_.callOnTimeout([this] { run_waiting(); });
}

void PfeClient::start() {
  if (std::exchange(started_, true)) return;
  link_.open();
}

// SPIs of inbound SAs are ours; those of outbound SAs are drawn by each peer for itself.
PfeClient::SaKey PfeClient::key_of(const api::SecurityAssociation& sa) {
  const bool outbound = sa.direction() == api::SecurityAssociation::OUTBOUND;
  return {int(sa.direction()), sa.instance(), outbound ? sa.remote() : std::string(), sa.spi()};
}

void PfeClient::connected_to_plane() {
  api::Request request;
  request.mutable_hello()->set_owner(api::OWNER_IKED);
  request.mutable_hello()->set_client("nezu-iked");
  request.set_sequence(next_sequence_++);  // for the number of its threads
  link_.send(request);
  // SAs first: a tunnel names the one it sends on.
  for (const auto& [_, sa] : sas_) {
    api::SecurityAssociation each;
    each.ParseFromString(sa);
    send_sa(each.tunnel(), sa);
  }
  for (const auto& [id, tunnel] : tunnels_) send_tunnel(id, tunnel);
  request.mutable_end_of_sync();
  request.set_sequence(next_sequence_++);  // an answer tells that we understand each other
  link_.send(request);
  if (events_.up) events_.up();
}

// With a number, so that a refusal can be told from others'.
void PfeClient::send_for(std::uint32_t tunnel, api::Request& request) {
  request.set_sequence(next_sequence_++);
  if (link_.send(request)) unanswered_[request.sequence()] = tunnel;
}

void PfeClient::send_sa(std::uint32_t tunnel, const std::string& serialised) {
  api::Request request;
  request.mutable_sa()->ParseFromString(serialised);
  send_for(tunnel, request);
}

void PfeClient::send_tunnel(std::uint32_t id, const std::string& serialised) {
  api::Request request;
  request.mutable_tunnel()->ParseFromString(serialised);
  send_for(id, request);
}

void PfeClient::add(const api::SecurityAssociation& sa) {
  std::string serialised = sa.SerializeAsString();
  std::string& mine = sas_[key_of(sa)];
  if (mine == serialised) return;
  mine = std::move(serialised);
  send_sa(sa.tunnel(), mine);
}

void PfeClient::remove(const api::SecurityAssociation& sa) {
  const auto found = sas_.find(key_of(sa));
  if (found == sas_.end()) return;
  api::SecurityAssociation mine;
  mine.ParseFromString(found->second);
  if (mine.generation() != sa.generation()) return;
  sas_.erase(found);
  api::Request request;
  *request.mutable_remove()->mutable_sa() = sa;
  request.mutable_remove()->mutable_sa()->clear_key();
  request.mutable_remove()->mutable_sa()->clear_salt();
  link_.send(request);
}

void PfeClient::remove_later(const api::SecurityAssociation& sa) {
  leaving_.push_back({std::chrono::steady_clock::now() + kLinger, sa});
  if (!leave_.isActive()) leave_.start(kLinger);
}

void PfeClient::remove_left() {
  const auto now = std::chrono::steady_clock::now();
  for (; !leaving_.empty() && leaving_.front().due <= now; leaving_.pop_front())
    remove(leaving_.front().sa);
  if (leaving_.empty()) return;
  leave_.start(std::chrono::ceil<std::chrono::milliseconds>(leaving_.front().due - now));
}

void PfeClient::when_answered(std::function<void()> then) {
  if (unanswered_.empty()) return then();
  waiting_.push_back(
      {unanswered_.rbegin()->first, std::chrono::steady_clock::now() + kPatience, std::move(then)});
  if (!wait_.isActive()) wait_.start(kPatience);
}

void PfeClient::run_waiting() {
  const auto now = std::chrono::steady_clock::now();
  const auto is_due = [&](const Waiting& each) {
    return unanswered_.empty() || each.sequence < unanswered_.begin()->first || each.until <= now;
  };
  while (!waiting_.empty() && is_due(waiting_.front())) {
    const auto then = std::move(waiting_.front().then);
    waiting_.pop_front();
    then();
  }
  if (waiting_.empty()) return wait_.stop();
  wait_.start(std::chrono::ceil<std::chrono::milliseconds>(waiting_.front().until - now));
}

void PfeClient::set(const api::Tunnel& tunnel) {
  std::string serialised = tunnel.SerializeAsString();
  std::string& mine = tunnels_[tunnel.id()];
  if (mine == serialised) return;
  mine = std::move(serialised);
  send_tunnel(tunnel.id(), mine);
}

void PfeClient::remove_tunnel(std::uint32_t id) {
  if (tunnels_.erase(id) == 0) return;
  api::Request request;
  request.mutable_remove()->mutable_tunnel()->set_id(id);
  link_.send(request);
}

std::optional<api::Tunnel> PfeClient::tunnel(std::uint32_t id) const {
  const auto found = tunnels_.find(id);
  if (found == tunnels_.end()) return std::nullopt;
  api::Tunnel tunnel;
  tunnel.ParseFromString(found->second);
  return tunnel;
}

void PfeClient::statistics(const api::GetStatistics& wanted, StatisticsSink done) {
  const std::uint64_t sequence = next_sequence_++;
  api::Request request;
  request.set_sequence(sequence);
  *request.mutable_get_statistics() = wanted;
  if (!link_.send(request)) return done(nullptr);
  Query& query = queries_[sequence];
  query.done = std::move(done);
  query.deadline = std::make_unique<QTimer>();
  query.deadline->setSingleShot(true);
  query.deadline->callOnTimeout([this, sequence] { finish(sequence, nullptr); });
  query.deadline->start(kQueryTimeout);
}

void PfeClient::clear_statistics(std::uint32_t tunnel) {
  api::Request request;
  request.mutable_clear_statistics()->set_tunnel(tunnel);
  link_.send(request);
}

void PfeClient::received(std::string_view frame) {
  api::Reply reply;
  if (!reply.ParseFromArray(frame.data(), int(frame.size()))) return link_.reset();
  link_.settled();
  if (reply.has_event()) return events_.happened(reply.event());
  if (reply.has_response()) answered(reply.response());
}

void PfeClient::answered(const api::Response& response) {
  if (!response.error().empty())
    fmt::print(stderr, "nezu-iked: forwarding plane: {}\n", response.error());
  if (response.workers() != 0) workers_ = response.workers();
  const auto asked = unanswered_.extract(response.sequence());
  if (asked && !response.error().empty() && events_.refused)
    events_.refused(asked.mapped(), response.error());
  finish(response.sequence(), response.error().empty() ? &response.statistics() : nullptr);
  if (!waiting_.empty()) run_waiting();
}

void PfeClient::finish(std::uint64_t sequence, const api::Statistics* statistics) {
  auto node = queries_.extract(sequence);
  if (!node) return;
  node.mapped().deadline.release()->deleteLater();  // it may be what called us
  node.mapped().done(statistics);
}

void PfeClient::fail_all() {
  unanswered_.clear();
  auto queries = std::exchange(queries_, {});
  for (auto& [_, query] : queries) query.done(nullptr);
  run_waiting();
}

}  // namespace nezu::ike
