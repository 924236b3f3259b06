#pragma once
#include <memory>
#include <string>

#include "services/mgmt/completer.h"
#include "services/mgmt/configuration_rpcs.h"
#include "services/mgmt/context.h"
#include "services/mgmt/refresh.h"

namespace nezu::mgmt {

/// The command line of a router: operational and configuration mode.
class CliSession : public Session {
 public:
  CliSession(const Router& router, std::shared_ptr<const LocalCommands> commands,
             Terminal terminal);
  ~CliSession() override;

  void execute(std::string_view line, ScreenPtr screen) override;
  void answer(std::string_view words, ScreenPtr screen) override;
  void input(std::string_view text, ScreenPtr screen) override;
  void append(const std::string& file, std::string_view text, ScreenPtr screen) override;
  bool end_softly() override;
  void interrupt() override;
  Completion complete(std::string_view line, Trigger trigger) override;
  std::string announcement() const override;
  Prompt prompt() const override { return context_->prompt(); }
  bool may_call(std::string_view rpc, const Input& input) const override;
  void place_files(std::string_view rpc, Input& input) const override;
  bool configuration_rpc(uint32_t client, const Element& operation, Body body) override;

 private:
  RunPtr make_run(std::string_view line, grammar::CommandLine parsed, ScreenPtr screen);
  void record(const grammar::CommandLine& parsed, std::string_view line);
  void carry_out(std::string_view line, const grammar::CommandLine& parsed, ScreenPtr screen);

  std::shared_ptr<Context> context_;
  std::unique_ptr<ConfigurationRpcs> configuration_rpcs_;
  grammar::CommandLineReader reader_;
  std::weak_ptr<Run> run_;          ///< the last command
  std::weak_ptr<Refresh> refresh_;  ///< the command under way, if it is one again and again
};

/// For Server: opens command lines on `router`, which must outlive them.
OpenSession open_command_lines(const Router& router);

}  // namespace nezu::mgmt
