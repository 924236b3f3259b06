// Random operations of several sessions, against a model that keeps whole copies of everything.
#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <optional>
#include <random>
#include <set>

#include "configdb/database.h"
#include "configdb/session.h"
#include "configdb/text.h"
#include "sample.h"
#include "tests/temporary_directory.h"

namespace nezu::configdb {
namespace {

using namespace sample;
using Mode = Session::Mode;

// A configuration as nested maps of words; a leaf's value is its only child.
struct Model {
  std::map<std::string, Model> children;
  bool operator==(const Model&) const = default;
};

bool is_vessel(const std::string& word) {
  static const std::set<std::string> kContainers = {"interfaces", "system",          "security",
                                                    "ike",        "routing-options", "static"};
  return kContainers.contains(word);
}

bool is_leaf(const std::string& word) {
  static const std::set<std::string> kLeaves = {"mtu", "description", "host-name", "mode"};
  return kLeaves.contains(word);
}

using Names = std::vector<std::string>;

void set(Model& at, const Names& names, size_t i = 0) {
  if (i == names.size()) return;
  if (i > 0 && is_leaf(names[i - 1])) at.children.clear();
  set(at.children[names[i]], names, i + 1);
}

bool remove(Model& at, const Names& names, size_t i = 0) {
  const auto child = at.children.find(names[i]);
  if (child == at.children.end()) return false;
  if (i + 1 < names.size() && !remove(child->second, names, i + 1)) return false;
  const bool emptied = child->second.children.empty() && (is_vessel(names[i]) || is_leaf(names[i]));
  if (i + 1 == names.size() || emptied) at.children.erase(child);
  return true;
}

void lines(const Model& at, const std::string& words, std::set<std::string>& out) {
  for (const auto& [name, child] : at.children) {
    const std::string line = words + " " + name;
    if (child.children.empty()) out.insert("set" + line);
    lines(child, line, out);
  }
}

std::set<std::string> lines(const Model& model) {
  std::set<std::string> out;
  lines(model, "", out);
  return out;
}

// What the real tree says; list keywords that the model leaves out are left out here too.
std::set<std::string> lines(const NodePtr& root) {
  std::set<std::string> out;
  std::istringstream text(set_text(root));
  for (std::string line; std::getline(text, line);) {
    for (const std::string keyword : {" policy", " route", " next-hop"})
      if (const size_t at = line.find(keyword + " "); at != line.npos)
        line.replace(at, keyword.size() + 1, keyword + "=");
    out.insert(line);
  }
  return out;
}

using Place = std::optional<Model>;

// The merge of one place, word for word what its header says.
Place merged(const Place& base, const Place& ours, const Place& theirs, const std::string& name,
             size_t& conflicts) {
  if (ours == base) return theirs;
  if (theirs == base || ours == theirs) return ours;
  if (((!ours || !theirs) && !is_vessel(name)) || is_leaf(name)) {
    ++conflicts;
    return ours;
  }
  std::set<std::string> names;
  for (const Place* side : {&base, &ours, &theirs})
    if (*side)
      for (const auto& [word, _] : (*side)->children) names.insert(word);
  Model result;
  for (const std::string& word : names) {
    const auto child = [&](const Place& side) {
      const bool there = side && side->children.contains(word);
      return there ? Place(side->children.at(word)) : Place();
    };
    Place kept = merged(child(base), child(ours), child(theirs), word, conflicts);
    if (kept) result.children[word] = std::move(*kept);
  }
  if (result.children.empty() && is_vessel(name)) return std::nullopt;
  return result;
}

struct LateService : Service {
  std::string_view name() const override { return "late"; }
  std::vector<std::string> claims() const override { return {}; }
  void check(const Delta&, std::function<void(Problems)> done) override {
    if (late)
      answer = std::move(done);
    else
      done({});
  }
  void apply(const Delta&, std::function<void()> done) override { done(); }
  bool late = false;
  std::function<void(Problems)> answer;
};

class World {
 public:
  explicit World(unsigned seed) : private_(seed % 2), random_(seed) { open(directory_ + "/0"); }
  ~World() {
    users_.clear();
    database_.reset();
  }

  void step() {
    const unsigned what = number(40);
    if (what < 5 || users_.empty()) return enter();
    User& user = *users_[number(users_.size())];
    if (what < 18) return edit(user);
    if (what < 29) return commit(user, number(6) == 0);
    if (what < 30) return update(user);
    if (what < 31) return rollback(user);
    if (what < 33) return leave(user);
    if (what < 38) return answer();
    if (number(4) == 0) restart();
  }

  void compare() const {
    ASSERT_EQ(lines(database_->active()), lines(active_));
    ASSERT_EQ(lines(database_->candidate()), lines(shared_));
    ASSERT_EQ(database_->modified(), shared_ != active_);
    for (const auto& user : users_) {
      ASSERT_EQ(lines(user->session->tree()), lines(own(*user)));
      ASSERT_EQ(user->session->modified(),
                is_private(*user) ? user->own != user->base : shared_ != active_);
    }
  }
  size_t conflicts = 0, refusals = 0, commits = 0, late = 0, restarts = 0, nothings = 0;

 private:
  struct User {
    std::unique_ptr<Session> session;
    Mode mode;
    Model base, own;  ///< of a private session
  };
  struct Pending {
    Model tree;
    const User* user;
    bool check_only;
  };

  unsigned number(size_t limit) { return static_cast<unsigned>(random_() % limit); }
  static bool is_private(const User& user) { return user.mode == Mode::kPrivate; }
  const Model& own(const User& user) const { return is_private(user) ? user.own : shared_; }
  Model& own(User& user) { return is_private(user) ? user.own : shared_; }

  void open(const std::string& directory) {
    std::filesystem::create_directory(directory);
    database_ = Database::open(directory + "/config.db", schema()).database;
    database_->set_clock([] { return Now{1'600'000'000, 0, "boot"}; });
    database_->add(service_);
  }

  const User* exclusive() const {
    for (const auto& user : users_)
      if (user->mode == Mode::kExclusive) return user.get();
    return nullptr;
  }
  bool in_use() const {
    return std::any_of(users_.begin(), users_.end(),
                       [](const auto& user) { return is_private(*user); });
  }
  bool may_not_commit(const User& user) const { return exclusive() && exclusive() != &user; }
  bool may_not_edit(const User& user) const {
    return !is_private(user) && exclusive() != &user && (exclusive() || in_use());
  }

  void expect_refused(const std::string& text, bool refused) {
    ASSERT_EQ(text.find("error: ") != text.npos, refused) << text;
    refusals += refused;
  }

  void enter() {
    if (users_.size() == 5) return;
    // Most worlds have either private candidates or the shared one.
    const Mode most = private_ ? Mode::kPrivate : Mode::kShared;
    const Mode other = private_ ? Mode::kShared : Mode::kPrivate;
    const Mode mode = number(8) ? most : number(2) ? other : Mode::kExclusive;
    const bool dirty = shared_ != active_;
    const bool refused = mode == Mode::kShared      ? in_use()
                         : mode == Mode::kExclusive ? dirty || exclusive()
                                                    : dirty;
    expect_refused(Session::refusal(*database_, mode), refused);
    if (refused) return;
    users_.push_back(std::make_unique<User>());
    User& user = *users_.back();
    user.mode = mode;
    user.base = user.own = active_;
    user.session = std::make_unique<Session>(
        *database_, Session::Who{"user", "pts/1", 1, 1'600'000'000, "cli"}, mode);
  }

  // Words for the model; for the real thing with the keywords that the model has in the names.
  Names statement() {
    const std::string port = "et-0/0/" + std::to_string(number(4));
    const std::string route = "route=10." + std::to_string(number(3)) + ".0.0/16";
    const std::string policy = "policy=p" + std::to_string(number(3));
    switch (number(6)) {
      case 0:
        return {"system", "host-name", "h" + std::to_string(number(3))};
      case 1:
        return {"interfaces", port, "mtu", std::to_string(1500 + number(3))};
      case 2:
        return {"interfaces", port, "description", "d" + std::to_string(number(3))};
      case 3:
        return {"interfaces", port};
      case 4:
        return {"security", "ike", policy, "mode", number(2) ? "main" : "aggressive"};
      default:
        return {"routing-options", "static", route, "next-hop=1.1.1." + std::to_string(number(4))};
    }
  }

  static Path real(const Names& names) {
    std::string text;
    for (std::string name : names) {
      std::replace(name.begin(), name.end(), '=', ' ');
      text += name + " ";
    }
    return path(text);
  }

  void edit(User& user) {
    Names names = statement();
    const bool removing = number(3) == 0;
    if (removing && number(2)) names.resize(1 + number(names.size()));
    // A leaf goes by its name; with another value it would not be found.
    if (removing && names.size() > 1 && is_leaf(names[names.size() - 2])) names.pop_back();
    const std::string text =
        removing ? user.session->remove({real(names)}) : user.session->set({real(names)});
    const bool refused = may_not_edit(user);
    expect_refused(text, refused);
    if (refused) return;
    if (!removing) return set(own(user), names);
    const bool found = remove(own(user), names);
    ASSERT_EQ(text, found ? "" : "warning: statement not found\n");
  }

  // Whether a private candidate could be merged.
  bool follow(User& user) {
    size_t found = 0;
    const Place all = merged(user.base, user.own, active_, "", found);
    user.own = all ? *all : Model();
    user.base = active_;
    conflicts += found;
    return found == 0;
  }

  void commit(User& user, bool check_only) {
    const bool busy = database_->committing();
    const auto said = std::make_shared<std::string>("<later>");
    service_.late = number(3) == 0;
    user.session->commit("", check_only,
                         [said](const CommitResult& result) { *said = result.text; });
    const std::string text = *said;
    service_.late = false;
    const bool refused = may_not_commit(user) || (is_private(user) && shared_ != active_);
    const bool conflict = !refused && is_private(user) && !follow(user);
    if (conflict) {
      ASSERT_NE(text.find(" errors)"), text.npos) << text;
    }
    if (conflict) return;
    if (refused || busy) return expect_refused(text, true);
    const bool nothing = is_private(user) && !check_only && user.own == active_;
    nothings += nothing;
    if (nothing) {
      ASSERT_EQ(text, "");
      return;
    }
    pending_ = {own(user), &user, check_only};
    if (text == "<later>") {
      ++late;
      return;
    }
    ASSERT_TRUE(text.ends_with(check_only ? "configuration check succeeds\n" : "commit complete\n"))
        << text;
    done();
  }

  void done() {
    const Pending pending = *std::exchange(pending_, std::nullopt);
    if (pending.check_only) return;
    ++commits;
    if (shared_ == active_) shared_ = pending.tree;
    active_ = pending.tree;
    for (const auto& user : users_)
      if (user.get() == pending.user) user->base = pending.tree;
  }

  void answer() {
    if (!service_.answer) return;
    const auto reply = std::exchange(service_.answer, nullptr);
    reply({});
    done();
  }

  void update(User& user) {
    const std::string text = user.session->update();
    expect_refused(text, !is_private(user));
    if (is_private(user)) {
      ASSERT_EQ(text.empty(), follow(user)) << text;
    }
  }

  void rollback(User& user) {
    const bool refused = may_not_edit(user);
    expect_refused(user.session->rollback(0), refused);
    if (refused) return;
    own(user) = active_;
    user.base = active_;
  }

  void leave(User& user) {
    if (user.mode == Mode::kExclusive) shared_ = active_;
    if (pending_ && pending_->user == &user) pending_->user = nullptr;
    std::erase_if(users_, [&](const auto& each) { return each.get() == &user; });
  }

  // The process is killed: what it had written down is there when the next begins.
  void restart() {
    if (pending_) return;
    ++restarts;
    ASSERT_FALSE(database_->save());
    const std::string from = directory_ + "/" + std::to_string(opened_);
    const std::string to = directory_ + "/" + std::to_string(++opened_);
    std::filesystem::copy(from, to);
    if (exclusive()) shared_ = active_;
    users_.clear();
    open(to);
  }

  const bool private_;
  std::mt19937 random_;
  TemporaryDirectory temporary_;
  const std::string directory_ = temporary_.path();
  int opened_ = 0;
  LateService service_;
  std::unique_ptr<Database> database_;
  Model active_, shared_;
  std::vector<std::unique_ptr<User>> users_;
  std::optional<Pending> pending_;
};

TEST(Sessions, AgreeWithCopiesOfEverything) {
  size_t conflicts = 0, refusals = 0, commits = 0, late = 0, restarts = 0, nothings = 0;
  for (unsigned seed = 1; seed <= 8; ++seed) {
    World world(seed);
    for (int step = 0; step < 500; ++step) {
      SCOPED_TRACE("seed " + std::to_string(seed) + " step " + std::to_string(step));
      world.step();
      world.compare();
      if (testing::Test::HasFailure()) return;
    }
    conflicts += world.conflicts;
    refusals += world.refusals;
    commits += world.commits;
    late += world.late;
    restarts += world.restarts;
    nothings += world.nothings;
  }
  // Else the random walk went past what it is there for.
  EXPECT_GT(conflicts, 15u);
  EXPECT_GT(refusals, 250u);
  EXPECT_GT(commits, 130u);
  EXPECT_GT(late, 30u);
  EXPECT_GT(restarts, 10u);
  EXPECT_GT(nothings, 10u);
}

}  // namespace
}  // namespace nezu::configdb
