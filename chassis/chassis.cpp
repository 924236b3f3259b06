#include "chassis/chassis.h"

#include "pfe-model/api.pb.h"

namespace nezu::chassis {

std::string_view text(SlotState state) {
  switch (state) {
    case SlotState::kOnline:
      return "Online";
    case SlotState::kOffline:
      return "Offline";
    case SlotState::kStarting:
      return "Starting";
  }
  return "";
}

bool is_in_use(const PicSettings& settings, const PicModel& pic, uint32_t port) {
  if (port >= settings.number_of_ports.value_or(pic.ports)) return false;
  const auto found = settings.ports.find(port);
  return found == settings.ports.end() || !found->second.unused;
}

uint32_t port_gigabits(const PicSettings& settings, const PicModel& pic, uint32_t port) {
  if (!is_in_use(settings, pic, port)) return 0;
  const auto found = settings.ports.find(port);
  if (found != settings.ports.end() && found->second.gigabits) return found->second.gigabits;
  return settings.gigabits ? settings.gigabits : pic.port_gigabits;
}

namespace {
std::string pic_alarm(uint32_t fpc, uint32_t pic) {
  return "fpc" + std::to_string(fpc) + " pic" + std::to_string(pic);
}
}  // namespace

Chassis::Chassis(const ChassisModel& model, Forwarding& forwarding)
    : model_(model), forwarding_(forwarding), started_(Clock::now()) {
  fpcs_.resize(model_.fpcs.size());
  for (uint32_t fpc = 0; fpc < fpcs_.size(); ++fpc) {
    fpcs_[fpc].since = started_;
    send_pfes(fpc);
  }
}

const PicModel* Chassis::pic(uint32_t fpc, uint32_t pic) const {
  if (!has_fpc(fpc) || pic >= model_.fpcs[fpc].pics.size()) return nullptr;
  return &model_.fpcs[fpc].pics[pic];
}

bool Chassis::has_port(const PortName& name) const {
  const PicModel* found = pic(name.fpc, name.pic);
  return found && found->media == name.media && name.port < found->ports;
}

const PicModel* Chassis::port(const PortName& name) const {
  if (!has_port(name)) return nullptr;
  const PicModel* found = pic(name.fpc, name.pic);
  return is_in_use(settings(name.fpc, name.pic), *found, name.port) ? found : nullptr;
}

uint32_t Chassis::port_gigabits(const PortName& name) const {
  if (!has_port(name)) return 0;
  return chassis::port_gigabits(settings(name.fpc, name.pic), *pic(name.fpc, name.pic), name.port);
}

const PicSettings& Chassis::settings(uint32_t fpc, uint32_t pic) const {
  static const PicSettings kDefault;
  if (!has_fpc(fpc)) return kDefault;
  const auto found = fpcs_[fpc].pics.find(pic);
  return found == fpcs_[fpc].pics.end() ? kDefault : found->second;
}

std::vector<PortName> Chassis::ports() const {
  std::vector<PortName> all;
  for (uint32_t fpc = 0; fpc < model_.fpcs.size(); ++fpc)
    for (uint32_t pic = 0; pic < model_.fpcs[fpc].pics.size(); ++pic) {
      const PicModel& card = model_.fpcs[fpc].pics[pic];
      for (uint32_t port = 0; port < card.ports; ++port)
        all.push_back({card.media, fpc, pic, port});
    }
  return all;
}

uint32_t Chassis::port_id(const PortName& name) {
  return (name.fpc + 1) << 20 | name.pic << 10 | name.port;
}

uint32_t Chassis::pfe_id(uint32_t fpc, uint32_t pic, uint32_t slice) const {
  uint32_t id = slice;
  for (uint32_t before = 0; before < fpc; ++before) id += pfe_count(before);
  for (uint32_t before = 0; before < pic; ++before) id += model_.fpcs[fpc].pics[before].slices;
  return id;
}

uint32_t Chassis::pfe_of(const PortName& name) const {
  const PortGroup* group = model_.fpcs[name.fpc].pics[name.pic].group(name.port);
  return pfe_id(name.fpc, name.pic, group ? group->slice : 0);
}

uint32_t Chassis::pfe_count(uint32_t fpc) const {
  uint32_t count = 0;
  for (const PicModel& card : model_.fpcs[fpc].pics) count += card.slices;
  return count;
}

bool Chassis::online(const PortName& name) const {
  return has_fpc(name.fpc) && pic_state(name.fpc, name.pic) == SlotState::kOnline;
}

SlotState Chassis::pic_state(uint32_t fpc, uint32_t pic) const {
  return fpcs_[fpc].offline_pics.contains(pic) ? SlotState::kOffline : fpcs_[fpc].state;
}

Clock::time_point Chassis::pic_since(uint32_t fpc, uint32_t pic) const {
  const auto found = fpcs_[fpc].pics_since.find(pic);
  return found == fpcs_[fpc].pics_since.end() ? Clock::time_point() : found->second;
}

bool Chassis::take_pic_offline(uint32_t fpc, uint32_t pic) {
  if (!this->pic(fpc, pic) || fpcs_[fpc].state != SlotState::kOnline) return false;
  if (!fpcs_[fpc].offline_pics.insert(pic).second) return false;
  raise_alarm(pic_alarm(fpc, pic), false,
              "FPC " + std::to_string(fpc) + " PIC " + std::to_string(pic) + " offline");
  send_pfes(fpc);
  changed();
  return true;
}

bool Chassis::bring_pic_online(uint32_t fpc, uint32_t pic) {
  if (!this->pic(fpc, pic) || fpcs_[fpc].offline_pics.erase(pic) == 0) return false;
  fpcs_[fpc].pics_since[pic] = Clock::now();
  clear_alarm(pic_alarm(fpc, pic));
  send_pfes(fpc);
  changed();
  forwarding_.synchronise();
  return true;
}

void Chassis::set_state(uint32_t fpc, SlotState state) {
  // Its PICs come up with it.
  for (const uint32_t pic : fpcs_[fpc].offline_pics) clear_alarm(pic_alarm(fpc, pic));
  fpcs_[fpc].offline_pics.clear();
  fpcs_[fpc].pics_since.clear();
  fpcs_[fpc].state = state;
  fpcs_[fpc].since = Clock::now();
  send_pfes(fpc);
  const std::string key = "fpc" + std::to_string(fpc);
  if (state == SlotState::kOffline)
    raise_alarm(key, false, "FPC " + std::to_string(fpc) + " offline");
  else
    clear_alarm(key);
  changed();
}

bool Chassis::take_offline(uint32_t fpc) {
  if (fpcs_[fpc].state == SlotState::kOffline) return false;
  set_state(fpc, SlotState::kOffline);
  return true;
}

void Chassis::start(uint32_t fpc) {
  set_state(fpc, SlotState::kStarting);
}

bool Chassis::bring_online(uint32_t fpc) {
  if (fpcs_[fpc].state == SlotState::kOnline) return false;
  set_state(fpc, SlotState::kOnline);
  forwarding_.synchronise();
  return true;
}

void Chassis::send_pfes(uint32_t fpc) {
  const uint32_t first = pfe_id(fpc, 0, 0);
  for (uint32_t number = 0; number < pfe_count(fpc); ++number) {
    pfe::api::Pfe pfe;
    pfe.set_id(first + number);
    pfe.set_name("fpc" + std::to_string(fpc) + " pfe" + std::to_string(number));
    pfe.set_online(pic_state(fpc, pic_of(fpc, number)) == SlotState::kOnline);
    pfe.set_inline_bits(settings(fpc, pic_of(fpc, number)).inline_bits);
    forwarding_.set_pfe(pfe);
  }
}

void Chassis::set_pic(uint32_t fpc, uint32_t pic, PicSettings settings) {
  if (!this->pic(fpc, pic) || this->settings(fpc, pic) == settings) return;
  if (settings == PicSettings{})
    fpcs_[fpc].pics.erase(pic);
  else
    fpcs_[fpc].pics[pic] = std::move(settings);
  send_pfes(fpc);
  changed();
}

bool Chassis::inline_services(uint32_t fpc, uint32_t pic) const {
  return unified_services_ && settings(fpc, pic).inline_services;
}

/// The PIC of a forwarding engine, numbered within its FPC.
uint32_t Chassis::pic_of(uint32_t fpc, uint32_t pfe) const {
  uint32_t pic = 0;
  while (pfe >= model_.fpcs[fpc].pics[pic].slices) pfe -= model_.fpcs[fpc].pics[pic++].slices;
  return pic;
}

std::vector<Anchor> Chassis::anchors() const {
  std::vector<Anchor> all;
  for (uint32_t fpc = 0; fpc < fpcs_.size(); ++fpc)
    for (const auto& [pic, settings] : fpcs_[fpc].pics) {
      if (!inline_services(fpc, pic)) continue;
      const PicModel& card = model_.fpcs[fpc].pics[pic];
      for (uint32_t number = 0; number < card.service_interfaces; ++number)
        all.push_back({PortName{"si", fpc, pic, number}.text(), fpc, pic,
                       pfe_id(fpc, pic, card.service_slice(number)),
                       pic_state(fpc, pic) == SlotState::kOnline});
    }
  return all;
}

bool Chassis::has_service_interface(const PortName& name) const {
  return name.media == "si" && inline_services(name.fpc, name.pic) &&
         name.port < model_.fpcs[name.fpc].pics[name.pic].service_interfaces;
}

void Chassis::raise_alarm(const std::string& key, bool major, std::string description) {
  Alarm& alarm = alarms_[key];
  if (alarm.since == Clock::time_point()) alarm.since = Clock::now();
  if (alarm.major == major && alarm.description == description) return;
  alarm.major = major;
  alarm.description = std::move(description);
  if (on_alarm) on_alarm(alarm, true);
}

void Chassis::clear_alarm(const std::string& key) {
  const auto gone = alarms_.extract(key);
  if (gone && on_alarm) on_alarm(gone.mapped(), false);
}

void Chassis::changed() {
  for (const auto& watcher : watchers_) watcher();
}

}  // namespace nezu::chassis
