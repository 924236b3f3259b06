#include "services/mgmt/message.h"

namespace nezu::mgmt {

const Element* Element::child(std::string_view child_name) const {
  for (const Element& each : children)
    if (each.name == child_name) return &each;
  return nullptr;
}

std::string_view Element::value(std::string_view child_name) const {
  const Element* found = child(child_name);
  return found ? std::string_view(found->text) : std::string_view();
}

const std::string* Element::attribute(std::string_view attribute_name) const {
  for (const auto& each : attributes)
    if (each.name == attribute_name) return &each.value;
  return nullptr;
}

void MessageReader::feed(std::string_view bytes) {
  if (!error_.empty()) return;
  xml_.feed(bytes);
  while (error_.empty()) {
    const auto event = xml_.next();
    take(event);
    if (event == XmlReader::Event::kNeedMore || event == XmlReader::Event::kDone) return;
  }
}

void MessageReader::take(XmlReader::Event event) {
  switch (event) {
    case XmlReader::Event::kStart:
      return open();
    case XmlReader::Event::kText:
      open_.back()->text += xml_.text();
      return;
    case XmlReader::Event::kEnd:
      open_.pop_back();
      return;
    case XmlReader::Event::kDone:
      done_ = true;
      return;
    case XmlReader::Event::kError:
      error_ = xml_.error();
      return;
    case XmlReader::Event::kNeedMore:
      done_ = false;
      return;
  }
}

void MessageReader::open() {
  if (++elements_ > kMaxElements) {
    error_ = "the message has too many elements";
    return;
  }
  // A list never moves its elements, so the pointers in open_ stay good.
  Element& element = open_.empty() ? root_ : open_.back()->children.emplace_back();
  element.name = xml_.name();
  element.space = xml_.space();
  element.attributes = xml_.attributes();
  open_.push_back(&element);
}

bool MessageReader::finish() {
  if (error_.empty() && !done_) error_ = "the message ends inside an element";
  return error_.empty();
}

std::string RpcError::xml() const {
  std::string out = "<rpc-error><error-type>" + type + "</error-type><error-tag>" + tag +
                    "</error-tag><error-severity>error</error-severity><error-message>" +
                    xml_escape(message) + "</error-message>";
  if (!info.empty()) out += "<error-info>" + info + "</error-info>";
  return out + "</rpc-error>";
}

}  // namespace nezu::mgmt
