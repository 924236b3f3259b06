#pragma once
#include <functional>
#include <memory>
#include <string>

#include "services/mgmt/context.h"
#include "services/mgmt/message.h"

namespace nezu::mgmt {

/// What RFC 6241 asks of the configuration: get-config, edit-config, lock, unlock, validate, commit
/// and discard-changes, of the datastores `running` (read only) and `candidate`. It is the
/// candidate of the command line, by the same sessions: a lock is `configure exclusive`, an edit a
/// `load`, and what a user may not do there he may not do here.
class ConfigurationRpcs {
 public:
  /// `id`: the session's in the protocol.
  ConfigurationRpcs(std::weak_ptr<Context> context, uint32_t id);
  ~ConfigurationRpcs();

  static bool knows(std::string_view operation);
  /// Answers once, now or later: <ok/>, <data>, or what is wrong as <rpc-error>.
  void call(const Element& operation, const Session::Body& body);

 private:
  using Answer = std::function<void(const std::string& xml)>;  ///< whole
  void get(Context& context, const Element& operation, const Session::Body& body);
  void edit(Context& context, const Element& operation, const Answer& answer);
  void lock(Context& context, const Answer& answer);
  void unlock(Context& context, const Answer& answer);
  void commit(Context& context, bool check_only, const Answer& answer);
  void discard(Context& context, const Answer& answer);
  std::string enter(Context& context);

  std::weak_ptr<Context> context_;
  uint32_t id_;
};

}  // namespace nezu::mgmt
