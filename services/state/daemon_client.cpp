#include "services/state/daemon_client.h"

#include <fmt/format.h>

#include <algorithm>

namespace nezu::state {
namespace {

void copy(const configdb::Problem& from, channel::Problem& to) {
  for (const auto& word : from.path) to.add_path(word);
  to.set_statement(from.statement);
  to.set_message(from.message);
  to.set_warning(from.warning);
}

}  // namespace

/// Sends what a show writes to the RE in pieces.
class DaemonClient::ChannelReply final : public mgmt::Reply {
 public:
  ChannelReply(std::weak_ptr<DaemonClient*> client, uint64_t connection, uint64_t id)
      : client_(std::move(client)), connection_(connection), id_(id) {}
  ~ChannelReply() override {
    if (!done_) fail("no answer");
  }

  void open(std::string_view name) override { add(channel::OutputEvent::OPEN, name, {}); }
  void leaf(std::string_view name, std::string_view value) override {
    add(channel::OutputEvent::LEAF, name, value);
  }
  void close() override { add(channel::OutputEvent::CLOSE, {}, {}); }
  void message(std::string_view text) override { add(channel::OutputEvent::LEAF, {}, text); }
  void fail(std::string_view message) override { end(message.empty() ? "failed" : message); }
  void finish() override { end({}); }
  bool cancelled() const override {
    const auto client = client_.lock();
    return !client || !(*client)->connected() || (*client)->connection_ != connection_;
  }

 private:
  static constexpr int kPiece = 500;  ///< events a message

  void add(channel::OutputEvent::Kind kind, std::string_view name, std::string_view value) {
    auto& event = *piece().add_event();
    event.set_kind(kind);
    event.set_name(std::string(name));
    event.set_value(std::string(value));
    if (piece().event_size() >= kPiece) flush();
  }
  channel::RpcOutput& piece() { return *message_.mutable_rpc_output(); }
  void flush() {
    piece().set_id(id_);
    if (!cancelled()) (*client_.lock())->link_.send(message_);
    message_.Clear();
  }
  void end(std::string_view error) {
    if (std::exchange(done_, true)) return;
    piece().set_done(true);
    piece().set_error(std::string(error));
    flush();
  }

  std::weak_ptr<DaemonClient*> client_;
  uint64_t connection_;
  uint64_t id_;
  bool done_ = false;
  channel::Message message_;
};

DaemonClient::DaemonClient(const std::string& path, channel::Hello hello, configdb::View empty,
                           ReadLines read, Handlers handlers)
    : hello_(std::move(hello)),
      empty_(std::move(empty)),
      read_(std::move(read)),
      handlers_(std::move(handlers)),
      link_(path, {[this] { connected_to_re(); }, [this](std::string_view f) { received(f); },
                   [this] { ++connection_; }}) {
  for (const auto& [rpc, _] : handlers_.rpcs) hello_.add_rpc(rpc);
}

void DaemonClient::connected_to_re() {
  channel::Message message;
  *message.mutable_hello() = hello_;
  link_.send(message);
  for (const auto& [name, rows] : own_) {
    channel::Table& whole = *message.mutable_table();
    whole.Clear();
    whole.set_name(name);
    whole.set_whole(true);
    for (const auto& [_, row] : rows) *whole.add_row() = row;
    link_.send(message);
  }
}

void DaemonClient::received(std::string_view frame) {
  channel::Message message;
  if (!message.ParseFromArray(frame.data(), int(frame.size()))) return link_.reset();
  switch (message.body_case()) {
    case channel::Message::kCheck:
      return check(message.check());
    case channel::Message::kApply:
      return apply(message.apply().configuration());
    case channel::Message::kTable:
      return table(message.table());
    case channel::Message::kRpcRequest:
      return call(message.rpc_request());
    default:
      return link_.reset();
  }
}

// If it does not, connecting anew brings the whole.
bool DaemonClient::builds_on_ours(const channel::Configuration& configuration) const {
  if (configuration.whole()) return true;
  return configuration.base() == revision_ && (configured_ || configuration.base() == 0);
}

configdb::View DaemonClient::read(const channel::Configuration& configuration,
                                  std::string& problem) const {
  const bool anew = configuration.whole() || !configured_;
  return read_(anew ? empty_ : replica_, configuration.line(), problem);
}

void DaemonClient::check(const channel::Check& check) {
  if (!builds_on_ours(check.configuration())) return link_.reset();
  channel::Message message;
  message.mutable_check_reply()->set_ticket(check.ticket());
  std::string problem;
  const configdb::View after = read(check.configuration(), problem);
  if (after) {
    const configdb::Delta delta(check.configuration().revision(), replica_, after);
    for (const auto& each : handlers_.check(delta))
      copy(each, *message.mutable_check_reply()->add_problem());
  } else {
    copy({{}, hello_.daemon(), "daemon cannot read its configuration: " + problem, false},
         *message.mutable_check_reply()->add_problem());
  }
  link_.send(message);
}

void DaemonClient::reject(const channel::Configuration& configuration, const std::string& problem) {
  fmt::print(stderr, "nezu-{}: revision {} of the configuration is not taken: {}\n",
             hello_.daemon(), configuration.revision(), problem);
  channel::Message message;
  message.mutable_rejected()->set_revision(configuration.revision());
  message.mutable_rejected()->set_problem(problem);
  link_.send(message);
}

void DaemonClient::apply(const channel::Configuration& configuration) {
  if (!builds_on_ours(configuration)) return link_.reset();
  std::string problem;
  const configdb::View after = read(configuration, problem);
  if (!after) return reject(configuration, problem);
  link_.settled();
  const configdb::Delta delta(configuration.revision(), replica_, after);
  replica_ = after;
  revision_ = configuration.revision();
  configured_ = true;
  handlers_.apply(delta);
  channel::Message message;
  message.mutable_apply_reply()->set_revision(revision_);
  link_.send(message);
}

void DaemonClient::table(const channel::Table& change) {
  tables_.publish("re", change);
  if (handlers_.table) handlers_.table(change);
}

void DaemonClient::call(const channel::RpcRequest& request) {
  auto reply = std::make_shared<ChannelReply>(self_, connection_, request.id());
  const auto found = handlers_.rpcs.find(request.rpc());
  if (found == handlers_.rpcs.end()) return reply->fail("unknown command " + request.rpc());
  mgmt::Input input;
  for (const auto& [name, value] : request.input()) input[name] = value;
  found->second(input, reply);
}

void DaemonClient::log(std::string_view tag, std::string_view text) {
  if (!link_.is_up()) return;
  channel::Message message;
  message.mutable_log()->set_tag(std::string(tag));
  message.mutable_log()->set_text(std::string(text));
  link_.send(message);
}

void DaemonClient::publish(const channel::Table& change) {
  Rows& rows = own_[change.name()];
  if (change.whole()) rows.clear();
  for (const auto& key : change.removed()) rows.erase(key);
  for (const auto& row : change.row()) rows[row.key()] = row;
  channel::Message message;
  *message.mutable_table() = change;
  link_.send(message);
}

}  // namespace nezu::state
