#include "services/mgmt/outbox.h"

#include <utility>

#include "services/mgmt/xml_reader.h"

namespace nezu::mgmt {

void Outbox::begin(Framing framing, std::string head, Body body) {
  framing_ = framing;
  kind_ = body;
  head_ = std::move(head);
  active_ = true;
  ended_ = lost_ = false;
}

void Outbox::end(std::string tail) {
  tail_ = std::move(tail);
  ended_ = true;
}

std::string Outbox::next() {
  if (!active_) return {};
  if (!head_.empty()) return frame(framing_, std::exchange(head_, {}));
  if (body_.size() > 0) return frame(framing_, body_piece());
  if (!ended_) return {};
  active_ = false;
  std::string last = frame(framing_, xml_escape(std::exchange(carry_, {})));
  last += frame(framing_, std::exchange(tail_, {}));
  return last.append(frame_end(framing_));
}

std::string Outbox::body_piece() {
  if (kind_ == Body::kXml) return body_.read(kPiece);
  std::string text = std::exchange(carry_, {}) + body_.read(kPiece);
  const size_t cut = text.size() - utf8_unfinished(text);
  carry_ = text.substr(cut);
  text.resize(cut);
  return xml_escape(text);
}

}  // namespace nezu::mgmt
