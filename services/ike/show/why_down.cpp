#include "services/ike/show/why_down.h"

#include <algorithm>

#include "services/ike/daemon/daemon.h"
#include "services/ike/show/show.h"

namespace nezu::ike {
namespace {

constexpr Time kRecent = 120 * kSecond;

std::string seconds_text(Time span) {
  const Time seconds = std::max<Time>(0, span) / kSecond;
  return std::to_string(seconds) + (seconds == 1 ? " second" : " seconds");
}

class Search {
 public:
  Search(const Daemon& daemon, const Tunnel& tunnel) : daemon_(daemon), tunnel_(tunnel) {}

  Why run() {
    // What is not there comes first: with it nothing that was said before counts.
    if (anchor() && plane() && external_interface() && !pair()) {
      reachability();
      progress();
      trouble();
      if (why_.facts.empty()) idle();
      strangers();
      next_attempt();
    }
    if (!why_.up) last_event();
    return std::move(why_);
  }

 private:
  void fact(std::string text) { why_.facts.push_back(std::move(text)); }
  void look_at(std::string text) { why_.look_at.push_back(std::move(text)); }

  bool anchor();
  bool plane();
  bool external_interface();
  bool pair();
  void monitoring();
  void reachability();
  void progress();
  void trouble();
  void idle();
  void strangers();
  void next_attempt();
  void last_event();

  const Daemon& daemon_;
  const Tunnel& tunnel_;
  Why why_;
  bool is_trying_ = false;
};

bool Search::anchor() {
  const Anchor* anchor = daemon_.tunnels().anchor(tunnel_.id);
  if (!anchor) {
    fact("Service interface " + tunnel_.anchor + " is not there");
    look_at(
        "[edit chassis fpc N pic N inline-services], 'show chassis fpc pic-status', and the "
        "units of " +
        tunnel_.anchor + " in service set " + tunnel_.service_set);
    return false;
  }
  if (anchor->online) return true;
  fact("PIC of " + tunnel_.anchor + " is offline (FPC " + std::to_string(anchor->fpc) + ", PIC " +
       std::to_string(anchor->pic) + ")");
  look_at("'show chassis fpc pic-status', 'request chassis pic fpc-slot " +
          std::to_string(anchor->fpc) + " pic-slot " + std::to_string(anchor->pic) + " online'");
  return false;
}

bool Search::plane() {
  if (daemon_.tunnels().is_refused(tunnel_.id)) {
    const auto& lines = daemon_.events(tunnel_.id).lines();
    const auto refusal = std::find_if(lines.begin(), lines.end(), [](const EventLog::Line& line) {
      return line.text.find("refused the tunnel") != line.text.npos;
    });
    fact(refusal == lines.end() ? "The forwarding plane refused the tunnel" : refusal->text);
    look_at("the limits of the chassis, and the algorithms of the IPsec proposal");
    return false;
  }
  if (daemon_.plane_connected()) return true;
  fact("The forwarding plane does not answer");
  look_at("'show system processes'");
  return false;
}

bool Search::external_interface() {
  const auto& interfaces = daemon_.settings().external_interface;
  const auto named = interfaces.find(tunnel_.gateway);
  if (named == interfaces.end() || named->second.empty()) return true;
  const std::string& name = named->second;
  const channel::Row* row = daemon_.tables().find("interface", name);
  const std::string show = "'show interfaces " + name + " terse'";
  if (!row && !daemon_.tables().complete("interface")) return true;
  if (!row) {
    fact("External interface " + name + " does not exist");
    look_at(show + ", external-interface of gateway " + tunnel_.gateway);
    return false;
  }
  if (!row->interface().up()) {
    fact("External interface " + name + " is down");
    look_at(show);
    return false;
  }
  const auto& addresses = row->interface().address();
  const ByteView local = tunnel_.local.view();
  const bool has_local = std::any_of(addresses.begin(), addresses.end(), [&](const auto& each) {
    return std::equal(each.begin(), each.end(), local.begin(), local.end(),
                      [](char a, std::uint8_t b) { return std::uint8_t(a) == b; });
  });
  if (has_local || addresses.empty()) return true;
  // It may be on another interface: then it is worth a word, but no reason.
  why_.look_at.push_back("local address " + to_string(tunnel_.local) +
                         " is not on external interface " + name);
  return true;
}

// What it has, if it is up; a rekey that was refused is worth knowing before it is down.
bool Search::pair() {
  for (const IkeSa* sa : daemon_.table().of_tunnel(tunnel_.id))
    for (const ChildSa& child : sa->children) {
      const bool sends = child.tunnel == tunnel_.id && child.outbound_at != 0 &&
                         child.state != ChildSa::State::kDeleting && sa->phase != Phase::kDeleting;
      if (!sends) continue;
      why_.up = !daemon_.tunnels().is_silent(tunnel_.id);
      why_.look_at.clear();
      trouble();
      monitoring();
      why_.facts.insert(
          why_.facts.begin(),
          (why_.up ? "Up for " : "Has a pair, but is not up: negotiated ") +
              seconds_text(Daemon::now() - child.created_at) + (why_.up ? " on " : " ago, ") +
              std::string(facts(child.suite.encryption).name) + ", IKE SA " +
              std::to_string(sa->index) + " as " + (sa->initiator ? "initiator" : "responder"));
      return true;
    }
  return false;
}

void Search::monitoring() {
  const std::string unsent = daemon_.monitoring().problem(tunnel_.id);
  if (!unsent.empty()) return fact("VPN monitoring " + unsent);
  if (daemon_.monitoring().state(tunnel_.id) != Monitor::State::kDown || !tunnel_.monitor) return;
  fact("VPN monitoring: " + to_string(tunnel_.monitor->destination) +
       " did not answer on the pair before, and has not answered on this one" +
       (why_.up ? "" : "; the tunnel is up when it does"));
}

void Search::reachability() {
  const std::string text = daemon_.socket_errors().text(tunnel_.remote, tunnel_.local);
  if (text.empty()) return;
  fact(text);
  look_at("'show route " + to_string(tunnel_.remote) + "', 'ping " + to_string(tunnel_.remote) +
          "'");
}

// How far a negotiation that is under way has come.
void Search::progress() {
  for (const IkeSa* each : daemon_.table().of_gateway(tunnel_.gateway)) {
    const IkeSa& sa = *each;
    const std::uint32_t sent = sa.outstanding.empty() ? 0 : sa.outstanding.front().sent;
    const std::string times = std::to_string(sent) + (sent == 1 ? " time" : " times");
    const std::string peer = to_string(sa.path.remote);
    if (sa.phase == Phase::kDeleting && sent > 0) {
      fact("The old IKE SA is gone, the DELETE was sent " + times + " to " + peer +
           ", no answer yet");
      if (sent > 1) look_at("whether the peer runs and answers a ping");
    }
    for (const Outstanding& asked : sa.outstanding)
      if (asked.task.kind == Task::Kind::kDeleteChild && asked.task.tunnel == tunnel_.id)
        fact("The old pair is gone, its DELETE was sent " + times + " to " + peer +
             ", no answer yet: the next negotiation waits for that");
    if (!is_half_open(sa.phase)) continue;
    is_trying_ = is_trying_ || sa.initiator;
    if (sa.phase == Phase::kInitSent && sa.last_error.empty()) {
      fact("IKE_SA_INIT was sent " + times + " to " + peer + ", no answer yet");
      if (sent > 1)
        look_at("whether the peer answers a ping, its address, its gateway for " +
                to_string(sa.path.local.address) + ", filters of UDP 500 on the way");
    } else if (sa.phase == Phase::kAuthSent) {
      fact("IKE_SA_INIT is done, IKE_AUTH was sent " + times + " to " + peer + ", no answer yet");
      if (sent > 1) look_at("filters of UDP 4500 and of fragments on the way, the peer's log");
    } else if (sa.phase == Phase::kAnswered) {
      fact("The peer's IKE_SA_INIT was answered, its IKE_AUTH has not come");
    } else if (sa.last_error.empty()) {
      fact("A negotiation is under way");
    }
  }
}

void Search::trouble() {
  const Trouble* trouble = daemon_.table().journal().trouble(tunnel_.gateway, tunnel_.id);
  if (!trouble) return;
  std::string text = trouble->what;
  const std::string when = seconds_text(Daemon::now() - trouble->at) + " ago";
  text += trouble->times > 1 ? ", " + std::to_string(trouble->times) + " times, last " + when
                             : ", " + when;
  // A negotiation that has only begun tells less than the end of the one before.
  why_.facts.insert(why_.facts.begin(), text);
  if (!trouble->look_at.empty()) why_.look_at.insert(why_.look_at.begin(), trouble->look_at);
  if (trouble->exchange != 0 && daemon_.table().journal().exchange(trouble->exchange))
    look_at("'show security ike exchange index " + std::to_string(trouble->exchange) + "'");
}

void Search::idle() {
  switch (tunnel_.establish) {
    case EstablishTunnels::kOnTraffic:
      fact("Waits for traffic (establish-tunnels on-traffic): none has asked for it yet");
      look_at("routes that lead to " + tunnel_.interface +
              ", or configure establish-tunnels "
              "immediately");
      return;
    case EstablishTunnels::kImmediately:
      fact("Not negotiated yet");
      return;
    default:
      fact("Waits for the peer to begin (establish-tunnels responder-only): it has not yet");
      look_at("the peer, which must not be responder-only too, and its route to " +
              to_string(tunnel_.local));
  }
}

// Somebody knocks whom no gateway names: often the peer with another address.
void Search::strangers() {
  const Stranger& stranger = daemon_.table().journal().stranger();
  const Path& path = stranger.path;
  if (stranger.times == 0 || Daemon::now() - stranger.at > kRecent) return;
  fact("IKE_SA_INIT of " + to_string(path.remote.address) + " to " + to_string(path.local.address) +
       " came " + std::to_string(stranger.times) + (stranger.times == 1 ? " time" : " times") +
       ", last " + seconds_text(Daemon::now() - stranger.at) +
       " ago: no gateway has these addresses");
  look_at("address and local-address of the gateways here, external-interface and address there");
}

void Search::next_attempt() {
  const auto at = daemon_.table().next_attempt(tunnel_.id);
  if (at && !is_trying_ && *at - Daemon::now() >= kSecond)
    fact("Next attempt in " + seconds_text(*at - Daemon::now()));
}

void Search::last_event() {
  const auto& lines = daemon_.events(tunnel_.id).lines();
  if (!lines.empty())
    fact("Last event, " + event_time(lines.front().at) + ": " + lines.front().text);
}

}  // namespace

Why why(const Daemon& daemon, const Tunnel& tunnel) {
  return Search(daemon, tunnel).run();
}

}  // namespace nezu::ike
