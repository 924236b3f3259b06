// Groups that act on one machine, at a time or among peers only.
#include <gtest/gtest.h>

#include "configdb/codec.h"
#include "configdb/group_time.h"
#include "configdb/machine.h"
#include "configdb/pending.h"
#include "effective.h"

namespace nezu::configdb {
namespace {

using namespace sample;

class Conditions : public testing::Test {
 protected:
  Conditions() { this_machine().model = "mx304"; }
  ~Conditions() override { this_machine() = {}; }
  static std::string text(const std::string& when) {
    return "set groups g when " + when + "\nset groups g system host-name g\nset apply-groups g\n";
  }
  static bool applies(const std::string& when) {
    const std::string shown = set_text(inherit(load(text(when)), this_machine().time).root);
    const bool same = shown.find("set system host-name g\n") != std::string::npos;
    const std::string out = effective(text(when));
    EXPECT_EQ(same, !out.empty());
    return !out.empty();
  }
};

TEST_F(Conditions, AllHaveToBeSo) {
  EXPECT_TRUE(applies("model mx304"));
  EXPECT_TRUE(applies("model MX304"));
  EXPECT_FALSE(applies("model mx240"));
  EXPECT_TRUE(applies("routing-engine re0"));
  EXPECT_FALSE(applies("routing-engine re1"));
  EXPECT_TRUE(applies("model mx304 routing-engine re0"));
  EXPECT_FALSE(applies("model mx304 routing-engine re1"));
  EXPECT_FALSE(applies("member member0"));
  EXPECT_FALSE(applies("node node0"));
  EXPECT_FALSE(applies("chassis scc"));
  EXPECT_EQ(group_problems(load(text("model mx240 member member0"))), "");
  EXPECT_EQ(effective(text("model mx240") + "deactivate groups g when\n"),
            "set system host-name g\n");
}

int64_t moment(const std::string& day, const std::string& clock) {
  return *first_second_of(day) + *seconds_of_day(clock);
}

TEST_F(Conditions, OfTimeHoldFromTheFirstSecondToTheLast) {
  const struct {
    const char *time, *day, *clock;
    bool holds;
    const char *next_day, *next_clock;  ///< when it changes
  } cases[] = {
      {"10:00 to 12:00", "2026-11-22", "09:59:59", false, "2026-11-22", "10:00"},
      {"10:00 to 12:00", "2026-11-22", "10:00", true, "2026-11-22", "12:00"},
      {"10:00 to 12:00", "2026-11-22", "11:59:59", true, "2026-11-22", "12:00"},
      {"10:00 to 12:00", "2026-11-22", "12:00", false, "2026-11-23", "10:00"},
      {"22 to 6:30", "2026-11-22", "23:00", true, "2026-11-23", "06:30"},
      {"22 to 6:30", "2026-11-22", "06:29:59", true, "2026-11-22", "06:30"},
      {"22 to 6:30", "2026-11-22", "06:30", false, "2026-11-22", "22:00"},
      {"20:00", "2026-11-22", "19:00", false, "2026-11-22", "20:00"},
      {"20:00", "2026-11-22", "20:00", true, "2026-11-23", "00:00"},
      {"20:00", "2026-11-23", "00:00", false, "2026-11-23", "20:00"},
      {"0:00", "2026-11-22", "12:00", true, nullptr, nullptr},
      {"2026-11-22.10:00 to 2026-11-24.9", "2026-11-22", "09:59", false, "2026-11-22", "10:00"},
      {"2026-11-22.10:00 to 2026-11-24.9", "2026-11-23", "00:00", true, "2026-11-24", "09:00"},
      {"2026-11-22.10:00 to 2026-11-24.9", "2026-11-24", "09:00", false, nullptr, nullptr},
      {"2026-11-22.10:00", "2027-01-01", "00:00", true, nullptr, nullptr},
  };
  for (const auto& each : cases) {
    const std::string what = std::string(each.time) + " at " + each.day + " " + each.clock;
    const int64_t now = this_machine().time = moment(each.day, each.clock);
    const std::string when = text("time " + std::string(each.time));
    EXPECT_EQ(applies("time " + std::string(each.time)), each.holds) << what;
    EXPECT_EQ(group_problems(load(when)), "") << what;
    const auto next = next_group_change(load(when), now);
    if (!each.next_day) {
      EXPECT_EQ(next, std::nullopt) << what;
      continue;
    }
    ASSERT_EQ(next, moment(each.next_day, each.next_clock)) << what;
    const NodePtr root = load(when);
    const Trees before{root, expand(root, {}), now};
    this_machine().time = *next;
    const NodePtr after = expand(root, before);
    EXPECT_TRUE(equal(after, expand(root, {}))) << what;
    EXPECT_FALSE(equal(after, before.effective)) << what;
  }
}

TEST_F(Conditions, ThatAreNoTimesAreRefused) {
  for (const std::string time :
       {"noon", "25:00", "10:60", "10:00:30", "10:00 to 10:00", "10:00 to noon", "2026-02-30.10:00",
        "2026-11-22.10:00 to 12:00", "10:00 to 2026-11-22.12:00",
        "2026-11-22.10:00 to 2026-11-22.09:00"}) {
    EXPECT_FALSE(applies("time " + time)) << time;
    EXPECT_EQ(group_problems(load(text("time " + time))),
              "[edit groups g when]\n  'time'\n    invalid time; the group would never apply\n")
        << time;
  }
}

// The name may be configured, or come from a group; when it changes, so does what applies.
TEST_F(Conditions, OfPeersFollowOurName) {
  const std::string peers =
      "set groups p when peers [ left right ]\n"
      "set groups p interfaces <*> mtu 1500\nset interfaces et-0/0/0\nset apply-groups p\n";
  const auto of = [&](const std::string& more) { return load(peers + more); };
  const auto applied = [](const NodePtr& root) {
    return set_text(root).find("mtu 1500") != std::string::npos;
  };
  const NodePtr nameless = of(""), left = of("set system host-name left\n"),
                middle = of("set system host-name middle\n"),
                of_group = of("set groups re0 system host-name right\nset apply-groups re0\n"),
                of_other = of("set groups re1 system host-name right\nset apply-groups re1\n"),
                off = of("set system host-name left\ndeactivate system host-name\n");
  const std::pair<NodePtr, bool> all[] = {{nameless, false}, {left, true},      {middle, false},
                                          {of_group, true},  {of_other, false}, {off, false}};
  for (const auto& [before, was] : all)
    for (const auto& [after, is] : all) {
      const NodePtr old = expand(before, {}), stepped = expand(after, {before, old});
      EXPECT_EQ(applied(old), was) << set_text(before);
      EXPECT_EQ(applied(stepped), is) << set_text(after);
      EXPECT_TRUE(equal(stepped, expand(after, {})));
    }
}

TEST_F(Conditions, AreReadAgainFromEveryForm) {
  const NodePtr root =
      load(text("time 10:00 to 12:00") + "set groups g when peers [ a b ]\n" +
           "set groups g when model mx304\nset groups g interfaces <*> mtu 1500\n");
  EXPECT_TRUE(curly_text(root).starts_with(
      "groups {\n    g {\n        when {\n            time 10:00 to 12:00;\n"
      "            peers [ a b ];\n            model mx304;\n        }\n"))
      << curly_text(root);
  for (const Form form : {Form::kText, Form::kSet, Form::kXml, Form::kJson})
    EXPECT_TRUE(equal(load(configdb::text(root, form)), root)) << configdb::text(root, form);
  const Decoded stored = decode(*schema(), nullptr, encode(nullptr, root));
  EXPECT_TRUE(equal(stored.root, root)) << stored.error;
}

// The condition changes, and what stands on it with it.
TEST_F(Conditions, AreFollowedStepByStep) {
  const NodePtr first = load(text("model mx240") +
                             "set interfaces et-0/0/0 apply-groups g\n"
                             "set groups g interfaces <*> mtu 1500\n");
  const NodePtr before = expand(first, {});
  const NodePtr second = with(first, "groups g when model mx304");
  EXPECT_TRUE(equal(expand(second, {first, before}), expand(second, {})));
  EXPECT_TRUE(equal(expand(first, {second, expand(second, {})}), before));
}

}  // namespace
}  // namespace nezu::configdb
