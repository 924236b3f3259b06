#include "services/chassis/unified_services.h"

#include <cstdio>
#include <fstream>
#include <optional>

#include "grammar/layout.h"

namespace nezu::chassis_service {
namespace {

using grammar::Element;
using mgmt::Input;
using ReplyPtr = std::shared_ptr<mgmt::Reply>;

constexpr char kOff[] = "disabled";

constexpr char kStatus[] = R"({#unified-services-status}
Unified Services : {status}
{/unified-services-status}
)";

void request_mode(const UnifiedServices& services, bool on, const ReplyPtr& reply) {
  const char* word = on ? "enable" : "disable";
  if (services.wanted() == on && services.enabled() == on)
    return reply->fail(std::string("unified services are already ") + word + "d");
  if (!services.want(on)) return reply->fail("the mode cannot be stored");
  if (services.enabled() == on)
    reply->message(std::string("Unified services stay ") + word + "d");
  else
    reply->message(std::string("Please reboot with 'request system reboot' to ") + word +
                   " unified services");
  reply->finish();
}

std::string status_text(const UnifiedServices& services) {
  std::string now = services.enabled() ? "Enabled" : "Disabled";
  if (services.wanted() == services.enabled()) return now;
  return now + ", please reboot with 'request system reboot' to " +
         (services.wanted() ? "enable" : "disable") + " unified services";
}

void show_mode(const UnifiedServices& services, const ReplyPtr& reply) {
  {
    const Element element(*reply, "unified-services-status");
    reply->leaf("status", status_text(services));
  }
  reply->finish();
}

void request_reboot(const std::function<bool()>& reboot, const ReplyPtr& reply) {
  if (!reboot()) return reply->fail("nezu-init does not reboot the system");
  reply->message("System reboots now; the session ends");
  reply->finish();
}

/// The mode that a file says; nothing if it is not there.
std::optional<bool> read_mode(const std::string& file) {
  std::ifstream in(file);
  std::string word;
  if (!(in >> word)) return {};
  return word != kOff;
}

bool write_mode(const std::string& file, bool on) {
  const std::string fresh = file + ".new";
  {
    std::ofstream out(fresh, std::ios::trunc);
    out << (on ? "enabled" : kOff) << '\n';
    if (!out.flush()) return false;
  }
  return std::rename(fresh.c_str(), file.c_str()) == 0;
}

}  // namespace

UnifiedServices::UnifiedServices(std::string file, const std::string& boot_file)
    : file_(std::move(file)) {
  const auto of_this_boot = read_mode(boot_file);
  enabled_ = of_this_boot.value_or(wanted());
  if (!of_this_boot && !write_mode(boot_file, enabled_))
    std::fprintf(stderr, "nezu-re: %s cannot be written\n", boot_file.c_str());
}

bool UnifiedServices::wanted() const {
  return read_mode(file_).value_or(true);
}

bool UnifiedServices::want(bool on) const {
  return write_mode(file_, on);
}

void add_mode_rpcs(mgmt::Registry& registry, const UnifiedServices& services,
                   std::function<bool()> reboot) {
  static const grammar::Layout kLayout(kStatus);
  for (const bool on : {true, false})
    registry.add(
        {on ? "enable-unified-services-chassis-mode" : "disable-unified-services-chassis-mode",
         [&services, on](const Input&, ReplyPtr reply) { request_mode(services, on, reply); },
         nullptr});
  registry.add({"unified-services-chassis-mode-status",
                [&services](const Input&, ReplyPtr reply) { show_mode(services, reply); },
                [](const Input&) -> const grammar::Layout* { return &kLayout; }});
  registry.add({"request-reboot",
                [reboot = std::move(reboot)](const Input&, ReplyPtr reply) {
                  request_reboot(reboot, reply);
                },
                nullptr});
}

}  // namespace nezu::chassis_service
