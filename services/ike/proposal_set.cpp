#include "services/ike/proposal_set.h"

namespace nezu::ike {
namespace {

struct IkeMember {
  std::string_view set, encryption, authentication, group;
};
constexpr IkeMember kIke[] = {
    {"basic", "des-cbc", "sha1", "group1"},
    {"basic", "des-cbc", "md5", "group1"},
    {"compatible", "3des-cbc", "sha1", "group2"},
    {"compatible", "3des-cbc", "md5", "group2"},
    {"compatible", "des-cbc", "sha1", "group2"},
    {"compatible", "des-cbc", "md5", "group2"},
    {"standard", "3des-cbc", "sha1", "group2"},
    {"standard", "aes-128-cbc", "sha1", "group2"},
    {"suiteb-gcm-128", "aes-128-cbc", "sha-256", "group19"},
    {"suiteb-gcm-256", "aes-256-cbc", "sha-384", "group20"},
    {"prime-128", "aes-128-gcm", "sha-256", "group19"},
    {"prime-256", "aes-256-gcm", "sha-384", "group20"},
};

struct EspMember {
  std::string_view set, encryption, authentication;
  DhGroup pfs;
};
constexpr EspMember kEsp[] = {
    {"basic", "des-cbc", "hmac-sha1-96", DhGroup::kNone},
    {"basic", "des-cbc", "hmac-md5-96", DhGroup::kNone},
    {"compatible", "3des-cbc", "hmac-sha1-96", DhGroup::kNone},
    {"compatible", "3des-cbc", "hmac-md5-96", DhGroup::kNone},
    {"compatible", "des-cbc", "hmac-sha1-96", DhGroup::kNone},
    {"compatible", "des-cbc", "hmac-md5-96", DhGroup::kNone},
    {"standard", "3des-cbc", "hmac-sha1-96", DhGroup::kModp1024},
    {"standard", "aes-128-cbc", "hmac-sha1-96", DhGroup::kModp1024},
    {"suiteb-gcm-128", "aes-128-gcm", "", DhGroup::kEcp256},
    {"suiteb-gcm-256", "aes-256-gcm", "", DhGroup::kEcp384},
    {"prime-128", "aes-128-gcm", "", DhGroup::kEcp256},
    {"prime-256", "aes-256-gcm", "", DhGroup::kEcp384},
};

}  // namespace

std::vector<IkeProposal> ike_proposal_set(std::string_view name) {
  std::vector<IkeProposal> all;
  for (const IkeMember& each : kIke)
    if (each.set == name)
      all.push_back(*ike_proposal(name, each.encryption, each.authentication, each.group, 0));
  return all;
}

EspProposalSet esp_proposal_set(std::string_view name) {
  EspProposalSet all;
  for (const EspMember& each : kEsp) {
    if (each.set != name) continue;
    all.proposals.push_back(*esp_proposal(name, each.encryption, each.authentication, false, 0, 0));
    all.pfs = each.pfs;
  }
  return all;
}

}  // namespace nezu::ike
