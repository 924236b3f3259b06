#include "configdb/node_text.h"

#include <algorithm>
#include <cstring>
#include <memory>
#include <ostream>
#include <utility>

namespace nezu::configdb {
namespace {

constexpr size_t kMostInline = 15, kMostLabelled = 12;
constexpr unsigned kLabelShift = 32;  // labels are mostly multiples of kLabelGap
constexpr uint64_t kMostShortLabel = 0xffffff;
constexpr uint8_t kLengthBits = 0x0f;
constexpr size_t kPointer = sizeof(void*);

}  // namespace

struct NodeText::Aside {
  mutable Count holders;
  uint64_t label = 0;
  Children names = Children(Children::Sorting::kName);
  std::string text;
  std::unique_ptr<const std::string> annotation;

  Aside() = default;
  Aside(const Aside& other)
      : label(other.label),
        names(other.names),
        text(other.text),
        annotation(other.annotation ? std::make_unique<std::string>(*other.annotation) : nullptr) {}
};

void hold(const NodeText::Aside* aside) {
  aside->holders.up();
}

void release(const NodeText::Aside* aside) {
  if (aside->holders.down()) delete aside;
}

const NodeText::Aside* NodeText::aside() const {
  const Aside* to = nullptr;
  std::memcpy(&to, bytes_, kPointer);
  return to;
}

void NodeText::keep() const {
  if (form() == kAside) hold(aside());
}

void NodeText::drop() {
  if (form() == kAside) release(aside());
}

NodeText::NodeText(const NodeText& other) {
  std::memcpy(bytes_, other.bytes_, sizeof bytes_);
  keep();
}

NodeText::NodeText(NodeText&& other) noexcept {
  std::memcpy(bytes_, other.bytes_, sizeof bytes_);
  std::memset(other.bytes_, 0, sizeof other.bytes_);
}

NodeText& NodeText::operator=(const NodeText& other) {
  if (this == &other) return *this;
  other.keep();
  drop();
  std::memcpy(bytes_, other.bytes_, sizeof bytes_);
  return *this;
}

NodeText& NodeText::operator=(NodeText&& other) noexcept {
  std::swap(bytes_, other.bytes_);
  return *this;
}

NodeText::~NodeText() {
  drop();
}

// Takes both into the sixteen bytes if there is room, and nothing else is to be kept.
bool NodeText::fits(std::string_view text, uint64_t label) {
  const uint64_t units = label >> kLabelShift;
  const bool short_label = units << kLabelShift == label && units <= kMostShortLabel;
  if (text.size() > (label ? kMostLabelled : kMostInline) || !short_label) return false;
  unsigned char bytes[sizeof bytes_] = {};
  std::copy(text.begin(), text.end(), bytes);
  for (size_t i = 0; label && i < 3; ++i)
    bytes[kMostLabelled + i] = static_cast<unsigned char>(units >> 8 * i);
  bytes[15] = static_cast<unsigned char>((label ? kLabelled : kInline) | text.size());
  drop();
  std::memcpy(bytes_, bytes, sizeof bytes_);
  return true;
}

void NodeText::put_aside(Aside* aside) {
  hold(aside);
  drop();
  std::memcpy(bytes_, &aside, kPointer);
  bytes_[15] = kAside;
}

// What is aside, or would be, changed; back into the bytes if that will do.
template <class Change>
void NodeText::change_aside(Change change) {
  auto changed = form() == kAside ? std::make_unique<Aside>(*aside()) : std::make_unique<Aside>();
  if (form() != kAside) {
    changed->text = view();
    changed->label = label();
  }
  change(*changed);
  const bool more = changed->annotation || !changed->names.empty();
  if (more || !fits(changed->text, changed->label)) put_aside(changed.release());
}

NodeText& NodeText::operator=(std::string_view text) {
  if (form() == kAside || !fits(text, label()))
    change_aside([copy = std::string(text)](Aside& aside) { aside.text = copy; });
  return *this;
}

std::string_view NodeText::view() const {
  if (form() == kAside) return aside()->text;
  return {reinterpret_cast<const char*>(bytes_), static_cast<size_t>(bytes_[15] & kLengthBits)};
}

uint64_t NodeText::label() const {
  if (form() == kInline) return 0;
  if (form() == kAside) return aside()->label;
  uint64_t units = 0;
  for (size_t i = 3; i-- > 0;) units = units << 8 | bytes_[kMostLabelled + i];
  return units << kLabelShift;
}

void NodeText::set_label(uint64_t label) {
  if (label == this->label()) return;
  if (form() == kAside || !fits(std::string(view()), label))
    change_aside([&](Aside& aside) { aside.label = label; });
}

const std::string* NodeText::annotation() const {
  return form() == kAside ? aside()->annotation.get() : nullptr;
}

void NodeText::annotate(const std::string* text) {
  if (!text && !annotation()) return;
  change_aside([&](Aside& aside) {
    aside.annotation = text ? std::make_unique<std::string>(*text) : nullptr;
  });
}

const Children& NodeText::names() const {
  static const Children kNone(Children::Sorting::kName);
  return form() == kAside ? aside()->names : kNone;
}

void NodeText::set_names(Children names) {
  if (names == this->names() || (names.empty() && this->names().empty())) return;
  change_aside([&](Aside& aside) { aside.names = std::move(names); });
}

}  // namespace nezu::configdb
