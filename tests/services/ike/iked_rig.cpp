#include "tests/services/ike/iked_rig.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <QTimer>
#include <csignal>
#include <cstdlib>

#include "services/ike/engine/layout.h"
#include "services/ike/settings/check.h"
#include "services/ike/settings/settings.h"
#include "tests/services/state/configuration.h"
#include "tests/services/state/loop.h"

namespace nezu::ike {
namespace {

using state::run_until;

// An answer as text, by the command's layout.
class TextReply final : public mgmt::Reply {
 public:
  explicit TextReply(const grammar::Layout* layout) {
    if (layout)
      output_ = grammar::text_output(*layout, [this](std::string_view piece) { text += piece; });
  }
  void open(std::string_view name) override { output_->open(name); }
  void leaf(std::string_view name, std::string_view value) override { output_->leaf(name, value); }
  void close() override { output_->close(); }
  void message(std::string_view line) override { text += std::string(line) + '\n'; }
  void fail(std::string_view message) override {
    text += "error: " + std::string(message) + '\n';
    done = true;
  }
  void finish() override { done = true; }
  bool cancelled() const override { return false; }

  std::string text;
  bool done = false;

 private:
  std::unique_ptr<grammar::Output> output_;
};

[[noreturn]] void become_iked(const std::string& name_space, int memory,
                              const std::string& directory, int ahead) {
  const int net = open(("/var/run/netns/" + name_space).c_str(), O_RDONLY | O_CLOEXEC);
  if (net < 0 || setns(net, CLONE_NEWNET) != 0) _exit(9);
  if (ahead != 0) {
    const std::string offset = "boottime " + std::to_string(ahead) + " 0\n";
    const int file =
        unshare(CLONE_NEWTIME) == 0 ? open("/proc/self/timens_offsets", O_WRONLY | O_CLOEXEC) : -1;
    if (file < 0 || write(file, offset.data(), offset.size()) != ssize_t(offset.size())) _exit(11);
  }
  dup2(memory, 3);
  const std::string program = std::string(NEZU_BINARY_DIR) + "/bin/nezu-iked";
  execl(program.c_str(), "nezu-iked", "--run", directory.c_str(), nullptr);
  _exit(10);
}

}  // namespace

bool run(const std::string& command) {
  return std::system((command + " >/dev/null 2>&1").c_str()) == 0;
}

Wire::Wire() {
  static int number = 0;
  const std::string id = fmt::format("nz{}-{}", getpid(), ++number);
  left_ = id + "l";
  right_ = id + "r";
  const std::string l = "ip -n " + left_ + " ", r = "ip -n " + right_ + " ";
  usable_ = run("ip netns add " + left_) && run("ip netns add " + right_) &&
            run(l + "link add core type veth peer name core netns " + right_) &&
            run(l + "addr add 16.1.1.2/24 dev core") && run(r + "addr add 16.1.1.1/24 dev core") &&
            run(l + "addr add 1611::2/64 dev core nodad") &&
            run(r + "addr add 1611::1/64 dev core nodad") && run(l + "link set lo up") &&
            run(r + "link set lo up") && run(l + "link set core up") && run(r + "link set core up");
}

Wire::~Wire() {
  run("ip netns del " + left_);
  run("ip netns del " + right_);
}

void FakePlane::listen(const std::string& path) {
  QObject::connect(&server_, &QLocalServer::newConnection, &server_, [this] { accept(); });
  server_.listen(QString::fromStdString(path));
}

void FakePlane::restart() {
  socket_.reset();
  sas.clear();
  tunnels.clear();
}

void FakePlane::accept() {
  std::unique_ptr<QLocalSocket> socket(server_.nextPendingConnection());
  socket_ = std::make_unique<state::FramedSocket>(std::move(socket));
  socket_->on_frame([this](std::string_view frame) {
    pfe::api::Request request;
    if (request.ParseFromArray(frame.data(), int(frame.size()))) received(request);
  });
}

void FakePlane::received(const pfe::api::Request& request) {
  if (request.has_sa()) {
    sas[{int(request.sa().direction()), request.sa().spi()}] = request.sa();
    ++sas_sent;
  }
  if (request.has_tunnel()) tunnels[request.tunnel().id()] = request.tunnel();
  if (request.has_end_of_sync()) ++syncs;
  if (request.has_clear_statistics()) ++cleared;
  if (request.has_remove() && request.remove().has_sa())
    sas.erase({int(request.remove().sa().direction()), request.remove().sa().spi()});
  if (request.has_remove() && request.remove().has_tunnel())
    tunnels.erase(request.remove().tunnel().id());
  if (request.has_sa() && slow > 0)
    QTimer::singleShot(slow, &server_, [this, request] { answer(request); });
  else if (request.has_sa() || request.has_tunnel())
    answer(request);
  if (!request.has_get_statistics()) return;
  pfe::api::Reply reply;
  reply.mutable_response()->set_sequence(request.sequence());
  for (const auto& [id, _] : tunnels) {
    auto& tunnel = *reply.mutable_response()->mutable_statistics()->add_tunnel();
    tunnel.set_id(id);
    tunnel.set_encrypted_packets(3677);
    tunnel.set_encrypted_bytes(875126);
    tunnel.set_decrypted_bytes(1073684);
    tunnel.set_decrypted_packets(3677);
  }
  for (const auto& [_, sa] : sas) {
    auto& counted = *reply.mutable_response()->mutable_statistics()->add_sa();
    counted.set_direction(sa.direction());
    counted.set_spi(sa.spi());
    counted.set_generation(sa.generation());
    counted.set_bytes(1'024'000);
    if (sends && sa.direction() == pfe::api::SecurityAssociation::OUTBOUND) counted.set_packets(10);
  }
  socket_->send(reply);
}

void FakePlane::answer(const pfe::api::Request& request) {
  if (!socket_) return;
  pfe::api::Reply reply;
  reply.mutable_response()->set_sequence(request.sequence());
  if (request.has_tunnel()) reply.mutable_response()->set_error(refusal);
  socket_->send(reply);
  if (request.has_sa()) answered.insert(request.sa().spi());
}

void FakePlane::send(const pfe::api::Event& event) {
  pfe::api::Reply reply;
  *reply.mutable_event() = event;
  socket_->send(reply);
}

const pfe::api::SecurityAssociation* FakePlane::outbound() const {
  if (tunnels.empty()) return nullptr;
  const auto found = sas.find(
      {int(pfe::api::SecurityAssociation::OUTBOUND), tunnels.begin()->second.outbound_spi()});
  return found == sas.end() ? nullptr : &found->second;
}

const pfe::api::SecurityAssociation* FakePlane::inbound() const {
  const auto* out = outbound();
  for (const auto& [_, sa] : sas)
    if (out && sa.direction() == pfe::api::SecurityAssociation::INBOUND &&
        sa.generation() == out->generation())
      return &sa;
  return nullptr;
}

Rig::Rig(const std::string& name_space, const std::vector<std::string>& lines)
    : namespace_(name_space),
      memory_(memfd_create("iked", MFD_CLOEXEC | MFD_ALLOW_SEALING)),
      tree_(state::tree(lines)) {
  state::application();
  start_re();
  plane.listen(directory_.filePath("pfe.sock").toStdString());
}

Rig::~Rig() {
  kill();
  close(memory_);
}

void Rig::start_re() {
  server_ = std::make_unique<state::Server>();
  service_ = &server_->declare({.name = "iked", .claims = claims(), .check = check});
  server_->listen(directory_.filePath("re.sock").toStdString());
  channel::Table interfaces, anchors;
  interfaces.set_name("interface");
  interfaces.add_row()->set_key("st0.1");
  interfaces.mutable_row(0)->mutable_interface()->set_index(77);
  interfaces.add_row()->set_key("et-0/2/10.0");
  interfaces.mutable_row(1)->mutable_interface()->set_up(true);
  anchors.set_name("anchor");
  anchors.add_row()->set_key("si-0/0/0");
  anchors.mutable_row(0)->mutable_anchor()->set_online(true);
  service_->apply(configdb::Delta(++revision_, configdb::View(), tree_), [] {});
  server_->tables().publish("interfaces", interfaces);
  server_->tables().publish("chassis", anchors);
  server_->tables().subscribe(this, "tunnel", [this](const channel::Table& change) {
    for (const auto& row : change.row())
      downs_ += row.tunnel().interface() == "st0.1" && !row.tunnel().up();
  });
}

void Rig::restart_re() {
  server_.reset();
  start_re();
}

void Rig::start(int ahead) {
  process_ = fork();
  if (process_ == 0) become_iked(namespace_, memory_, directory_.path().toStdString(), ahead);
}

bool Rig::ready() {
  return run_until(
      [this] {
        return connected() && show("get-pki-statistics").find("error") == std::string::npos;
      },
      20'000);
}

void Rig::kill() {
  if (process_ <= 0) return;
  ::kill(process_, SIGKILL);
  waitpid(process_, nullptr, 0);
  process_ = -1;
}

void Rig::commit(const std::vector<std::string>& lines) {
  const configdb::View after = state::edited(tree_, lines);
  const auto applied = std::make_shared<bool>(false);
  service_->apply(configdb::Delta(++revision_, tree_, after), [applied] { *applied = true; });
  tree_ = after;
  run_until([&] { return *applied; });
}

std::string Rig::show(const std::string& rpc, const mgmt::Input& input) {
  auto reply = std::make_shared<TextReply>(layout_of(rpc, input));
  service_->forward(rpc)(input, reply);
  return run_until([&] { return reply->done; }) ? reply->text : "no answer";
}

std::string Rig::key_directory() const {
  return directory_.filePath("debug-keys").toStdString();
}

bool Rig::up() const {
  for (const channel::Row* row : server_->tables().rows_under("tunnel", "st0.1 "))
    if (row->tunnel().up()) return true;
  return false;
}

std::set<std::string> Rig::routes() const {
  std::set<std::string> keys;
  for (const auto& row : server_->tables().rows("selector-route")) keys.insert(row.key());
  return keys;
}

bool Rig::has_row(const std::string& interface) const {
  return !server_->tables().rows_under("tunnel", interface + ' ').empty();
}

std::vector<std::string> lab_lines(bool left, const std::vector<std::string>& extra) {
  const std::string here = left ? "16.1.1.2" : "16.1.1.1", there = left ? "16.1.1.1" : "16.1.1.2";
  const std::string here6 = left ? "1611::2" : "1611::1";
  std::vector<std::string> lines{
      "set services service-set ss1 next-hop-service inside-service-interface si-0/0/0.0",
      "set services service-set ss1 next-hop-service outside-service-interface si-0/0/0.1",
      "set services service-set ss1 ipsec-vpn ipsec_vpn",
      "set security ike proposal ike_prop authentication-method pre-shared-keys",
      "set security ike policy ike_policy proposals ike_prop",
      "set security ike policy ike_policy pre-shared-key ascii-text \"test123\"",
      "set security ike gateway ike_gw ike-policy ike_policy",
      "set security ike gateway ike_gw address " + there,
      "set security ike gateway ike_gw external-interface et-0/2/10",
      "set security ike gateway ike_gw local-address " + here,
      "set security ike gateway ike_gw version v2-only",
      "set security ipsec proposal ipsec_prop encryption-algorithm aes-256-gcm",
      "set security ipsec policy ipsec_policy proposals ipsec_prop",
      "set security ipsec vpn ipsec_vpn bind-interface st0.1",
      "set security ipsec vpn ipsec_vpn copy-outer-dscp",
      "set security ipsec vpn ipsec_vpn ike gateway ike_gw",
      "set security ipsec vpn ipsec_vpn ike ipsec-policy ipsec_policy",
      "set security ipsec vpn ipsec_vpn establish-tunnels immediately",
      "set interfaces si-0/0/0 unit 0 service-domain inside",
      "set interfaces si-0/0/0 unit 1 service-domain outside",
      "set interfaces et-0/2/10 unit 0 family inet address " + here + "/24",
      "set interfaces et-0/2/10 unit 0 family inet6 address " + here6 + "/64",
      "set interfaces st0 unit 1 family inet",
  };
  lines.insert(lines.end(), extra.begin(), extra.end());
  return lines;
}

}  // namespace nezu::ike
