#include "chassis/model.h"

#include <charconv>

namespace nezu::chassis {
namespace {

// One Trio 6 with two forwarding engines, each with two groups of four ports. Group 0 of an engine
// can do IPsec. We number the groups of both engines upwards, so that et-0/2/10 of the published
// example, which carries an IPsec gateway, is in a group that can.
PicModel lmic16() {
  PicModel pic;
  pic.description = "MRATE LMIC 16x100G/4x400G";
  pic.media = "et";
  pic.ports = 16;
  pic.slices = 2;
  pic.service_interfaces = 4;
  pic.port_gigabits = 100;
  pic.speeds = "4x10GE, 4x25GE, 40GE, 100GE, 2x100GE, 4x100GE, 400GE";
  pic.gigabits = {10, 25, 40, 100, 400};
  pic.groups = {{0, 0, 0, 3, 400, 300},
                {1, 0, 4, 7, 400, 0},
                {0, 1, 8, 11, 400, 300},
                {1, 1, 12, 15, 400, 0}};
  return pic;
}

ChassisModel mx304() {
  ChassisModel model;
  model.name = "mx304";
  model.description = "JNP304 [MX304]";
  model.routing_engines = 2;
  model.fpcs = {{"FPC-BUILTIN", "JNP304 PMB", 65536, {lmic16(), lmic16(), lmic16()}}};
  model.front = {{"Routing Engine 0", "750-123749", "RE 2700 8C 128G"},
                 {"CB 0", "750-123404", "Control Board"}};
  model.rear = {{"PEM 0", "740-110419", "AC AFO 2200W Power Supply"},
                {"PEM 1", "740-110419", "AC AFO 2200W Power Supply"},
                {"Fan Tray 0", "760-126744", "JNP304 Fan Tray, Front to Back Airflow"},
                {"Fan Tray 1", "760-126744", "JNP304 Fan Tray, Front to Back Airflow"},
                {"Fan Tray 2", "760-126744", "JNP304 Fan Tray, Front to Back Airflow"},
                {"SFB 0", "750-122847", "Switch Fabric Board"}};
  return model;
}

constexpr uint32_t kLargestNumber = 999;

// Takes a decimal number off the front: no sign, no leading zero.
std::optional<uint32_t> take_number(std::string_view& text) {
  uint32_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const auto digits = static_cast<size_t>(end - text.data());
  if (error != std::errc() || number > kLargestNumber) return {};
  if (digits > 1 && text[0] == '0') return {};
  text.remove_prefix(digits);
  return number;
}

bool take(std::string_view& text, char expected) {
  if (text.empty() || text[0] != expected) return false;
  text.remove_prefix(1);
  return true;
}

}  // namespace

const PortGroup* PicModel::group(uint32_t port) const {
  for (const PortGroup& candidate : groups)
    if (port >= candidate.first_port && port <= candidate.last_port) return &candidate;
  return nullptr;
}

uint32_t PicModel::service_slice(uint32_t number) const {
  // Alternately, from the last slice down: a packet that enters on et-x/y/0 and is encrypted by
  // si-x/y/0 then crosses the fabric, as on most machines.
  return slices - 1 - number % slices;
}

const ChassisModel* find_model(std::string_view name) {
  static const std::vector<ChassisModel> kModels = {mx304()};
  for (const ChassisModel& model : kModels)
    if (model.name == name) return &model;
  return nullptr;
}

std::string PortName::text() const {
  return media + "-" + std::to_string(fpc) + "/" + std::to_string(pic) + "/" + std::to_string(port);
}

std::optional<PortName> PortName::parse(std::string_view text) {
  PortName name;
  const size_t dash = text.find('-');
  if (dash == std::string_view::npos || dash == 0) return {};
  name.media = text.substr(0, dash);
  text.remove_prefix(dash + 1);
  const auto fpc = take_number(text);
  if (!fpc || !take(text, '/')) return {};
  const auto pic = take_number(text);
  if (!pic || !take(text, '/')) return {};
  const auto port = take_number(text);
  if (!port || !text.empty()) return {};
  name.fpc = *fpc;
  name.pic = *pic;
  name.port = *port;
  return name;
}

}  // namespace nezu::chassis
