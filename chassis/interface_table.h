#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

/// The names and numbers of logical interfaces (IFLs).
namespace nezu::chassis {

/// The Linux name of an interface or a port: slashes become underscores, colons plus signs
/// ("et-0/2/10.0" → "et-0_2_10.0"; the kernel takes neither). A name that does not fit the kernel's
/// 15 octets becomes "ifl" and its index ("ifl4711"); ports always fit. "lo0.0" is the kernel's own
/// "lo".
std::string device_name(std::string_view name, uint32_t index);

/// "et-0/2/10.0" → "et-0/2/10" and 0; a name without a unit has none.
std::string_view physical_name(std::string_view name);

struct InterfaceName {
  std::string name;    ///< "et-0/2/10.0"
  std::string device;  ///< in the RE's namespace: "et-0_2_10.0"
  uint32_t index = 0;  ///< IFL index, 70 and up
  uint32_t instance = 0;
  bool operator==(const InterfaceName&) const = default;
};

/// Which IFLs exist, by name, by index and by device. An index stays with its name: over restarts,
/// because the table is kept in a file, and over a delete and re-create until the numbers run out.
class InterfaceTable {
 public:
  /// `file` is read now and written to by every new name; "" keeps nothing.
  explicit InterfaceTable(std::string file = {});

  /// The entry of `name`, made if it is not there.
  const InterfaceName& add(std::string_view name, uint32_t instance = 0);
  void remove(std::string_view name);

  const InterfaceName* find(std::string_view name) const;
  const InterfaceName* find(uint32_t index) const;
  const InterfaceName* find_device(std::string_view device) const;
  /// In order of index.
  std::vector<const InterfaceName*> all() const;

  /// Called after an interface was added (true) or before it is removed (false).
  using Watcher = std::function<void(const InterfaceName&, bool added)>;
  void watch(Watcher watcher) { watchers_.push_back(std::move(watcher)); }

 private:
  uint32_t allocate(std::string_view name);
  void load();
  void store(std::string_view name, uint32_t index) const;
  void store_all() const;

  std::string file_;
  std::map<std::string, uint32_t, std::less<>> numbers_;  ///< every name that ever had one
  std::map<uint32_t, InterfaceName> by_index_;
  std::map<std::string, uint32_t, std::less<>> by_device_;
  std::vector<Watcher> watchers_;
  uint32_t next_;
};

}  // namespace nezu::chassis
