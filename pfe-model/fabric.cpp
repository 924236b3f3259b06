#include "pfe-model/fabric.h"

namespace nezu::pfe {

void Fabric::add(uint32_t pfe) {
  for (uint32_t other = 0; other < kMaxPfe; ++other)
    if (present_[other] && other != pfe && links_[pfe][other] == nullptr) {
      links_[pfe][other] = std::make_unique<Link>();
      links_[other][pfe] = std::make_unique<Link>();
    }
  present_[pfe] = true;
  if (limit_ <= pfe) limit_ = pfe + 1;
}

void Fabric::remove(uint32_t pfe) {
  present_[pfe] = false;
  for (uint32_t other = 0; other < kMaxPfe; ++other) {
    links_[pfe][other].reset();
    links_[other][pfe].reset();
  }
}

}  // namespace nezu::pfe
