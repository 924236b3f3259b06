#pragma once
#include <list>
#include <string>
#include <string_view>
#include <vector>

#include "services/mgmt/xml_reader.h"

/// Requests as small trees, and the standard parts of answers (RFC 6241).
namespace nezu::mgmt {

inline constexpr std::string_view kNetconf = "urn:ietf:params:xml:ns:netconf:base:1.0";
inline constexpr std::string_view kBase10 = "urn:ietf:params:netconf:base:1.0";
inline constexpr std::string_view kBase11 = "urn:ietf:params:netconf:base:1.1";
inline constexpr std::string_view kCandidate = "urn:ietf:params:netconf:capability:candidate:1.0";
inline constexpr std::string_view kValidate = "urn:ietf:params:netconf:capability:validate:1.0";
inline constexpr std::string_view kRollbackOnError =
    "urn:ietf:params:netconf:capability:rollback-on-error:1.0";
/// Namespace and capability of the command line's private RPCs (docs/management-protocol.md).
inline constexpr std::string_view kCli = "urn:nezu:cli";

struct Element {
  std::string name;
  std::string space;
  std::string text;  ///< all character data directly inside
  std::vector<XmlReader::Attribute> attributes;
  std::list<Element> children;

  const Element* child(std::string_view child_name) const;
  /// The text of a child; "" if there is none.
  std::string_view value(std::string_view child_name) const;
  const std::string* attribute(std::string_view attribute_name) const;
};

/// Builds one request from pieces of its bytes.
class MessageReader {
 public:
  static constexpr size_t kMaxElements = 100'000;

  void feed(std::string_view bytes);
  /// The message is complete: whether it is one well-formed element; if not, error().
  bool finish();

  const Element& root() const { return root_; }
  const std::string& error() const { return error_; }
  /// Ready for the next message.
  void reset() { *this = MessageReader(); }

 private:
  void take(XmlReader::Event event);
  void open();

  XmlReader xml_;
  Element root_;
  std::vector<Element*> open_;
  size_t elements_ = 0;
  bool done_ = false;
  std::string error_;
};

/// One <rpc-error>: tags and types as RFC 6241 appendix A has them.
struct RpcError {
  std::string type = "application";  ///< transport, rpc, protocol, application
  std::string tag = "operation-failed";
  std::string message = {};
  std::string info = {};  ///< XML inside <error-info>; "" for none

  std::string xml() const;
};

}  // namespace nezu::mgmt
