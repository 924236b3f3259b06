// Where paths end when authorities are renewed, signed by others, or signed in a circle.
#include "services/ike/certificates/anchors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/services/ike/authority.h"

namespace nezu::ike::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::UnorderedElementsAre;
using AuthorityOf = ike::Authority;

constexpr KeyKind kKind = KeyKind::kEcdsa256;

AuthorityOf as(const std::string& profile, const Made& made) {
  return {profile, *Certificate::of_der(made.der())};
}

std::vector<std::string> names(const std::vector<AuthorityOf>& authorities) {
  std::vector<std::string> found;
  for (const auto& each : authorities) found.push_back(each.profile);
  return found;
}

std::vector<std::string> anchors(const std::vector<AuthorityOf>& trusted) {
  return names(anchors_of(trusted, std::time(nullptr)));
}

// The path from a certificate through what is trusted, as a peer that shows it alone has it: the
// profiles that are asked about revocation, from the certificate up; or why there is none.
std::vector<std::string> path(const Made& leaf, const std::vector<AuthorityOf>& trusted) {
  const std::time_t now = std::time(nullptr);
  const auto verdict =
      verify_chain({*Certificate::of_der(leaf.der())}, anchors_of(trusted, now), trusted, now);
  if (!verdict.error.empty()) return {verdict.error};
  std::vector<std::string> profiles;
  for (const ChainLink& link : verdict.links) profiles.push_back(link.profile);
  return profiles;
}

struct AnchorsOf : testing::Test {
  Authority root{{.subject = "CN=root", .kind = kKind}};
  Authority middle{{.subject = "CN=middle", .kind = kKind}, root};
  Authority abroad{{.subject = "CN=abroad", .kind = kKind, .key = 7}};
  Made leaf = middle.issue({.subject = "CN=leaf", .kind = kKind});
  // The root's name and key, signed by an authority abroad.
  Made crossed(int to_hours = 24 * 30) {
    return abroad.issue(
        {.subject = "CN=root", .kind = kKind, .authority = true, .to_hours = to_hours},
        root.own().key);
  }
  // The root's name again: with its own key, or another.
  Made renewed(int key, int from_hours, int to_hours, bool identifiers = true) {
    return Authority({.subject = "CN=root",
                      .kind = kKind,
                      .key = key,
                      .from_hours = from_hours,
                      .to_hours = to_hours,
                      .identifiers = identifiers})
        .own();
  }
};

TEST_F(AnchorsOf, AnAuthorityBelowATrustedRootIsNone) {
  EXPECT_THAT(anchors({as("middle", middle.own()), as("root", root.own())}), ElementsAre("root"));
  EXPECT_THAT(anchors({as("middle", middle.own())}), ElementsAre("middle"));
  EXPECT_THAT(path(leaf, {as("middle", middle.own()), as("root", root.own())}),
              ElementsAre("middle", "root"));
  EXPECT_THAT(anchors({}), IsEmpty());
}

// Whatever the profiles' order, and whichever of the two ends first: the root is asked about the
// authority below it.
TEST_F(AnchorsOf, ACrossSignedCopyHidesNoRoot) {
  for (const int copy_ends : {24 * 29, 24 * 60})
    for (const char* copy : {"a-copy", "z-copy"}) {
      std::vector<AuthorityOf> trusted = {as("middle", middle.own()), as("root", root.own()),
                                          as(copy, crossed(copy_ends))};
      std::ranges::sort(trusted, {}, &AuthorityOf::profile);
      EXPECT_THAT(anchors(trusted), ElementsAre("root")) << copy_ends;
      EXPECT_THAT(path(leaf, trusted), ElementsAre("middle", "root")) << copy_ends;
      // With who signed the copy both are roots, and the path is the shorter one.
      trusted.push_back(as("abroad", abroad.own()));
      EXPECT_THAT(anchors(trusted), UnorderedElementsAre("root", "abroad")) << copy_ends;
      EXPECT_THAT(path(leaf, trusted), ElementsAre("middle", "root")) << copy_ends;
    }
}

// The root itself is out of date: the copy leads on to the root abroad.
TEST_F(AnchorsOf, ACrossSignedCopyTakesTheExpiredRootsPlace) {
  const std::vector<AuthorityOf> trusted = {as("abroad", abroad.own()), as("copy", crossed()),
                                            as("middle", middle.own()),
                                            as("root", renewed(0, -48, -1))};
  EXPECT_THAT(anchors(trusted), ElementsAre("abroad"));
  EXPECT_THAT(path(leaf, trusted), ElementsAre("middle", "copy", "abroad"));
}

TEST_F(AnchorsOf, ARootRenewedWithItsKeyHoldsAsLongAsTheNewOne) {
  for (const auto& [old_profile, new_profile] : {std::pair("a", "b"), std::pair("b", "a")}) {
    std::vector<AuthorityOf> trusted = {as(old_profile, renewed(0, -48, 1)),
                                        as(new_profile, renewed(0, -2, 48)),
                                        as("middle", middle.own())};
    std::ranges::sort(trusted, {}, &AuthorityOf::profile);
    EXPECT_THAT(anchors(trusted), ElementsAre(new_profile));
    EXPECT_THAT(path(leaf, trusted), ElementsAre("middle", new_profile));
    // Out of date the old one is in nobody's way either.
    for (auto& each : trusted)
      if (each.profile == old_profile) each = as(old_profile, renewed(0, -48, -1));
    EXPECT_THAT(anchors(trusted), ElementsAre(new_profile));
    EXPECT_THAT(path(leaf, trusted), ElementsAre("middle", new_profile));
  }
}

// With nothing in the certificates but the name to tell the two keys apart.
TEST_F(AnchorsOf, ARootWithANewKeyStandsBesideTheOldOne) {
  Authority old({.subject = "CN=root", .kind = kKind, .identifiers = false});
  Authority young({.subject = "CN=root", .kind = kKind, .key = 5, .identifiers = false});
  Authority below({.subject = "CN=below", .kind = kKind, .identifiers = false}, old);
  const Made of_old = old.issue({.subject = "CN=x", .kind = kKind, .identifiers = false});
  const Made of_below = below.issue({.subject = "CN=y", .kind = kKind, .identifiers = false});
  const Made of_young = young.issue({.subject = "CN=x", .kind = kKind, .identifiers = false});
  for (const auto& [first, second] : {std::pair("a", "b"), std::pair("b", "a")}) {
    std::vector<AuthorityOf> trusted = {as(first, old.own()), as(second, young.own()),
                                        as("c-below", below.own())};
    std::ranges::sort(trusted, {}, &AuthorityOf::profile);
    EXPECT_THAT(anchors(trusted), UnorderedElementsAre("a", "b"));
    EXPECT_THAT(path(of_old, trusted), ElementsAre(first));
    EXPECT_THAT(path(of_young, trusted), ElementsAre(second));
    EXPECT_THAT(path(of_below, trusted), ElementsAre("c-below", first));
  }
}

// The old root is over: what it signed, and is trusted by itself, keeps its trust.
TEST_F(AnchorsOf, AnExpiredRootTakesNoTrustWithIt) {
  const std::vector<AuthorityOf> trusted = {
      as("middle", middle.own()), as("new", renewed(5, -2, 48)), as("old", renewed(0, -48, -1))};
  EXPECT_THAT(anchors(trusted), ElementsAre("middle", "new"));
  EXPECT_THAT(path(leaf, trusted), ElementsAre("middle"));
  // Alone it says that it is expired.
  EXPECT_THAT(
      path(root.issue({.subject = "CN=x", .kind = kKind}), {as("old", renewed(0, -48, -1))}),
      ElementsAre(HasSubstr("certificate has expired")));
}

TEST_F(AnchorsOf, ARootOfTheSameNameThatDidNotSignIsNoRootAbove) {
  const Made stranger = renewed(9, -2, 48, false);
  const std::vector<AuthorityOf> trusted = {as("middle", middle.own()), as("stranger", stranger)};
  EXPECT_THAT(anchors(trusted), ElementsAre("middle", "stranger"));
  EXPECT_THAT(path(leaf, trusted), ElementsAre("middle"));
}

TEST_F(AnchorsOf, AuthoritiesThatSignedEachOtherStayTrusted) {
  // a signed by b, b signed by a; neither by itself.
  Authority a({.subject = "CN=a", .kind = kKind, .key = 1});
  Authority b({.subject = "CN=b", .kind = kKind, .key = 2});
  const Made a_by_b = b.issue({.subject = "CN=a", .kind = kKind, .authority = true}, a.own().key);
  const Made b_by_a = a.issue({.subject = "CN=b", .kind = kKind, .authority = true}, b.own().key);
  const Made of_a = a.issue({.subject = "CN=x", .kind = kKind});
  std::vector<AuthorityOf> trusted = {as("a", a_by_b), as("b", b_by_a)};
  EXPECT_THAT(anchors(trusted), ElementsAre("a", "b"));
  EXPECT_THAT(path(of_a, trusted), ElementsAre("a"));
  // A root enters the circle: there all paths end.
  trusted.push_back(as("b-root", b.own()));
  EXPECT_THAT(anchors(trusted), ElementsAre("b-root"));
  EXPECT_THAT(path(of_a, trusted), ElementsAre("a", "b-root"));
}

// Name and key identifier are a stranger's to write: the signature counts.
TEST_F(AnchorsOf, WhoOnlyNamesTheRootIsNotBelowIt) {
  Authority false_root({.subject = "CN=root", .kind = kKind, .key = 6, .identifiers = false});
  Authority claims({.subject = "CN=claims", .kind = kKind, .identifiers = false}, false_root);
  EXPECT_FALSE(has_signed(as("", root.own()).certificate, as("", claims.own()).certificate));
  EXPECT_THAT(anchors({as("claims", claims.own()), as("root", root.own())}),
              ElementsAre("claims", "root"));
}

// Two hundred keys under one name, each certificate the next one's, as far as the names tell.
TEST_F(AnchorsOf, ManyOfOneNameCostABoundedTime) {
  std::vector<AuthorityOf> trusted;
  for (int i = 0; i < 200; ++i) {
    Authority signer({.subject = "CN=same", .kind = kKind, .key = 1000 + i, .identifiers = false});
    Authority one({.subject = "CN=same", .kind = kKind, .key = 2000 + i, .identifiers = false},
                  signer);
    trusted.push_back(as(std::to_string(i), i % 2 ? signer.own() : one.own()));
  }
  Authority last({.subject = "CN=same", .kind = kKind, .key = 3000, .identifiers = false});
  trusted.push_back(as("last", last.own()));
  const Made own = last.issue({.subject = "CN=x", .kind = kKind, .identifiers = false});
  Anchors known;
  const std::time_t now = std::time(nullptr);
  const auto seconds = [] { return double(std::clock()) / CLOCKS_PER_SEC; };
  const double began = seconds();
  EXPECT_EQ(known.of(trusted, now).size(), 201u);
  const double first = seconds();
  EXPECT_LT(first - began, 2.0);  // 1600 signatures; every pair would be 20,000
  for (int i = 0; i < 10; ++i) EXPECT_EQ(known.of(trusted, now).size(), 201u);
  const double second = seconds();
  EXPECT_LT(second - first, (first - began) / 4);
  // Whoever signed: at most kMostSigners keys are tried, then it is refused.
  for (int i = 0; i < 10; ++i)
    verify_chain({*Certificate::of_der(own.der())}, known.of(trusted, now), trusted, now);
  EXPECT_LT(seconds() - second, 1.0);
}

TEST_F(AnchorsOf, AreFoundAgainWhenOneEnds) {
  const std::vector<AuthorityOf> trusted = {as("middle", middle.own()),
                                            as("root", renewed(0, -48, 1))};
  Anchors known;
  const std::time_t now = std::time(nullptr);
  EXPECT_THAT(names(known.of(trusted, now)), ElementsAre("root"));
  EXPECT_THAT(names(known.of(trusted, now + 2 * 3600)), ElementsAre("middle", "root"));
  EXPECT_THAT(names(known.of(trusted, now)), ElementsAre("root"));
  EXPECT_THAT(names(known.of({trusted[0]}, now)), ElementsAre("middle"));
}

}  // namespace
}  // namespace nezu::ike::test
