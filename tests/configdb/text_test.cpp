// What `show`, `show | compare` and `load` print and do.
#include "configdb/text.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "configdb/session.h"
#include "sample.h"
#include "tests/temporary_directory.h"

namespace nezu::configdb {
namespace {

using namespace sample;

TEST(Compare, PrintsALeafOneColumnLessThanAContainer) {
  EXPECT_EQ(compare(tree(""), tree("system host-name x")),
            "[edit]\n"
            "+  system {\n"
            "+      host-name x;\n"
            "+  }\n");
  EXPECT_EQ(compare(tree("system host-name y"), tree("system host-name x")),
            "[edit system]\n"
            "-  host-name y;\n"
            "+  host-name x;\n");
  EXPECT_EQ(
      compare(tree("interfaces fxp0 unit 0"), tree("interfaces fxp0 unit 0 description RACECAR")),
      "[edit interfaces fxp0 unit 0]\n"
      "+    description RACECAR;\n");
  EXPECT_EQ(compare(tree("interfaces ge-0/0/1 unit 0"),
                    tree("interfaces ge-0/0/1 unit 0 family inet address 1.1.1.1/24")),
            "[edit interfaces ge-0/0/1 unit 0]\n"
            "+     family inet {\n"
            "+         address 1.1.1.1/24;\n"
            "+     }\n");
}

TEST(Compare, OfTheSameIsEmpty) {
  const NodePtr root = tree("system host-name x\ninterfaces et-0/0/0 unit 0");
  EXPECT_EQ(compare(root, root), "");
  EXPECT_EQ(compare(root, with(without(root, "system host-name x"), "system host-name x")), "");
}

TEST(Compare, AJoinedContainerIsNoLevelOfItsOwn) {
  EXPECT_EQ(compare(tree("interfaces st0 unit 1 family inet"),
                    tree("interfaces st0 unit 1 family inet\ninterfaces st0 unit 1 family inet6")),
            "[edit interfaces st0 unit 1]\n"
            "+     family inet6;\n");
}

TEST(Compare, ShowsNeighboursOfAnOrderedEntry) {
  const std::string proposals =
      "security ike proposal a authentication-method pre-shared-keys\n"
      "security ike proposal c authentication-method pre-shared-keys\n";
  const NodePtr before = tree(proposals);
  const NodePtr after = with(before, "security ike proposal d dh-group group14");
  EXPECT_EQ(compare(before, after),
            "[edit security ike]\n"
            "     proposal c { ... }\n"
            "+    proposal d {\n"
            "+        dh-group group14;\n"
            "+    }\n");
  const NodePtr inside = insert(after, path("security ike proposal d"), true, "c").root;
  EXPECT_EQ(compare(before, inside),
            "[edit security ike]\n"
            "     proposal a { ... }\n"
            "+    proposal d {\n"
            "+        dh-group group14;\n"
            "+    }\n"
            "     proposal c { ... }\n");
}

TEST(Compare, MarksAnEntryThatMoved) {
  const NodePtr before = tree(
      "security ike policy a mode main\nsecurity ike policy b mode main\n"
      "security ike policy c mode main\nsecurity ike policy d mode main");
  const NodePtr after = insert(before, path("security ike policy d"), true, "b").root;
  EXPECT_EQ(compare(before, after),
            "[edit security ike]\n"
            "     policy a { ... }\n"
            "!    policy d { ... }\n"
            "     policy b { ... }\n");
}

TEST(Compare, SeveralNewEntriesShareTheirNeighbours) {
  const NodePtr before = tree("security ike policy a mode main\nsecurity ike policy z mode main");
  NodePtr after = before;
  for (const char* name : {"m", "n"}) {
    const std::string policy = std::string("security ike policy ") + name;
    after = insert(with(after, policy), path(policy), true, "z").root;
  }
  EXPECT_EQ(compare(before, after),
            "[edit security ike]\n"
            "     policy a { ... }\n"
            "+    policy m;\n"
            "+    policy n;\n"
            "     policy z { ... }\n");
}

TEST(Compare, GroupedEntriesAreALevelWithoutDepth) {
  const NodePtr none = tree("system host-name x");
  const NodePtr one = with(none, "system name-server 1.1.1.1");
  EXPECT_EQ(compare(none, one),
            "[edit system]\n"
            "+   name-server {\n"
            "+       1.1.1.1;\n"
            "+   }\n");
  EXPECT_EQ(compare(one, with(one, "system name-server 8.8.8.8")),
            "[edit system name-server]\n"
            "+   8.8.8.8;\n");
}

TEST(Compare, ShowsDeactivation) {
  const NodePtr before = tree("interfaces et-0/0/0 unit 0\nsystem host-name x");
  EXPECT_EQ(compare(before, mark(before, path("interfaces et-0/0/0"), Mark::kInactive, true).root),
            "[edit interfaces]\n"
            "!   inactive: et-0/0/0 { ... }\n");
}

TEST(Compare, AtALevelShowsOnlyWhatIsBelow) {
  const NodePtr before = tree("system host-name x\ninterfaces et-0/0/0 unit 0");
  const NodePtr after = tree("system host-name y\ninterfaces et-0/0/0 unit 0 description d");
  EXPECT_EQ(compare(before, after, path("system")),
            "[edit system]\n-  host-name x;\n+  host-name y;\n");
  EXPECT_EQ(compare(before, after, path("interfaces et-0/0/0")),
            "[edit interfaces et-0/0/0 unit 0]\n+    description d;\n");
  EXPECT_EQ(compare(before, after, path("security")), "");
}

class SessionTest : public testing::Test {
 protected:
  SessionTest() {
    auto opened = Database::open(directory_ + "/config.db", schema());
    if (!opened.database) throw std::runtime_error(opened.error);
    database_ = std::move(opened.database);
    session_ = std::make_unique<Session>(*database_, Session::Who{"admin", "pts/0", 1, 0, "cli"});
  }
  ~SessionTest() override {
    session_.reset();
    database_.reset();
  }

  std::string commit() {
    std::string text;
    session_->commit("", false, [&](const CommitResult& result) { text = result.text; });
    return text;
  }

  TemporaryDirectory temporary_;
  const std::string directory_ = temporary_.path();
  std::unique_ptr<Database> database_;
  std::unique_ptr<Session> session_;
};

constexpr char kLab[] = R"(set system host-name peer1
set chassis fpc 0 pic 0 inline-services
set services service-set ss1 next-hop-service inside-service-interface si-0/0/0.0
set services service-set ss1 next-hop-service outside-service-interface si-0/0/0.1
set services service-set ss1 ipsec-vpn ipsec_vpn
set security ike proposal ike_prop description "IKE Proposal"
set security ike proposal ike_prop authentication-method pre-shared-keys
set security ike policy ike_policy mode main
set security ike policy ike_policy proposals ike_prop
set security ike policy ike_policy pre-shared-key ascii-text "test123"
set security ike gateway ike_gw ike-policy ike_policy
set security ike gateway ike_gw address 16.1.1.1
set security ike gateway ike_gw external-interface et-0/2/10
set security ike gateway ike_gw local-address 16.1.1.2
set security ike gateway ike_gw version v2-only
set security ipsec proposal ipsec_prop description "IPSec Proposal"
set security ipsec proposal ipsec_prop protocol esp
set security ipsec proposal ipsec_prop encryption-algorithm aes-256-gcm
set security ipsec policy ipsec_policy proposals ipsec_prop
set security ipsec vpn ipsec_vpn bind-interface st0.1
set security ipsec vpn ipsec_vpn copy-outer-dscp
set security ipsec vpn ipsec_vpn ike gateway ike_gw
set security ipsec vpn ipsec_vpn ike ipsec-policy ipsec_policy
set security ipsec vpn ipsec_vpn establish-tunnels immediately
set interfaces et-0/0/0 unit 0 family inet address 1.1.1.1/24
set interfaces si-0/0/0 unit 0 family inet
set interfaces si-0/0/0 unit 0 family inet6
set interfaces si-0/0/0 unit 0 service-domain inside
set interfaces si-0/0/0 unit 1 family inet
set interfaces si-0/0/0 unit 1 family inet6
set interfaces si-0/0/0 unit 1 service-domain outside
set interfaces et-0/2/10 unit 0 family inet address 16.1.1.2/24
set interfaces st0 unit 1 family inet
set interfaces st0 unit 1 family inet6
set routing-options static route 2.2.2.0/24 next-hop st0.1
)";

TEST_F(SessionTest, LoadsAndCommitsThePointToPointExample) {
  const auto loading = session_->load(Session::Load::kSet, kLab, "terminal");
  EXPECT_EQ(loading.text, "load complete\n");
  EXPECT_EQ(loading.errors, 0u);
  EXPECT_TRUE(commit().ends_with("commit complete\n")) << commit();
}

TEST_F(SessionTest, BothTextFormsGiveTheSameConfigurationBack) {
  session_->load(Session::Load::kSet, kLab, "terminal");
  const NodePtr loaded = database_->candidate();
  for (const std::string& text : {session_->show(), session_->show_set()}) {
    const auto again = session_->load(Session::Load::kOverride, text, "terminal");
    EXPECT_EQ(again.text, "load complete\n") << text;
    EXPECT_TRUE(equal(database_->candidate(), loaded)) << compare(loaded, database_->candidate());
  }
}

TEST_F(SessionTest, MarksComeBackFromText) {
  session_->load(Session::Load::kSet, kLab, "terminal");
  NodePtr root = database_->candidate();
  root = mark(root, path("interfaces et-0/0/0"), Mark::kInactive, true).root;
  root = mark(root, path("security ike gateway ike_gw"), Mark::kProtect, true).root;
  root = mark(root, path("system host-name"), Mark::kInactive, true).root;
  database_->set_candidate(root);
  const NodePtr annotated = annotate(root, path("interfaces et-0/2/10"), "core").root;
  for (const auto& text : {curly_text(annotated), set_text(annotated)}) {
    session_->load(Session::Load::kOverride, text, "terminal");
    EXPECT_TRUE(equal(database_->candidate(), annotated))
        << text << compare(annotated, database_->candidate());
  }
}

TEST_F(SessionTest, AWrongLineIsReportedAndTheOthersKept) {
  const auto loading = session_->load(Session::Load::kSet,
                                      "set system host-name a\nset system hst-name b\n"
                                      "set interfaces et-0/0/0 unit 0\n",
                                      "terminal");
  EXPECT_EQ(loading.errors, 1u);
  EXPECT_NE(loading.text.find("terminal:2:"), std::string::npos) << loading.text;
  EXPECT_TRUE(loading.text.ends_with("\nload complete\n")) << loading.text;
  EXPECT_TRUE(view(database_->candidate())["interfaces"].entry("interface", "et-0/0/0"));
}

TEST_F(SessionTest, AnOverrideKeepsWhatIsRightAndChangesNothingIfItCannotBeReadToItsEnd) {
  session_->load(Session::Load::kSet, kLab, "terminal");
  const NodePtr before = database_->candidate();
  for (const char* text : {"system { host-name b;", "system { host-name \"b; }", "/* x",
                           "<configuration><system></configuration>", "{\"configuration\" : {"}) {
    const auto loading = session_->load(Session::Load::kOverride, text, "x.conf");
    EXPECT_EQ(loading.errors, 1u) << text;
    EXPECT_TRUE(loading.text.ends_with("\nerror: nothing was loaded\n")) << loading.text;
    EXPECT_EQ(database_->candidate(), before) << text;
  }
  const auto loading =
      session_->load(Session::Load::kOverride, "system { host-name b; nonsense c; }", "x.conf");
  EXPECT_EQ(loading.text,
            "x.conf:1:(30) syntax error: nonsense\n  [edit system]\n    'nonsense c;'\n"
            "      syntax error\nload complete (1 errors)\n");
  EXPECT_EQ(session_->show_set(), "set system host-name b\n");
}

TEST_F(SessionTest, ReplaceHeedsItsTag) {
  session_->load(Session::Load::kSet,
                 "set security ike policy p proposals a\nset security ike policy p mode main\n"
                 "set system host-name a",
                 "terminal");
  session_->load(Session::Load::kReplace, "security { ike { replace: policy p { proposals b; } } }",
                 "terminal");
  const View policy = view(database_->candidate())["security"]["ike"].entry("policy", "p");
  EXPECT_EQ(policy.values("proposals"), std::vector<std::string>{"b"});
  EXPECT_FALSE(policy["mode"]);
  EXPECT_EQ(view(database_->candidate())["system"]["host-name"].value(), "a");
}

TEST_F(SessionTest, HasALevelOfItsOwnAndSharesTheCandidate) {
  Session other(*database_, {"guest", "pts/1", 2, 0, "cli"});
  EXPECT_EQ(database_->sessions().size(), 2u);
  session_->edit(path("interfaces et-0/0/0"));
  EXPECT_EQ(session_->set({path("interfaces et-0/0/0 unit 0")}), "");
  EXPECT_EQ(other.compare(),
            "[edit]\n+  interfaces {\n+      et-0/0/0 {\n+          unit 0;\n+      }\n+  }\n");
  EXPECT_TRUE(other.modified());
  EXPECT_EQ(other.remove({path("interfaces")}), "");
  EXPECT_EQ(session_->show(), "");  // what it stands at is gone
  EXPECT_EQ(session_->remove({path("interfaces et-0/0/0 unit 0")}),
            "warning: statement not found\n");
  EXPECT_EQ(session_->set({path("interfaces et-0/0/0 unit 1")}), "");
  EXPECT_EQ(session_->show(), "unit 1;\n");
  session_->up();
  EXPECT_EQ(grammar::path_words(session_->level()), "interfaces");
  session_->up(5);
  EXPECT_TRUE(session_->level().empty());
  EXPECT_EQ(session_->rollback(0), "load complete\n");
  EXPECT_FALSE(session_->modified());
  EXPECT_EQ(session_->rollback(7), "error: rollback 7 does not exist\n");
}

TEST_F(SessionTest, RollbackIsAnEditUntilCommitted) {
  session_->set({path("system host-name a")});
  commit();
  session_->set({path("system host-name b")});
  commit();
  session_->rollback(1);
  EXPECT_EQ(session_->compare(), "[edit system]\n-  host-name b;\n+  host-name a;\n");
  EXPECT_EQ(session_->compare(1), "");
  commit();
  EXPECT_EQ(view(database_->active())["system"]["host-name"].value(), "a");
  EXPECT_EQ(database_->log().size(), 4u);
}

TEST_F(SessionTest, HostileTextChangesNothingAndIsBounded) {
  const std::string deep(20000, '{');
  std::string nested;
  for (int i = 0; i < 10000; ++i) nested += "system { ";
  for (const std::string& text :
       {deep, nested, std::string(1 << 20, 'x'), std::string("\0\1\2\xff", 4),
        std::string("\xef\xbb\xbf"
                    "system {\r\n host-name a;\r\n"),
        std::string("}}}}"), std::string("set "), std::string("/* never closed")}) {
    const auto loading = session_->load(Session::Load::kOverride, text, "terminal");
    EXPECT_LT(loading.text.size(), size_t{1} << 20);
    EXPECT_TRUE(loading.errors > 0 || database_->candidate()->children.empty()) << loading.text;
  }
}

}  // namespace
}  // namespace nezu::configdb
