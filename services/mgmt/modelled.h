#pragma once
#include <memory>

#include "grammar/path.h"
#include "grammar/writer.h"

namespace nezu::mgmt {

/// `| display modelled`: behind each statement "## modelled" if a service acts on it, otherwise
/// "## 'X' has no effect". X is the topmost statement that is accepted only, which the warning of a
/// commit names as well.
///
/// In braces the remark is an origin of the statement (CurlyStyle::Origins::kInline prints it). Set
/// lines have no place for origins: they are written through lines(), which puts the remark at
/// their ends. What is printed loads as if the remarks were not there.
class Modelled {
 public:
  /// What says of each statement whether it acts, and passes it on.
  std::unique_ptr<grammar::ConfigurationWriter> writer(
      std::unique_ptr<grammar::ConfigurationWriter> next);
  /// Lines of set form, each with the remark of its statement. Lives as long as this.
  grammar::TextSink lines(grammar::TextSink sink);

 private:
  std::shared_ptr<const grammar::Statement*> current_ =
      std::make_shared<const grammar::Statement*>(nullptr);
};

}  // namespace nezu::mgmt
