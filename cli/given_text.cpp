#include "cli/given_text.h"

#include "services/mgmt/xml_reader.h"

namespace nezu::cli {
namespace {
constexpr size_t kMostText = 8 << 20;
constexpr size_t kMostEscaped = 15 << 20;  // a request is 16 MiB at most
}  // namespace

void GivenText::add(std::string_view piece) {
  size_ += piece.size();
  too_long_ = too_long_ || size_ > kMostText;
  if (!too_long_) escaped_ += mgmt::xml_escape(piece);
  too_long_ = too_long_ || escaped_.size() > kMostEscaped;
  if (too_long_) escaped_.clear();
}

}  // namespace nezu::cli
