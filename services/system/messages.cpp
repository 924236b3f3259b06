#include "services/system/messages.h"

#include <fmt/format.h>
#include <unistd.h>

#include <ctime>
#include <utility>

namespace nezu::system {
namespace {

constexpr size_t kLongestLine = 2048;

std::string stamp() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  gmtime_r(&now, &parts);
  char text[32];
  return {text, std::strftime(text, sizeof text, "%b %e %H:%M:%S", &parts)};
}

}  // namespace

Messages::Messages(std::string directory, std::function<std::string()> host)
    : directory_(std::move(directory)),
      host_(std::move(host)),
      file_(directory_ + "/messages", {kLargest, kKept, 0600}) {}

void Messages::write(std::string_view program, std::string_view tag, std::string_view text) {
  const std::string host = host_();
  file_.write(fmt::format("{}  {} {}[{}]: {}: {}", stamp(), host.empty() ? "localhost" : host,
                          program, ::getpid(), tag, log::one_line(text, kLongestLine)));
}

}  // namespace nezu::system
