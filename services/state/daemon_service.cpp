#include "services/state/daemon_service.h"

#include <fmt/format.h>

#include <algorithm>

#include "services/state/lines.h"

namespace nezu::state {
namespace {

configdb::Problem problem_from(const channel::Problem& message) {
  configdb::Problem problem;
  problem.path.assign(message.path().begin(), message.path().end());
  problem.statement = message.statement();
  problem.message = message.message();
  problem.warning = message.warning();
  return problem;
}

// It may be what called us, and must not go before it returns; nor must it call again.
void retire(std::unique_ptr<QTimer>& timer) {
  timer->stop();
  timer.release()->deleteLater();
}

}  // namespace

DaemonService::DaemonService(Declaration declaration) : declared_(std::move(declaration)) {}

DaemonService::~DaemonService() = default;

std::unique_ptr<QTimer> DaemonService::timer(std::chrono::milliseconds after,
                                             std::function<void()> then) {
  auto timer = std::make_unique<QTimer>();
  timer->setSingleShot(true);
  timer->callOnTimeout(std::move(then));
  timer->start(after);
  return timer;
}

channel::Configuration DaemonService::change_to(const configdb::Delta& delta) const {
  channel::Configuration configuration;
  configuration.set_revision(delta.revision());
  configuration.set_base(revision_);
  configuration.set_whole(!in_step_);
  const configdb::View base = in_step_ ? current_ : configdb::View();
  for (auto& line : change_lines(base, delta.after(), declared_.claims))
    configuration.add_line(std::move(line));
  return configuration;
}

void DaemonService::check(const configdb::Delta& delta,
                          std::function<void(configdb::Problems)> done) {
  if (!socket_) return check_here(delta, done);
  const bool told = in_step_ || !rejected_.empty();
  if (told && change_lines(current_, delta.after(), declared_.claims).empty())
    return done(standing_problems());
  const uint64_t ticket = next_id_++;
  channel::Message message;
  message.mutable_check()->set_ticket(ticket);
  *message.mutable_check()->mutable_configuration() = change_to(delta);
  auto deadline = timer(declared_.check_timeout, [this, ticket] { check_timed_out(ticket); });
  checks_.emplace(ticket, PendingCheck{delta, std::move(done), std::move(deadline)});
  socket_->send(message);
}

// What every commit is told as long as it lasts.
configdb::Problems DaemonService::standing_problems() const {
  if (rejected_.empty()) return {};
  return {{{}, declared_.name, "daemon does not take its configuration: " + rejected_, true}};
}

void DaemonService::check_here(const configdb::Delta& delta,
                               const std::function<void(configdb::Problems)>& done) {
  configdb::Problems problems;
  if (declared_.check) problems = declared_.check(delta);
  // At boot nobody is here yet, and nothing is late.
  if (current_ && !change_lines(current_, delta.after(), declared_.claims).empty())
    problems.push_back(
        {{},
         "security",
         fmt::format("{} is not running; it takes the change over when it is back", declared_.name),
         true});
  done(std::move(problems));
}

void DaemonService::check_timed_out(uint64_t ticket) {
  auto node = checks_.extract(ticket);
  if (!node) return;
  retire(node.mapped().timer);
  cut_off();  // the next commit need not find out again
  configdb::Problems problems;
  if (declared_.check) problems = declared_.check(node.mapped().delta);
  problems.push_back({{},
                      declared_.name,
                      "daemon did not answer the check in time and is restarted; it takes the "
                      "change over when it is back",
                      true});
  node.mapped().done(std::move(problems));
}

void DaemonService::checked(const channel::CheckReply& reply) {
  auto node = checks_.extract(reply.ticket());
  if (!node) return;  // came too late
  configdb::Problems problems;
  for (const auto& problem : reply.problem()) problems.push_back(problem_from(problem));
  node.mapped().done(std::move(problems));
}

void DaemonService::apply(const configdb::Delta& delta, std::function<void()> done) {
  channel::Message message;
  if (socket_) *message.mutable_apply()->mutable_configuration() = change_to(delta);
  const bool concerned = !in_step_ || message.apply().configuration().line_size() > 0;
  const bool had_all = taken_ == revision_;
  current_ = delta.after();
  revision_ = delta.revision();
  if (!socket_) return done();
  in_step_ = true;
  auto deadline = timer(declared_.apply_timeout, [this] { cut_off(); });
  applies_.push_back({revision_, concerned ? done : [] {}, std::move(deadline)});
  socket_->send(message);
  // The revision moves on all the same, or the next change would not build on this one.
  if (concerned) return;
  if (had_all) taken_ = revision_;
  done();
}

void DaemonService::applied(uint64_t revision) {
  rejected_.clear();
  taken_ = std::max(taken_.value_or(0), std::min(revision, revision_));
  finish_applies(revision);
}

void DaemonService::finish_applies(uint64_t revision) {
  std::vector<PendingApply> finished;
  for (auto it = applies_.begin(); it != applies_.end() && it->revision <= revision;) {
    finished.push_back(std::move(*it));
    it = applies_.erase(it);
  }
  for (auto& apply : finished) apply.done();
}

void DaemonService::attach(FramedSocket* socket) {
  detach();
  socket_ = socket;
  in_step_ = false;
  rejected_.clear();
  if (!current_) return;  // nothing is committed yet; the boot commit will come by apply()
  channel::Message message;
  *message.mutable_apply()->mutable_configuration() =
      change_to(configdb::Delta(revision_, current_, current_));
  in_step_ = true;
  socket_->send(message);
}

void DaemonService::rejected(const channel::Rejected& message) {
  rejected_ = message.problem().empty() ? "no reason given" : message.problem();
  fmt::print(stderr, "nezu-re: {} does not take revision {} of its configuration: {}\n",
             declared_.name, message.revision(), rejected_);
  in_step_ = false;
  finish_applies(message.revision());
}

// Whoever waits for the daemon is answered without it.
void DaemonService::detach() {
  socket_ = nullptr;
  taken_.reset();
  for (auto& [_, check] : std::exchange(checks_, {})) check_here(check.delta, check.done);
  for (auto& apply : std::exchange(applies_, {})) {
    retire(apply.timer);
    apply.done();
  }
  auto calls = std::exchange(calls_, {});
  for (auto& [_, call] : calls) call.reply->fail(declared_.name + " has stopped");
}

std::string DaemonService::behind() const {
  if (!current_ || taken_ == revision_) return {};
  const std::string revision = "revision " + std::to_string(revision_);
  if (!socket_) return "is not running; it takes " + revision + " when it is back";
  if (!rejected_.empty()) return "does not take " + revision + ": " + rejected_;
  return "has not taken " + revision + " yet";
}

// One that is stuck is no use to anybody: it starts over with the whole configuration.
void DaemonService::cut_off() {
  reset();
  if (restart_) restart_();
}

void DaemonService::reset() {
  fmt::print(stderr, "nezu-re: {} does not answer, the connection is cut\n", declared_.name);
  if (reset_) reset_();
}

void DaemonService::handle(const channel::Message& message) {
  switch (message.body_case()) {
    case channel::Message::kCheckReply:
      return checked(message.check_reply());
    case channel::Message::kApplyReply:
      return applied(message.apply_reply().revision());
    case channel::Message::kRejected:
      return rejected(message.rejected());
    case channel::Message::kRpcOutput:
      return output(message.rpc_output());
    default:
      return reset();
  }
}

std::function<void(const mgmt::Input&, std::shared_ptr<mgmt::Reply>)> DaemonService::forward(
    std::string rpc) {
  return
      [this, rpc = std::move(rpc)](const mgmt::Input& input, std::shared_ptr<mgmt::Reply> reply) {
        call(rpc, input, std::move(reply));
      };
}

void DaemonService::call(const std::string& rpc, const mgmt::Input& input,
                         std::shared_ptr<mgmt::Reply> reply) {
  if (!socket_) return reply->fail(declared_.name + " is not running");
  if (calls_.size() >= kMaxCalls) return reply->fail(declared_.name + " is busy");
  const uint64_t id = next_id_++;
  channel::Message message;
  message.mutable_rpc_request()->set_id(id);
  message.mutable_rpc_request()->set_rpc(rpc);
  for (const auto& [name, value] : input)
    (*message.mutable_rpc_request()->mutable_input())[name] = value;
  auto deadline = timer(declared_.rpc_timeout,
                        [this, id] { end_call(id, declared_.name + " does not answer"); });
  calls_.emplace(id, Call{std::move(reply), 0, std::move(deadline)});
  socket_->send(message);
}

void DaemonService::output(const channel::RpcOutput& output) {
  const auto found = calls_.find(output.id());
  if (found == calls_.end()) return;  // given up
  Call& call = found->second;
  call.timer->start();
  for (const auto& event : output.event()) write(call, event);
  if (output.done()) end_call(output.id(), output.error());
}

void DaemonService::write(Call& call, const channel::OutputEvent& event) {
  if (call.reply->cancelled()) return;
  if (event.kind() == channel::OutputEvent::OPEN) {
    ++call.depth;
    call.reply->open(event.name());
  } else if (event.kind() == channel::OutputEvent::CLOSE) {
    if (call.depth-- > 0) call.reply->close();
  } else if (event.name().empty()) {
    call.reply->message(event.value());
  } else {
    call.reply->leaf(event.name(), event.value());
  }
}

void DaemonService::end_call(uint64_t id, const std::string& error) {
  auto node = calls_.extract(id);
  if (!node) return;
  Call& call = node.mapped();
  retire(call.timer);
  for (; call.depth > 0; --call.depth) call.reply->close();
  if (error.empty()) return call.reply->finish();
  call.reply->fail(error);
}

}  // namespace nezu::state
