#pragma once
#include <string>
#include <string_view>

#include "services/mgmt/context.h"

namespace nezu::mgmt {

/// Completion of one line up to the cursor.
class Completer {
 public:
  Completer(const Context& context, std::string_view line, grammar::CommandLine parsed);
  Completion complete(Trigger trigger) const;

 private:
  grammar::Completion possible() const;
  void leave_out_denied(grammar::Completion& found) const;
  using Name = std::pair<std::string, std::string>;  ///< with its help
  std::vector<Name> file_names(const std::string& typed) const;
  std::vector<Name> interface_and_range_names() const;
  std::vector<Name> live_names(const grammar::Completion& found) const;
  bool add_entries(const grammar::Completion& found, std::vector<Name>& names) const;
  bool add_names(grammar::Completion& found) const;
  const configdb::NodePtr& tree() const;
  Completion complete_word(const grammar::Completion& found) const;
  Completion complete_name(const grammar::Completion& found, bool all) const;
  Completion accept_typed() const;
  std::string complaint(const grammar::LineProblem& problem, Words words) const;

  const Context& context_;
  std::string line_;
  grammar::CommandLine parsed_;
  grammar::Words words_;  ///< whole ones; of the last pipe if there is one
  grammar::Word last_;    ///< being typed; text "" if a new one begins
  bool pipe_ = false;
};

}  // namespace nezu::mgmt
