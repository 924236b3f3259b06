#include "grammar/resolve.h"

#include <gtest/gtest.h>

#include "tests/grammar/fixture.h"

namespace nezu::grammar {
namespace {

std::string names(const Candidates& candidates) {
  std::string all;
  for (const auto& c : candidates)
    all += (all.empty() ? "" : " ") + (c.marker == ' ' ? "" : std::string(1, c.marker)) + c.name;
  return all;
}

std::vector<std::string> resolved(std::string_view line, Reach reach = Reach::kSet,
                                  const Path& level = {}) {
  const auto result = resolve(schema().configuration(), level, words(line), reach);
  if (result.problem)
    return {"problem " + std::to_string(result.problem->word) + " " + result.problem->message +
            (result.problem->candidates.empty() ? "" : " " + names(result.problem->candidates))};
  std::vector<std::string> paths;
  for (const auto& path : result.paths) paths.push_back(path_words(path));
  return paths;
}

using Lines = std::vector<std::string>;

TEST(Resolve, FindsStatementsKeysAndValues) {
  EXPECT_EQ(resolved("system host-name peer1"), Lines{"system host-name peer1"});
  EXPECT_EQ(resolved("interfaces si-0/0/0 unit 0 family inet"),
            Lines{"interfaces si-0/0/0 unit 0 family inet"});
  EXPECT_EQ(resolved("interfaces et-0/0/0 unit 0 family inet address 1.1.1.1/24"),
            Lines{"interfaces et-0/0/0 unit 0 family inet address 1.1.1.1/24"});
  EXPECT_EQ(resolved("interfaces et-0/0/0 disable"), Lines{"interfaces et-0/0/0 disable"});
  EXPECT_EQ(resolved("chassis fpc 0 pic 0 inline-services"),
            Lines{"chassis fpc 0 pic 0 inline-services"});
  EXPECT_EQ(resolved("security ike proposal p description \"IKE Proposal\""),
            Lines{"security ike proposal p description \"IKE Proposal\""});
  EXPECT_EQ(resolved("routing-options rib inet6.0 static route 2222::/64 next-hop st0.2"),
            Lines{"routing-options rib inet6.0 static route 2222::/64 next-hop st0.2"});
}

TEST(Resolve, StoresTheCanonicalValue) {
  EXPECT_EQ(resolved("security ike gateway g address 1611:0::1"),
            Lines{"security ike gateway g address 1611::1"});
  EXPECT_EQ(resolved("interfaces et-0/0/0 unit 007"), Lines{"interfaces et-0/0/0 unit 7"});
}

TEST(Resolve, SpellsOutAbbreviations) {
  EXPECT_EQ(resolved("sys host peer1"), Lines{"system host-name peer1"});
  EXPECT_EQ(resolved("sec ike prop p auth-m pre"), Lines{"problem 4 syntax error."});
  EXPECT_EQ(resolved("sec ike prop p authentication-m pre"),
            Lines{"security ike proposal p authentication-method pre-shared-keys"});
  EXPECT_EQ(resolved("sec ike prop p dh group1"), Lines{"security ike proposal p dh-group group1"});
}

TEST(Resolve, SaysWhatIsAmbiguous) {
  EXPECT_EQ(resolved("s"), Lines{"problem 0 's' is ambiguous. >security >services >snmp "
                                 ">switch-options >system"});
  EXPECT_EQ(resolved("security ike proposal p auth md5"),
            Lines{"problem 4 'auth' is ambiguous. authentication-algorithm authentication-method"});
  EXPECT_EQ(resolved("security ike proposal p dh-group group"),
            Lines{"problem 5 'group' is ambiguous. group1 group14 group15 group16 group19 group2 "
                  "group20 group21 group24 group31 group5"});
}

TEST(Resolve, PointsAtTheWrongWord) {
  EXPECT_EQ(resolved("security ike proposal p foo bar"), Lines{"problem 4 syntax error."});
  EXPECT_EQ(resolved("foo"), Lines{"problem 0 syntax error."});
  EXPECT_EQ(resolved("interfaces et-0/0/0 mtu 70000"),
            Lines{"problem 3 Value 70000 is not within range (256..16000)"});
  EXPECT_EQ(resolved("interfaces foo unit 0"), Lines{"problem 1 invalid interface type in 'foo'"});
  EXPECT_EQ(resolved("security ike proposal p dh-group group99"),
            Lines{"problem 5 invalid value 'group99'"});
  EXPECT_EQ(resolved("interfaces et-0/0/0 disable foo"), Lines{"problem 3 syntax error."});
}

TEST(Resolve, SaysWhatIsMissing) {
  for (const char* line :
       {"", "security", "security ike", "interfaces", "system host-name", "security ike proposal",
        "interfaces et-0/0/0 unit", "security ike policy p proposals [ a"})
    EXPECT_EQ(resolved(line).front(),
              "problem " + std::to_string(words(line).size()) + " missing argument.")
        << line;
}

TEST(Resolve, TakesBrackets) {
  EXPECT_EQ(resolved("security ike policy p proposals [ a b ]"),
            (Lines{"security ike policy p proposals a", "security ike policy p proposals b"}));
  EXPECT_EQ(resolved("security ike policy p proposals [ a b ] mode main"),
            (Lines{"security ike policy p proposals a", "security ike policy p proposals b",
                   "security ike policy p mode main"}));
  EXPECT_EQ(resolved("system name-server [ 10.0.0.1 10.0.0.2 ]"),
            (Lines{"system name-server 10.0.0.1", "system name-server 10.0.0.2"}));
  EXPECT_EQ(resolved("security ike policy p proposals [ ]"), Lines{"problem 6 missing argument."});
  EXPECT_EQ(resolved("system host-name [ a ]"), Lines{"problem 2 syntax error."});
  EXPECT_EQ(resolved("security ike policy p proposals ]"), Lines{"problem 5 syntax error."});
}

TEST(Resolve, TakesSeveralStatementsOfOneLevel) {
  EXPECT_EQ(
      resolved("security ike gateway g address 1.1.1.1 version v2-only"),
      (Lines{"security ike gateway g address 1.1.1.1", "security ike gateway g version v2-only"}));
  EXPECT_EQ(resolved("routing-options static route 2.0.0.0/8 preference 10 next-hop 1.1.1.1"),
            (Lines{"routing-options static route 2.0.0.0/8 preference 10",
                   "routing-options static route 2.0.0.0/8 next-hop 1.1.1.1"}));
  EXPECT_EQ(resolved("security ike gateway g local-identity inet 1.1.1.1 version v2-only"),
            (Lines{"security ike gateway g local-identity inet 1.1.1.1",
                   "security ike gateway g version v2-only"}));
}

TEST(Resolve, DeletesWithOrWithoutAValue) {
  EXPECT_EQ(resolved("security ike", Reach::kAny), Lines{"security ike"});
  EXPECT_EQ(resolved("system host-name", Reach::kAny), Lines{"system host-name"});
  EXPECT_EQ(resolved("system host-name x", Reach::kAny), Lines{"system host-name x"});
  EXPECT_EQ(resolved("system host-name x domain-name y", Reach::kAny),
            Lines{"problem 3 syntax error."});
  EXPECT_EQ(resolved("security ike proposal", Reach::kAny), Lines{"security ike proposal"});
  EXPECT_EQ(resolved("", Reach::kAny), Lines{""});
}

TEST(Resolve, EditsLevelsOnly) {
  EXPECT_EQ(resolved("security ike proposal p", Reach::kLevel), Lines{"security ike proposal p"});
  EXPECT_EQ(resolved("interfaces", Reach::kLevel), Lines{"interfaces"});
  EXPECT_EQ(resolved("system host-name", Reach::kLevel), Lines{"problem 1 syntax error."});
  EXPECT_EQ(resolved("security ike proposal", Reach::kLevel), Lines{"problem 3 missing argument."});
}

TEST(Resolve, BeginsAtTheEditLevel) {
  const auto level = path_of("interfaces et-0/0/0 unit 0");
  EXPECT_EQ(resolved("family inet6", Reach::kSet, level),
            Lines{"interfaces et-0/0/0 unit 0 family inet6"});
  EXPECT_EQ(resolved("", Reach::kAny, level), Lines{"interfaces et-0/0/0 unit 0"});
}

TEST(Resolve, StoresSecretsInClear) {
  const auto secret = [](std::string_view text) {
    return resolve(schema().configuration(), {},
                   words("security ike policy p pre-shared-key ascii-text " + std::string(text)),
                   Reach::kSet);
  };
  EXPECT_EQ(secret("test123").paths.at(0).back().value, "test123");
  EXPECT_EQ(secret("\"$9$LbHX-wg4Z\"").paths.at(0).back().value, "lc");
  EXPECT_EQ(secret("\"$9$Lb~X-wg4Z\"").problem->message, "invalid encoded secret");
}

TEST(Resolve, TakesNoSecretThatIsNone) {
  const auto refusal = [](std::string_view line) {
    const auto found = resolve(schema().configuration(), {}, words(line), Reach::kSet);
    return found.problem ? found.problem->message : "";
  };
  const std::string key = "security ike policy p pre-shared-key ascii-text ";
  const std::string password = "system root-authentication encrypted-password ";
  const std::string md5 = "\"$1$abcdefgh$" + std::string(22, 'x') + "\"";
  const std::string sha = "\"$6$rounds=9000$salt$" + std::string(86, '/') + "\"";
  EXPECT_EQ(refusal(key + "\"$8$aes256-gcm$hmac-sha2-256$100$salt$iv$tag$text\""),
            "encrypted with a master password, which this router does not have");
  EXPECT_EQ(refusal(password + "\"$8$a$b$c$d$e$f$g\""),
            "encrypted with a master password, which this router does not have");
  for (const auto& hash : {md5, sha, "\"$5$salt$" + std::string(43, 'a') + "\""}) {
    EXPECT_EQ(refusal(key + hash),
              "the hash of a password cannot be used as a key: it does not tell the password");
    EXPECT_EQ(refusal(password + hash), "");
  }
  EXPECT_EQ(refusal(key + "\"$1$ is my key\""), "");
  EXPECT_EQ(refusal(password + "\"$9$LbHX-wg4Z\""), "an encoded secret is no hash of a password");
}

TEST(Resolve, TakesWholeBytesOfHexadecimalKeys) {
  for (const char* at : {"security ike policy p pre-shared-key hexadecimal ",
                         "security group-vpn server ike policy p pre-shared-key hexadecimal ",
                         "security ipsec vpn v manual encryption key hexadecimal "}) {
    const auto refusal = [&](const char* digits) {
      const auto found =
          resolve(schema().configuration(), {}, words(at + std::string(digits)), Reach::kSet);
      return found.problem ? found.problem->message : "";
    };
    EXPECT_EQ(refusal("00aF"), "") << at;
    EXPECT_EQ(refusal("00a"),
              "Must be an even number of hexadecimal digits: two are one byte of the key")
        << at;
    EXPECT_EQ(refusal("00xa"), "Must be hexadecimal digits") << at;
  }
}

Completion completed(std::string_view line, std::string_view partial = "",
                     Reach reach = Reach::kSet) {
  return complete(schema().configuration(), {}, words(line), partial, reach);
}

TEST(Complete, OffersStatements) {
  EXPECT_EQ(names(completed("security ike").candidates),
            "+apply-flags +apply-groups +apply-groups-except >blocklists >gateway "
            ">packet-encapsulation >policy "
            ">proposal >respond-bad-spi >session "
            ">traceoptions >trap");
  EXPECT_EQ(names(completed("security ike policy p", "p").candidates),
            ">pre-shared-key proposal-set +proposals");
  EXPECT_EQ(names(completed("system", "host", Reach::kLevel).candidates), "");
  EXPECT_FALSE(completed("security ike").enter);
  EXPECT_TRUE(completed("security ike", "", Reach::kAny).enter);
  EXPECT_TRUE(completed("security ike policy p").enter);
}

TEST(Complete, OffersValues) {
  auto at = completed("security ike gateway g ike-policy");
  EXPECT_EQ(names(at.candidates), "<ike-policy>");
  EXPECT_EQ(at.reference, "security ike policy");
  EXPECT_FALSE(at.enter);
  at = completed("interfaces et-0/0/0 mtu");
  EXPECT_EQ(at.candidates.at(0).help, "The largest frame that is sent, in octets (256..16000)");
  EXPECT_EQ(names(completed("security ike gateway g version", "v").candidates), "v1-only v2-only");
  EXPECT_TRUE(completed("security ike policy p proposals").brackets);
  EXPECT_TRUE(completed("security ike policy p proposals [ a").brackets);
}

TEST(Resolve, TakesWildcardsForKeysInGroups) {
  const auto found = [](std::string_view line) {
    const auto resolved = resolve(schema().configuration(), {}, words(line), Reach::kSet);
    return resolved.problem ? resolved.problem->message : path_words(resolved.paths.front());
  };
  EXPECT_EQ(found("groups g interfaces <et-0/0/[0-3]> unit <*> family inet"),
            "groups g interfaces \"<et-0/0/[0-3]>\" unit <*> family inet");
  EXPECT_EQ(found("groups g interfaces <\"et-[0-3]*\"> mtu 1400"),
            "groups g interfaces \"<et-[0-3]*>\" mtu 1400");
  EXPECT_EQ(found("interfaces <*> mtu 1400"), "invalid interface type in '<*>'");
  EXPECT_EQ(found("groups g interfaces <*> mtu <*>"), "invalid numeric value: '<*>'");
  EXPECT_EQ(found("groups <g> system host-name a"), "invalid value '<g>'");
  EXPECT_EQ(found("groups g groups h system host-name a"), "syntax error.");
  EXPECT_EQ(found("apply-groups-except g"), "syntax error.");
  EXPECT_EQ(found("interfaces interface-range r unit 0 family inet mtu 1400"),
            "interfaces interface-range r unit 0 family inet mtu 1400");
}

TEST(Complete, OffersKeys) {
  auto at = completed("interfaces");
  EXPECT_EQ(names(at.candidates),
            "<interface-name> +apply-flags +apply-groups +apply-groups-except >interface-range");
  EXPECT_EQ(at.live_names, "interface-device");
  EXPECT_EQ(at.list, schema().at("interfaces interface"));
  EXPECT_EQ(path_words(at.at), "interfaces");
  at = completed("security ike proposal");
  EXPECT_EQ(at.list, schema().at("security ike proposal"));
  EXPECT_EQ(path_words(at.at), "security ike");
}

TEST(Complete, SaysWhatIsWrongBefore) {
  EXPECT_EQ(completed("security foo").problem->word, 1u);
  EXPECT_TRUE(completed("security foo").candidates.empty());
}

TEST(Complete, OffersWhatFollowsOneLineStatements) {
  const auto at = completed("routing-options static route 2.0.0.0/8 preference 10", "dis");
  EXPECT_EQ(names(at.candidates), "discard");
}

}  // namespace
}  // namespace nezu::grammar
