#pragma once
#include <functional>
#include <string>
#include <string_view>

#include "services/mgmt/framing.h"
#include "services/mgmt/spill.h"

namespace nezu::mgmt {

/// One answer on its way to a client: markup, a body of any length, markup. Only what the client
/// has room for is escaped and framed, the rest waits in a Spill.
class Outbox {
 public:
  /// The body is plain text (escaped when it is sent), or XML already.
  enum class Body { kText, kXml };

  void begin(Framing framing, std::string head, Body body = Body::kText);
  void write(std::string_view body) { lost_ = !body_.write(body) || lost_; }
  /// Nothing more comes; `tail` closes what `head` opened.
  void end(std::string tail);
  /// The client does not want the rest of the body.
  void discard() { body_.clear(); }

  bool active() const { return active_; }
  bool lost() const { return lost_; }  ///< some of the body could not be kept
  size_t waiting() const { return body_.size(); }

  /// The next bytes for the wire, about 16 KiB; empty if there are none now.
  std::string next();

 private:
  static constexpr size_t kPiece = 16384;
  std::string body_piece();

  Framing framing_ = Framing::kEndOfMessage;
  Body kind_ = Body::kText;
  std::string head_, tail_;
  std::string carry_;  ///< the beginning of a UTF-8 character whose end is not read yet
  Spill body_;
  bool active_ = false;
  bool ended_ = false;
  bool lost_ = false;
};

}  // namespace nezu::mgmt
