#include "services/ike/certificates/anchors.h"

#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <limits>
#include <map>

namespace nezu::ike {
namespace {
constexpr std::time_t kNever = std::numeric_limits<std::time_t>::max();

bool is_valid(const Certificate& certificate, std::time_t now) {
  return certificate.not_before() <= now && now <= certificate.not_after();
}

bool is_root(const Certificate& certificate) {
  return certificate.kind() != KeyKind::kNone && X509_self_signed(certificate.get(), 1) == 1;
}

bool has_same_name(const Certificate& a, const Certificate& b) {
  return X509_NAME_cmp(X509_get_subject_name(a.get()), X509_get_subject_name(b.get())) == 0;
}

bool is_same_authority(const Certificate& a, const Certificate& b) {
  return has_same_name(a, b) && EVP_PKEY_eq(a.key(), b.key()) == 1;
}

// One look for what leads to a root: from the roots downwards, each authority is asked about once.
class Search {
 public:
  Search(const std::vector<Authority>& trusted, std::time_t now)
      : all_(trusted), now_(now), places_(trusted.size()) {
    for (std::size_t i = 0; i < all_.size(); ++i) {
      by_issuer_.emplace(X509_issuer_name_hash(certificate(i).get()), i);
      by_subject_.emplace(X509_subject_name_hash(certificate(i).get()), i);
      if (is_valid(certificate(i), now_) && is_root(certificate(i))) {
        places_[i].kind = Kind::kRoot;
        open_.push_back(i);
      }
    }
  }

  std::vector<Authority> anchors() {
    while (!open_.empty()) {
      const std::size_t at = open_.back();
      open_.pop_back();
      look_below(at);
    }
    std::vector<Authority> found;
    for (std::size_t i = 0; i < all_.size(); ++i)
      if (places_[i].kind != Kind::kReached && !gives_way(i)) found.push_back(all_[i]);
    return found;
  }

 private:
  enum class Kind : std::uint8_t { kUnknown, kRoot, kReached };
  struct Place {
    Kind kind = Kind::kUnknown;
    int tries = 0;  // signatures computed
  };

  const Certificate& certificate(std::size_t i) const { return all_[i].certificate; }
  auto named(std::size_t i) const {
    return by_subject_.equal_range(X509_subject_name_hash(certificate(i).get()));
  }

  void look_below(std::size_t issuer) {
    const auto issued = by_issuer_.equal_range(X509_subject_name_hash(certificate(issuer).get()));
    for (auto at = issued.first; at != issued.second; ++at)
      if (has_issued(issuer, at->second)) reach(at->second);
    const auto copies = named(issuer);
    for (auto at = copies.first; at != copies.second; ++at)
      if (is_same_authority(certificate(at->second), certificate(issuer))) reach(at->second);
  }

  bool has_issued(std::size_t issuer, std::size_t subject) {
    Place& place = places_[subject];
    if (place.kind != Kind::kUnknown ||
        X509_check_issued(certificate(issuer).get(), certificate(subject).get()) != X509_V_OK)
      return false;
    return place.tries++ < kMostSigners && has_signed(certificate(issuer), certificate(subject));
  }

  // A path goes on through those that are valid only.
  void reach(std::size_t i) {
    if (places_[i].kind != Kind::kUnknown) return;
    places_[i].kind = Kind::kReached;
    if (is_valid(certificate(i), now_)) open_.push_back(i);
  }

  bool gives_way(std::size_t i) const {
    const auto [first, last] = named(i);
    return std::any_of(first, last, [&](const auto& each) { return gives_way_to(i, each.second); });
  }

  // One that is reached is left out itself: it takes no place of what the path goes on to.
  bool gives_way_to(std::size_t i, std::size_t to) const {
    const Certificate &one = certificate(i), &other = certificate(to);
    if (!is_valid(other, now_) || !has_same_name(one, other)) return false;
    if (!is_valid(one, now_)) return true;
    return places_[to].kind != Kind::kReached && one.not_after() < other.not_after() &&
           is_same_authority(one, other);
  }

  const std::vector<Authority>& all_;
  std::time_t now_;
  std::vector<Place> places_;
  std::vector<std::size_t> open_;
  std::multimap<unsigned long, std::size_t> by_issuer_, by_subject_;
};

bool is_same(const std::vector<Authority>& a, const std::vector<Authority>& b) {
  return std::ranges::equal(a, b, [](const Authority& x, const Authority& y) {
    return x.profile == y.profile && x.certificate == y.certificate;
  });
}
}  // namespace

bool has_signed(const Certificate& issuer, const Certificate& subject) {
  return issuer.kind() != KeyKind::kNone &&
         X509_check_issued(issuer.get(), subject.get()) == X509_V_OK &&
         X509_verify(subject.get(), issuer.key()) == 1;
}

std::vector<Authority> anchors_of(const std::vector<Authority>& trusted, std::time_t now) {
  return Search(trusted, now).anchors();
}

const std::vector<Authority>& Anchors::of(const std::vector<Authority>& trusted, std::time_t now) {
  const auto found = std::ranges::find_if(known_, [&](const Known& each) {
    return each.from <= now && now <= each.until && is_same(each.trusted, trusted);
  });
  if (found != known_.end()) {
    std::rotate(found, found + 1, known_.end());
    return known_.back().anchors;
  }
  Known made{trusted, anchors_of(trusted, now), 0, kNever};
  for (const Authority& each : trusted)
    for (const std::time_t edge : {each.certificate.not_before(), each.certificate.not_after() + 1})
      if (edge <= now)
        made.from = std::max(made.from, edge);
      else
        made.until = std::min(made.until, edge - 1);
  if (known_.size() == kMost) known_.erase(known_.begin());
  return known_.emplace_back(std::move(made)).anchors;
}

}  // namespace nezu::ike
