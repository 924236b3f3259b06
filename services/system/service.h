#pragma once
#include <string>

#include "configdb/service.h"

namespace nezu::system {

/// `system`: the router's name, also to the kernel.
class SystemService final : public configdb::Service {
 public:
  /// `own_namespace`: the kernel's host name is this router's own; otherwise it is let alone.
  explicit SystemService(bool own_namespace) : own_namespace_(own_namespace) {}

  std::string_view name() const override { return "system"; }
  std::vector<std::string> claims() const override { return {"system host-name", "system login"}; }
  void check(const configdb::Delta& delta, std::function<void(configdb::Problems)> done) override;
  void apply(const configdb::Delta& delta, std::function<void()> done) override;

  /// What is configured; "" if nothing is. Prompts show it.
  const std::string& host_name() const { return host_name_; }

 private:
  bool own_namespace_;
  std::string host_name_;
};

}  // namespace nezu::system
