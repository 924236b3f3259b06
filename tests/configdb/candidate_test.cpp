// Shared, private and exclusive candidates, and the merge of what two users did.
#include <gtest/gtest.h>

#include <filesystem>

#include "configdb/database.h"
#include "configdb/merge.h"
#include "configdb/session.h"
#include "configdb/text.h"
#include "sample.h"
#include "tests/temporary_directory.h"

namespace nezu::configdb {
namespace {

using namespace sample;
using Mode = Session::Mode;

class CandidateTest : public testing::Test {
 protected:
  CandidateTest() { open(); }
  ~CandidateTest() override { database_.reset(); }
  void open() {
    database_.reset();
    database_ = Database::open(directory_ + "/config.db", schema()).database;
    database_->set_clock([this] { return Now{now_, 0, "boot"}; });
  }
  // What a process would find that started now.
  std::unique_ptr<Database> stored() const {
    std::filesystem::remove_all(directory_ + "/copy");
    std::filesystem::create_directory(directory_ + "/copy");
    for (const auto& entry : std::filesystem::directory_iterator(directory_))
      if (entry.is_regular_file())
        std::filesystem::copy(entry.path(),
                              std::filesystem::path(directory_) / "copy" / entry.path().filename());
    return Database::open(directory_ + "/copy/config.db", schema()).database;
  }
  std::unique_ptr<Session> enter(const char* user, Mode mode) {
    EXPECT_EQ(Session::refusal(*database_, mode), "") << user;
    return std::make_unique<Session>(
        *database_,
        Session::Who{user, "pts/" + std::to_string(++count_), 100 + count_, now_, "cli"}, mode);
  }
  static std::string commit(Session& session, bool check = false) {
    std::string text = "<not answered>";
    session.commit("", check, [&](const CommitResult& result) { text = result.text; });
    return text;
  }
  std::string active() const { return set_text(database_->active()); }

  std::unique_ptr<Database> database_;
  int64_t now_ = 1'600'000'000;

 private:
  TemporaryDirectory temporary_;
  const std::string directory_ = temporary_.path();
  int count_ = 0;
};

TEST_F(CandidateTest, ExclusiveKeepsOthersFromEditingAndCommitting) {
  const auto owner = enter("admin", Mode::kExclusive);
  const auto other = enter("guest", Mode::kShared);
  const std::string locked =
      "error: configuration database locked by:\n"
      "  admin terminal pts/1 (pid 101) on since 2020-09-13 12:26:40 UTC\n"
      "      exclusive [edit]\n";
  EXPECT_EQ(other->set({path("system host-name a")}), locked);
  EXPECT_EQ(other->remove({{}}), locked);
  EXPECT_EQ(other->rollback(0), locked);
  EXPECT_EQ(other->load(Session::Load::kSet, "set system host-name a", "terminal").text, locked);
  EXPECT_EQ(commit(*other), locked);
  EXPECT_EQ(Session::refusal(*database_, Mode::kExclusive), locked);
  EXPECT_EQ(owner->set({path("system host-name b")}), "");
  EXPECT_EQ(commit(*owner), "commit complete\n");
  EXPECT_EQ(active(), "set system host-name b\n");
}

TEST_F(CandidateTest, ExclusiveLeavesNothingBehind) {
  auto owner = enter("admin", Mode::kExclusive);
  owner->set({path("system host-name a")});
  database_->save();
  owner.reset();  // however it ends
  EXPECT_FALSE(database_->modified());
  EXPECT_EQ(database_->exclusive(), nullptr);
  const auto next = enter("guest", Mode::kExclusive);
  next->set({path("system host-name b")});
  EXPECT_FALSE(database_->save());
  EXPECT_FALSE(stored()->modified());  // nor if the process is killed now
}

TEST_F(CandidateTest, AChangedSharedCandidateKeepsOthersOut) {
  auto shared = enter("admin", Mode::kShared);
  shared->set({path("system host-name a")});
  EXPECT_EQ(Session::refusal(*database_, Mode::kExclusive),
            "error: configuration database modified\n");
  EXPECT_EQ(Session::refusal(*database_, Mode::kPrivate),
            "error: shared configuration database modified\n");
  EXPECT_EQ(Session::refusal(*database_, Mode::kShared), "");
  shared->rollback(0);
  const auto own = enter("guest", Mode::kPrivate);
  own->set({path("system host-name b")});
  // Nobody can be kept from committing a private candidate by what is begun in the shared one.
  const std::string in_use =
      "error: private edits in use. Try 'configure private' or 'configure exclusive'.\n";
  EXPECT_EQ(Session::refusal(*database_, Mode::kShared), in_use);
  EXPECT_EQ(shared->set({path("system host-name a")}), in_use);
  EXPECT_EQ(shared->load(Session::Load::kSet, "set system host-name a", "terminal").text, in_use);
  EXPECT_EQ(commit(*own), "commit complete\n");
  EXPECT_FALSE(shared->modified());
  EXPECT_EQ(set_text(shared->tree()), "set system host-name b\n");
}

TEST_F(CandidateTest, APrivateCommitOfNothingMakesNoRevision) {
  const auto own = enter("guest", Mode::kPrivate), other = enter("admin", Mode::kPrivate);
  own->set({path("system host-name a")});
  other->set({path("system host-name a")});
  EXPECT_EQ(commit(*own), "commit complete\n");
  EXPECT_EQ(commit(*own), "");
  EXPECT_EQ(commit(*other), "");  // the same has been done by then
  EXPECT_EQ(database_->revision(), 1u);
  EXPECT_FALSE(other->modified());
  // One that confirms another is none of nothing.
  auto shared = enter("root", Mode::kExclusive);
  shared->set({path("system host-name b")});
  CommitRequest confirmed;
  confirmed.confirm_minutes = 1;
  shared->commit(confirmed, std::nullopt, [](const CommitResult&) {});
  shared.reset();
  EXPECT_TRUE(database_->timed().confirmation());
  EXPECT_EQ(commit(*own), "commit complete\n");
  EXPECT_FALSE(database_->timed().confirmation());
}

TEST_F(CandidateTest, TheParentOfAnEditMayBeDeletedByAnother) {
  const auto one = enter("one", Mode::kShared), other = enter("other", Mode::kShared);
  one->edit(path("interfaces et-0/0/0"));
  EXPECT_EQ(one->set({path("interfaces et-0/0/0 unit 0 description a")}), "");
  EXPECT_EQ(other->remove({path("interfaces")}), "");
  EXPECT_EQ(one->show(), "");
  EXPECT_EQ(one->remove({path("interfaces et-0/0/0 unit 0")}), "warning: statement not found\n");
  EXPECT_EQ(one->set({path("interfaces et-0/0/0 unit 1 description b")}), "");
  EXPECT_EQ(other->show_set(), "set interfaces et-0/0/0 unit 1 description b\n");
}

TEST_F(CandidateTest, TheSharedOneSurvivesARestart) {
  enter("admin", Mode::kShared)->set({path("system host-name a")});
  EXPECT_FALSE(database_->save());
  open();
  EXPECT_EQ(set_text(database_->candidate()), "set system host-name a\n");
  EXPECT_TRUE(database_->modified());
}

TEST_F(CandidateTest, PrivateOnesAreSeenByTheirOwnersOnly) {
  const auto one = enter("one", Mode::kPrivate), two = enter("two", Mode::kPrivate);
  one->set({path("system host-name a")});
  two->set({path("interfaces et-0/0/0 mtu 9000")});
  EXPECT_FALSE(database_->modified());
  EXPECT_EQ(set_text(two->tree()), "set interfaces et-0/0/0 mtu 9000\n");
  EXPECT_EQ(commit(*one), "commit complete\n");
  EXPECT_FALSE(one->modified());
  EXPECT_EQ(set_text(two->tree()), "set interfaces et-0/0/0 mtu 9000\n");
  EXPECT_EQ(commit(*two), "commit complete\n");
  EXPECT_EQ(active(), "set system host-name a\nset interfaces et-0/0/0 mtu 9000\n");
  EXPECT_EQ(set_text(two->tree()), active());
  EXPECT_EQ(set_text(database_->candidate()), active());
}

TEST_F(CandidateTest, ConflictsAreNamedAndASecondCommitGoesThrough) {
  const auto one = enter("one", Mode::kPrivate), two = enter("two", Mode::kPrivate);
  one->set({path("system host-name apples")});
  EXPECT_EQ(commit(*one), "commit complete\n");
  const auto three = enter("three", Mode::kPrivate);
  two->set({path("system host-name oranges")});
  three->set({path("system host-name pears")});
  EXPECT_EQ(commit(*three), "commit complete\n");
  EXPECT_EQ(commit(*two),
            "[edit system]\n  'host-name pears'\n    statement does not match patch\n"
            "load complete (1 errors)\n");
  EXPECT_EQ(active(), "set system host-name pears\n");
  EXPECT_EQ(commit(*two), "commit complete\n");
  EXPECT_EQ(active(), "set system host-name oranges\n");
  one->set({path("system host-name plums")});
  EXPECT_EQ(one->update(),
            "[edit system]\n  'host-name oranges'\n"
            "    statement does not match patch; 'oranges' != 'apples'\n"
            "load complete (1 errors)\n");
  EXPECT_EQ(one->update(), "");
  EXPECT_EQ(commit(*one, true), "configuration check succeeds\n");
  EXPECT_TRUE(one->modified());
  EXPECT_EQ(one->rollback(0), "load complete\n");
  EXPECT_FALSE(one->modified());
}

TEST_F(CandidateTest, TheListNamesModesLevelsAndIdleTimes) {
  const auto two = enter("two", Mode::kShared);
  const auto one = enter("one", Mode::kPrivate);
  now_ += 6102;
  two->touch();
  two->edit(path("interfaces et-0/0/0"));
  EXPECT_EQ(one->holder(),
            "  one terminal pts/2 (pid 102) on since 2020-09-13 12:26:40 UTC, idle 01:41:42\n"
            "      private [edit]\n");
  EXPECT_EQ(two->holder(),
            "  two terminal pts/1 (pid 101) on since 2020-09-13 12:26:40 UTC\n"
            "      [edit interfaces et-0/0/0]\n");
  EXPECT_EQ(two->update(), "error: not in private configuration mode\n");
}

// A service that answers when it is told.
struct SlowService : Service {
  std::string_view name() const override { return "slow"; }
  std::vector<std::string> claims() const override { return {}; }
  void check(const Delta&, std::function<void(Problems)> done) override { answer = done; }
  void apply(const Delta&, std::function<void()> done) override { done(); }
  std::function<void(Problems)> answer;
};

TEST_F(CandidateTest, AHolderThatDiesDuringItsCommitLeavesTheSharedOneClean) {
  SlowService slow;
  database_->add(slow);
  for (const Mode mode : {Mode::kExclusive, Mode::kPrivate}) {
    const auto other = enter("guest", Mode::kShared);
    auto owner = enter("admin", mode);
    owner->set({path(mode == Mode::kPrivate ? "system host-name a" : "system host-name b")});
    bool committed = false;
    owner->commit("", false, [&](const CommitResult& result) { committed = result.ok; });
    const std::string refused = commit(*other);
    EXPECT_TRUE(refused.starts_with("error: configuration database locked by:\n  admin"))
        << refused;
    EXPECT_NE(refused.find("exclusive "), refused.npos) << refused;
    owner.reset();
    slow.answer({});
    EXPECT_TRUE(committed);
    EXPECT_FALSE(database_->modified());
    EXPECT_EQ(database_->candidate(), database_->active());
  }
}

std::string merged(const std::string& base, const std::string& ours, const std::string& theirs,
                   std::string& conflicts) {
  // From one ancestor, as they come to be.
  const auto edit = [](NodePtr root, const std::string& lines) {
    std::istringstream in(lines);
    for (std::string line; std::getline(in, line);) {
      if (line.starts_with("delete "))
        root = without(root, line.substr(7));
      else if (line.starts_with("off "))
        root = mark(root, path(line.substr(4)), Mark::kInactive, true).root;
      else if (line.starts_with("first "))
        root = insert(root, path(line.substr(6)), true,
                      view(root)["security"]["ike"].entry("policy", "p").values("proposals")[0])
                   .root;
      else if (!line.empty())
        root = with(root, line);
    }
    return root;
  };
  const NodePtr from = tree(base);
  const Merged result = merge(from, edit(from, ours), edit(from, theirs));
  conflicts = render(result.conflicts);
  return set_text(result.root);
}

TEST(Merge, TakesWhatEachSideDid) {
  std::string conflicts;
  EXPECT_EQ(merged("interfaces et-0/0/0 mtu 1500\ninterfaces et-0/0/1 mtu 1500",
                   "delete interfaces et-0/0/0\ninterfaces et-0/0/2 mtu 9000",
                   "delete interfaces et-0/0/1", conflicts),
            "set interfaces et-0/0/2 mtu 9000\n");
  EXPECT_EQ(conflicts, "");
  EXPECT_EQ(merged("interfaces et-0/0/0 mtu 1500\ninterfaces et-0/0/1 mtu 1500",
                   "delete interfaces et-0/0/0", "delete interfaces et-0/0/1", conflicts),
            "");  // and the emptied container with them
  EXPECT_EQ(conflicts, "");
  EXPECT_EQ(merged("interfaces et-0/0/0 mtu 1500", "off interfaces et-0/0/0",
                   "interfaces et-0/0/0 mtu 9000", conflicts),
            "set interfaces et-0/0/0 mtu 9000\ndeactivate interfaces et-0/0/0\n");
  EXPECT_EQ(conflicts, "");
  EXPECT_EQ(merged("", "system host-name a", "system host-name a", conflicts),
            "set system host-name a\n");
  EXPECT_EQ(conflicts, "");
}

TEST(Merge, NamesWhatOneRemovedAndTheOtherChanged) {
  std::string conflicts;
  EXPECT_EQ(merged("interfaces et-0/0/0 mtu 1500", "delete interfaces et-0/0/0",
                   "interfaces et-0/0/0 mtu 9000", conflicts),
            "");
  EXPECT_EQ(conflicts, "[edit interfaces]\n  'et-0/0/0'\n    statement does not match patch\n");
  EXPECT_EQ(merged("interfaces et-0/0/0 mtu 1500\ninterfaces et-0/0/1",
                   "interfaces et-0/0/0 mtu 9000", "delete interfaces et-0/0/0", conflicts),
            "set interfaces et-0/0/0 mtu 9000\nset interfaces et-0/0/1\n");
  EXPECT_EQ(conflicts, "[edit interfaces]\n  'et-0/0/0'\n    statement not found\n");
}

// Who removes the last entry of a list has nothing against another that somebody adds.
TEST(Merge, NamesEntriesNotTheListThatWasEmptied) {
  std::string conflicts;
  const std::string level = "interfaces et-0/0/0 unit ";
  EXPECT_EQ(merged(level + "0", "delete interfaces et-0/0/0 unit 0", level + "1", conflicts),
            "set interfaces et-0/0/0 unit 1\n");
  EXPECT_EQ(conflicts, "");
  EXPECT_EQ(merged(level + "0", level + "0 description a", "delete interfaces", conflicts),
            "set interfaces et-0/0/0 unit 0 description a\n");
  EXPECT_EQ(conflicts, "[edit interfaces]\n  'et-0/0/0'\n    statement not found\n");
  const std::string list = "security ike policy p proposals ";
  EXPECT_EQ(merged(list + "a", "delete " + list + "a", list + "b\n", conflicts),
            "set " + list + "b\n");
  EXPECT_EQ(conflicts, "");
  EXPECT_EQ(merged(level + "0\n" + level + "1", "delete interfaces et-0/0/0 unit 0",
                   level + "0 description a\ndelete interfaces et-0/0/0 unit 1", conflicts),
            "set interfaces et-0/0/0\n");
  EXPECT_EQ(conflicts,
            "[edit interfaces et-0/0/0]\n  'unit 0'\n    statement does not match patch\n");
}

TEST(Merge, ChoosesOneMemberOfAChoice) {
  std::string conflicts;
  const std::string route = "routing-options static route 1.0.0.0/8";
  EXPECT_EQ(merged(route, route + " discard", route + " next-hop 1.1.1.1", conflicts),
            "set " + route + " discard\n");
  EXPECT_EQ(conflicts,
            "[edit routing-options static route 1.0.0.0/8]\n  'next-hop'\n"
            "    statement does not match patch\n");
}

TEST(Merge, NamesAnOrderThatBothChanged) {
  const std::string list = "security ike policy p proposals ";
  const NodePtr base = tree(list + "a\n" + list + "b\n" + list + "c\n");
  const auto moved = [&](const char* what, const char* before) {
    return insert(base, path(list + what), true, before).root;
  };
  const Merged merged = merge(base, moved("c", "a"), moved("b", "a"));
  EXPECT_EQ(render(merged.conflicts),
            "[edit security ike policy p]\n  'proposals'\n"
            "    the order of its entries does not match patch\n");
  EXPECT_TRUE(equal(merged.root, moved("c", "a")));
  EXPECT_TRUE(merge(base, moved("c", "a"), moved("c", "a")).conflicts.empty());
  EXPECT_TRUE(merge(base, moved("c", "a"), base).conflicts.empty());
}

TEST(Merge, KeepsTheOrderOfOrderedLists) {
  const std::string stem = "security ike policy p proposals ";
  const auto lines = [&](const std::string& names, const char* word = "") {
    std::string text;
    for (const char name : names) text += word + stem + name + "\n";
    return text;
  };
  const auto order = [&](const std::string& ours, const std::string& theirs) {
    std::string conflicts, out;
    std::istringstream text(merged(lines("abc"), ours, theirs, conflicts));
    EXPECT_EQ(conflicts, "");
    for (std::string line; std::getline(text, line);) out += line.back();
    return out;
  };
  EXPECT_EQ(order(lines("x"), lines("y")), "abcxy");
  EXPECT_EQ(order(lines("c", "first "), lines("y")), "cyab");
  EXPECT_EQ(order(lines("x"), lines("c", "first ")), "cxab");
  EXPECT_EQ(order(lines("b", "delete "), lines("y")), "acy");
  EXPECT_EQ(order(lines("c", "first "), lines("b", "delete ")), "ca");
}

}  // namespace
}  // namespace nezu::configdb
