// Checking only what a commit changes must find what checking everything finds.
#include "configdb/validate.h"

#include <gtest/gtest.h>

#include <random>

#include "configdb/problems.h"
#include "sample.h"

namespace nezu::configdb {
namespace {

using namespace sample;

Findings check_all(const NodePtr& after) {
  const NodePtr nothing = make_root(*schema());
  return validate(References(*schema()), nothing, after);
}

std::set<std::string> errors(const Findings& findings) {
  std::set<std::string> texts;
  for (const Problem& problem : findings.problems)
    if (!problem.warning) texts.insert(render({problem}));
  return texts;
}

std::string any_line(std::mt19937& random) {
  const auto name = [&](const char* stem) { return stem + std::to_string(random() % 3); };
  switch (random() % 8) {
    case 0:
      return "security ike proposal " + name("x") + " dh-group group14";
    case 1:
      return "security ike policy " + name("p") + " proposals " + name("x");
    case 2:
      return "security ike gateway " + name("g") + " ike-policy " + name("p");
    case 3:
      return "security ipsec proposal " + name("y") + " protocol esp";
    case 4:
      return "security ipsec policy " + name("q") + " proposals " + name("y");
    case 5:
      return "security ipsec vpn " + name("v") + " ike gateway " + name("g");
    case 6:
      return "security ipsec vpn " + name("v") + " ike ipsec-policy " + name("q");
    default:
      return "services service-set " + name("s") + " ipsec-vpn " + name("v");
  }
}

TEST(Problems, AreCountedWhereThereAreTooMany) {
  Problems problems;
  for (size_t i = 0; i < 50'000; ++i)
    problems.push_back({{"security"}, "vpn v" + std::to_string(i), "is wrong", i % 2 == 1});
  const std::string text = render(problems);
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 1 + 4 * 1000 + 2);
  EXPECT_TRUE(text.ends_with("... 24000 more errors\n... 24000 more warnings\n"));
  EXPECT_NE(text.find("  'vpn v1998'\n    is wrong\n"), std::string::npos);
  EXPECT_EQ(text.find("'vpn v2000'"), std::string::npos);
  problems.resize(2 * kMostRendered + 1);
  EXPECT_TRUE(render(problems).ends_with("... 1 more error\n"));
  problems.resize(2 * kMostRendered);
  EXPECT_EQ(render(problems).find("more"), std::string::npos);
}

TEST(Validation, OfADeltaAgreesWithThatOfTheWhole) {
  std::mt19937 random(7);
  int accepted = 0, refused = 0;
  for (int round = 0; round < 5; ++round) {
    NodePtr active = make_root(*schema());
    NodePtr candidate = active;
    References references(*schema());
    for (int step = 0; step < 3000; ++step) {
      Path place = path(any_line(random));
      if (random() % 100 < 45) {
        place.resize(2 + random() % (place.size() - 1));
        candidate = remove(candidate, place).root;
      } else {
        candidate = set(candidate, place).root;
      }
      if (random() % 3) continue;
      const Findings findings = validate(references, active, candidate);
      ASSERT_EQ(errors(findings), errors(check_all(candidate)));
      if (findings.failure == Failure::kNone) {
        ++accepted;
        references.follow(active, candidate);
        active = candidate;
      } else {
        ++refused;
        if (random() % 2) candidate = active;
      }
    }
  }
  EXPECT_GT(accepted, 100);
  EXPECT_GT(refused, 100);
}

TEST(Validation, NamesThePlaceOfWhatIsMissing) {
  const Findings findings = check_all(tree("security ike gateway g ike-policy p"));
  EXPECT_EQ(errors(findings).count(
                "[edit security ike gateway g]\n  'ike-policy p'\n    " +
                schema()->at("security ike gateway ike-policy")->reference_message + "\n"),
            1u)
      << render(findings.problems);
}

TEST(Problems, ShareTheLinesOfTheirPlace) {
  const Problems problems = {
      {{"system"}, "host-name a", "one", false},
      {{"interfaces", "et-0/0/10"}, "mtu 1", "four", false},
      {{"system"}, "login", "three", true},
      {{}, "system", "Missing mandatory statement: 'x'", false},
      {{"interfaces", "et-0/0/2"}, "mtu 1", "five", false},
      {{"system"}, "host-name a", "two\nlines", false},  // of another service
  };
  EXPECT_EQ(render(problems),
            "[edit]\n"
            "  'system'\n"
            "    Missing mandatory statement: 'x'\n"
            "[edit interfaces et-0/0/2]\n"
            "  'mtu 1'\n"
            "    five\n"
            "[edit interfaces et-0/0/10]\n"
            "  'mtu 1'\n"
            "    four\n"
            "[edit system]\n"
            "  'host-name a'\n"
            "    one\n"
            "    two\n"
            "    lines\n"
            "  'login'\n"
            "    warning: three\n");
  EXPECT_EQ(last_line(Failure::kMandatory, true),
            "error: configuration check-out failed: (missing mandatory statements)\n");
  EXPECT_EQ(last_line(Failure::kConstraint, false),
            "error: commit failed: (statements constraint check failed)\n");
  EXPECT_EQ(last_line(Failure::kService, false), "error: configuration check-out failed\n");
}

}  // namespace
}  // namespace nezu::configdb
