// What a key costs on a configuration of 100,000 entries: its own answer, not the configuration.
#include <gtest/gtest.h>

#include <QCoreApplication>
#include <ctime>

#include "configdb/load.h"
#include "configdb/node.h"
#include "services/mgmt/cli_session.h"
#include "tests/services/mgmt/test_router.h"

namespace nezu::mgmt {
namespace {
constexpr int kEntries = 100'000;
constexpr double kMost = 5;  // milliseconds
#ifdef __OPTIMIZE__
constexpr double kSlower = 1;
#else
constexpr double kSlower = 6;
#endif

double cpu_milliseconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) / 1e6;
}

class LargeConfiguration : public testing::Test {
 protected:
  void SetUp() override {
    std::string text;
    for (int i = 0; i < kEntries; ++i)
      text += "set policy-options prefix-list p" + std::to_string(i) + " 10.0.0.0/8\n";
    for (int i = 0; i < 3; ++i)
      text += "set policy-options prefix-list other-" + std::to_string(i) + "\n";
    const auto& schema = router_.database().schema();
    auto loaded =
        configdb::load(configdb::make_root(schema),
                       {.mode = configdb::LoadMode::kSet, .text = text, .source = "", .level = {}});
    ASSERT_EQ(loaded.errors, 0u) << loaded.text.substr(0, 500);
    router_.database().set_candidate(loaded.root);
    session_ = router_.session({});
    session_->execute("configure", std::make_shared<Nowhere>());
  }

  struct Nowhere : Screen {
    void write(std::string_view) override {}
    void without_pager() override {}
    bool cancelled() const override { return false; }
    void done(Outcome) override {}
  };

  // The best of three: other work runs beside it.
  Completion quick(const std::string& line, Trigger trigger) {
    Completion found;
    double best = 1e9;
    for (int i = 0; i < 3; ++i) {
      const double begin = cpu_milliseconds();
      found = session_->complete(line, trigger);
      best = std::min(best, cpu_milliseconds() - begin);
    }
    printf("%-45s %.2f ms\n", ("<" + line + ">").c_str(), best);
    EXPECT_LT(best, kMost * kSlower) << line;
    return found;
  }

  void answers_words();
  void lists_a_thousand_names();
  void finds_all_names_that_begin_so();

  int count_ = 0;
  QCoreApplication application_{count_, nullptr};
  TestRouter router_;
  std::unique_ptr<Session> session_;
};

size_t lines(const std::string& text) {
  return static_cast<size_t>(std::count(text.begin(), text.end(), '\n'));
}

void LargeConfiguration::answers_words() {
  EXPECT_NE(quick("show ", Trigger::kQuestion).output.find("> policy-options"), std::string::npos);
  quick("set ", Trigger::kQuestion);
  quick("set security ike policy x ", Trigger::kQuestion);
  quick("sh policy-o pref", Trigger::kSpace);
  quick("delete policy-options prefix-list p99999 ", Trigger::kQuestion);
  quick("show policy-options prefix-list p99999", Trigger::kSpace);
  quick("show policy-options prefix-list p99999", Trigger::kEnter);
}

void LargeConfiguration::lists_a_thousand_names() {
  const auto all = quick("show policy-options prefix-list ", Trigger::kQuestion).output;
  EXPECT_LT(lines(all), 1010u);
  EXPECT_NE(all.find("\n  other-0\n"), all.npos);
  EXPECT_NE(all.find("\n  ...                  There are more"), all.npos);
  EXPECT_EQ(quick("show policy-options prefix-list p", Trigger::kTab).insert, "");
}

// Against a look at each name.
void LargeConfiguration::finds_all_names_that_begin_so() {
  for (const std::string partial : {"p9999", "p777", "p05", "other-", "p12345", "nothing", "o"}) {
    std::string expected;
    for (int i = 0; i < 3; ++i)
      if (("other-" + std::to_string(i)).starts_with(partial))
        expected += "  other-" + std::to_string(i) + "\n";
    for (int i = 0; i < kEntries; ++i)
      if (("p" + std::to_string(i)).starts_with(partial))
        expected += "  p" + std::to_string(i) + "\n";
    const auto found =
        quick("delete policy-options prefix-list " + partial, Trigger::kQuestion).output;
    std::string names;
    for (size_t at = 0; (at = found.find('\n', at)) != found.npos && at + 1 < found.size();) {
      const size_t end = found.find('\n', ++at);
      const std::string line = found.substr(at, end + 1 - at);
      if (line.starts_with("  ") && !line.starts_with("  <")) names += line;
    }
    EXPECT_EQ(names, expected) << partial;
  }
  EXPECT_EQ(quick("show policy-options prefix-list othe", Trigger::kTab).insert, "r-");
  EXPECT_EQ(quick("show policy-options prefix-list p1234", Trigger::kTab).insert, "");
}

// One test: what it is held against is costly to make.
TEST_F(LargeConfiguration, AnswersEachKeyAtOnce) {
  answers_words();
  lists_a_thousand_names();
  finds_all_names_that_begin_so();
}
}  // namespace
}  // namespace nezu::mgmt
