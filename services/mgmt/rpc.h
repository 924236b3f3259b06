#pragma once
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "grammar/layout.h"
#include "grammar/output.h"

/// How a service answers operational commands. The management server owns the registry; each
/// service adds its RPCs to it in the RE's main.
namespace nezu::mgmt {

/// Where an answer goes. Held by shared_ptr until finish() or fail(), which may come later than the
/// call.
class Reply : public grammar::Output {
 public:
  virtual void fail(std::string_view message) = 0;  ///< "error: MESSAGE" to the user
  /// A line of plain text for commands without an output model ("FPC 0 offline initiated").
  virtual void message(std::string_view text) = 0;
  virtual void finish() = 0;
  virtual bool cancelled() const = 0;  ///< the client is gone: stop producing
  /// For a command that has something to say at its end however it ends (`ping`): an interrupt
  /// calls `end`, once, instead of cancelling. Before the first output. A client that cannot say
  /// so cancels all the same.
  virtual void on_interrupt(std::function<void()> end) { (void)end; }
};

using Input = std::map<std::string, std::string, std::less<>>;  ///< argument → value; flag → ""

struct Rpc {
  std::string name;  ///< "get-chassis-inventory"
  std::function<void(const Input&, std::shared_ptr<Reply>)> call;
  /// The text layout for this input; null: message() texts only.
  std::function<const grammar::Layout*(const Input&)> layout;
  /// Arguments that name files of the machine, which are read or written with the router's rights:
  /// they come in their places (UserFiles), if the user may use them.
  std::vector<std::string> files = {};
};

class Registry {
 public:
  void add(Rpc rpc);  ///< aborts on a second one of that name
  const Rpc* find(std::string_view name) const;

  /// Live names for completion: source ("interface") → names with a help text.
  using Names = std::function<std::vector<std::pair<std::string, std::string>>()>;
  void add_names(std::string source, Names names);
  std::vector<std::pair<std::string, std::string>> names(std::string_view source) const;

 private:
  std::map<std::string, Rpc, std::less<>> rpcs_;
  std::map<std::string, Names, std::less<>> names_;
};

}  // namespace nezu::mgmt
