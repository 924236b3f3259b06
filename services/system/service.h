#pragma once
#include <memory>
#include <string>

#include "configdb/service.h"
#include "services/system/ssh.h"

namespace nezu::system {

/// `system`: the router's name, also to the kernel, and who may log in.
class SystemService final : public configdb::Service {
 public:
  /// `own_namespace`: the kernel's host name is this router's own; otherwise it is let alone.
  explicit SystemService(bool own_namespace) : own_namespace_(own_namespace) {}

  std::string_view name() const override { return "system"; }
  std::vector<std::string> claims() const override {
    return {"system host-name", "system login", "system root-authentication", "system services"};
  }
  void check(const configdb::Delta& delta, std::function<void(configdb::Problems)> done) override;
  void apply(const configdb::Delta& delta, std::function<void()> done) override;

  /// Keeps these as configured from the next apply on.
  void keep(std::unique_ptr<Logins> logins) { logins_ = std::move(logins); }

  /// What is configured; "" if nothing is. Prompts show it.
  const std::string& host_name() const { return host_name_; }

 private:
  bool own_namespace_;
  std::string host_name_;
  std::unique_ptr<Logins> logins_;
};

}  // namespace nezu::system
