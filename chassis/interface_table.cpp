#include "chassis/interface_table.h"

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <set>
#include <sstream>

namespace nezu::chassis {
namespace {

constexpr uint32_t kFirstIndex = 70;  // below are the kernel's own on the real machine
constexpr uint32_t kLastIndex = 65535;
constexpr size_t kDeviceNameMax = 15;
constexpr size_t kRemembered = 20000;

}  // namespace

std::string device_name(std::string_view name, uint32_t index) {
  if (name == "lo0.0") return "lo";
  if (name.size() > kDeviceNameMax) return "ifl" + std::to_string(index);
  std::string device(name);
  std::replace(device.begin(), device.end(), '/', '_');
  std::replace(device.begin(), device.end(), ':', '+');
  return device;
}

std::string_view physical_name(std::string_view name) {
  return name.substr(0, name.find('.'));
}

InterfaceTable::InterfaceTable(std::string file) : file_(std::move(file)), next_(kFirstIndex) {
  if (!file_.empty()) load();
}

void InterfaceTable::load() {
  std::ifstream in(file_);
  std::set<uint32_t> seen;
  bool whole = true;
  for (std::string line; std::getline(in, line);) {
    std::istringstream words(line);
    uint32_t index = 0;
    std::string name, more;
    // A damaged line costs an interface its old number, nothing else. The last one was torn by a
    // crash if it has no end.
    const bool good = !in.eof() && words >> index >> name && !(words >> more) &&
                      index >= kFirstIndex && index <= kLastIndex && seen.insert(index).second;
    whole &= good;
    if (!good) continue;
    numbers_.emplace(name, index);
    next_ = std::max(next_, index + 1);
  }
  if (!whole) store_all();  // what is added must begin a line
}

void InterfaceTable::store(std::string_view name, uint32_t index) const {
  if (file_.empty()) return;
  std::ofstream(file_, std::ios::app) << index << ' ' << name << '\n';
}

void InterfaceTable::store_all() const {
  if (file_.empty()) return;
  const std::string fresh = file_ + ".new";
  {
    std::ofstream out(fresh, std::ios::trunc);
    for (const auto& [name, index] : numbers_) out << index << ' ' << name << '\n';
    if (!out.flush()) return;
  }
  std::rename(fresh.c_str(), file_.c_str());
}

uint32_t InterfaceTable::allocate(std::string_view name) {
  if (const auto known = numbers_.find(name); known != numbers_.end()) return known->second;
  if (next_ > kLastIndex || numbers_.size() > kRemembered) {
    // Forget the names that are not in use, and begin again.
    std::erase_if(numbers_, [&](const auto& entry) { return !by_index_.contains(entry.second); });
    next_ = kFirstIndex;
    store_all();
  }
  while (by_index_.contains(next_)) ++next_;
  numbers_.emplace(name, next_);
  store(name, next_);
  return next_++;
}

const InterfaceName& InterfaceTable::add(std::string_view name, uint32_t instance) {
  if (const InterfaceName* there = find(name)) return *there;
  const uint32_t index = allocate(name);
  InterfaceName& entry = by_index_[index];
  entry = {std::string(name), device_name(name, index), index, instance};
  by_device_[entry.device] = index;
  for (const auto& watcher : watchers_) watcher(entry, true);
  return entry;
}

void InterfaceTable::remove(std::string_view name) {
  const InterfaceName* found = find(name);
  if (!found) return;
  for (const auto& watcher : watchers_) watcher(*found, false);
  by_device_.erase(found->device);
  by_index_.erase(found->index);
}

const InterfaceName* InterfaceTable::find(std::string_view name) const {
  const auto number = numbers_.find(name);
  return number == numbers_.end() ? nullptr : find(number->second);
}

const InterfaceName* InterfaceTable::find(uint32_t index) const {
  const auto found = by_index_.find(index);
  return found == by_index_.end() ? nullptr : &found->second;
}

const InterfaceName* InterfaceTable::find_device(std::string_view device) const {
  const auto found = by_device_.find(device);
  return found == by_device_.end() ? nullptr : find(found->second);
}

std::vector<const InterfaceName*> InterfaceTable::all() const {
  std::vector<const InterfaceName*> found;
  for (const auto& [index, entry] : by_index_) found.push_back(&entry);
  return found;
}

}  // namespace nezu::chassis
