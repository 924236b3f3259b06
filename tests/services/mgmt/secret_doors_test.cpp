// A marker in every secret that the schema has, and every way out of the router tried: who has no
// permission `secret` finds none of them, and nobody finds one in clear.
#include <QCoreApplication>
#include <fstream>
#include <set>
#include <sstream>

#include "grammar/secret.h"
#include "services/mgmt/message.h"
#include "services/mgmt/permissions.h"
#include "tests/grammar/random_paths.h"
#include "tests/services/mgmt/user.h"

namespace nezu::mgmt {
namespace {
using grammar::Kind;
using grammar::Path;
using grammar::Statement;

struct Marked {
  Path path;
  std::string clear;  ///< as it is kept
  std::string shown;  ///< as who may see it sees it
};

// A value of the statement's type with a number that no other has.
std::string marker(const Statement& secret, size_t number) {
  const std::string digits = std::to_string(1000 + number);
  if (secret.hashed) return "$6$salt$mArKeR" + digits + "hash";
  if (const std::string text = "mArKeR" + digits + "x"; !secret.type->refuse(text)) return text;
  return "5ec7e75ec7e7" + digits;
}

// Entries of lists with names of their own, so that no secret takes the place of another.
std::optional<Path> way_to(const Statement& secret, grammar::RandomPaths& random) {
  Path path;
  for (const Statement* at = &secret; at->parent; at = at->parent) {
    const auto key = at->kind == Kind::kList ? random.value(*at) : std::optional<std::string>("");
    if (!key) return std::nullopt;
    path.insert(path.begin(), {at, *key});
  }
  return path;
}

class SecretDoors : public Users {
 protected:
  SecretDoors() {
    router_.database().set_recorder([this](std::string_view tag, const std::string& text) {
      records_ += std::string(tag) + " " + text + "\n";
    });
    walk(router_.database().schema().configuration());
    make_users();
    fill();
  }

  void walk(const Statement& from) {
    for (const Statement* child : from.children) {
      if (child->groups || child->ranges_over || !seen_.insert(child).second) continue;
      if (child->secret)
        secrets_.push_back(child);
      else
        walk(*child);
    }
  }

  // eve may do all but see and change secrets; ann is none who could become the super-user besides.
  void make_users() {
    User root = enter("root", 1);
    root.type("configure");
    for (size_t i = 0; i < kPermissions; ++i) {
      const PermissionWord& word = word_of(i);
      using P = Permission;
      if (word.permission == P::kAll || word.permission == P::kSecret ||
          word.permission == P::kSecretControl)
        continue;
      root.type(std::string("set system login class most permissions ") + word.word);
      if (word.permission != P::kMaintenance)
        root.type(std::string("set system login class some permissions ") + word.word);
    }
    root.type("set system login user eve class most");
    root.type("set system login user ann class some");
    ASSERT_EQ(root.type("commit"), "commit complete\n");
  }

  // Each that passes the commit checks is committed; all are in the candidate, some in a group.
  void fill() {
    User root = enter("root", 1);
    root.type("configure");
    for (size_t i = 0; i < secrets_.size(); ++i) {
      grammar::RandomPaths random(router_.database().schema().configuration(),
                                  static_cast<unsigned>(i + 1));
      auto path = way_to(*secrets_[i], random);
      ASSERT_TRUE(path) << secrets_[i]->path();
      Marked marked{*path, marker(*secrets_[i], i), ""};
      marked.shown = grammar::shown_secret(marked.clear, secrets_[i]->hashed);
      marked.path.back().value = marked.clear;
      const std::string line = grammar::path_words(marked.path);
      ASSERT_EQ(root.type("set " + line), "") << line;
      if (root.type("commit").ends_with("commit complete\n"))
        ++committed_;
      else
        root.type("rollback 0");
      marked_.push_back(std::move(marked));
    }
    for (const Marked& marked : marked_) {
      const std::string line = grammar::path_words(marked.path);
      ASSERT_EQ(root.type("set " + line), "") << line;
      ASSERT_EQ(root.type("set groups g " + line), "") << line;
    }
    root.type("set apply-groups g");
    root.type("exit");
    root.say("yes");
  }

  User enter_as(const char* name) {
    Terminal terminal;
    terminal.user = name;
    terminal.owner = terminal.user == "root";
    terminal.directory = terminal.owner ? router_.path("") : "/var/home/" + terminal.user;
    return {router_.session(terminal)};
  }

  static std::string asked(User& user, const char* request) {
    MessageReader reader;
    reader.feed(request);
    EXPECT_TRUE(reader.finish()) << request;
    const auto answer = std::make_shared<std::string>();
    EXPECT_TRUE(user.session->configuration_rpc(
        1, reader.root(), [answer](std::string_view xml, bool) { answer->append(xml); }));
    EXPECT_NE(*answer, "") << request;
    return *answer;
  }

  // Everything that a user is shown who looks wherever there is something to be seen.
  std::string all_doors(const char* name) {
    const std::string user_name = name;
    User user = enter_as(name);
    std::string seen;
    const auto type = [&](const std::string& line) { seen += user.type(line); };
    for (const char* line : {"show configuration",
                             "show configuration | display set",
                             "show configuration | display set relative",
                             "show configuration | display xml",
                             "show configuration | display json",
                             "show configuration | display inheritance",
                             "show configuration | display inheritance defaults",
                             "show configuration groups",
                             "show configuration | display detail",
                             "show configuration | display omit",
                             "show configuration | display changed",
                             "show configuration | display modelled",
                             "show configuration | compare rollback 1",
                             "show configuration | compare rollback 30",
                             "show configuration | match mArKeR",
                             "show configuration | find \"[$]9\"",
                             "show system rollback 0",
                             "show system rollback 1 compare 20",
                             "show system rollback 1 | display xml",
                             "show system configuration rescue",
                             "show system commit",
                             "show cli history",
                             "help apropos key",
                             "show log messages"})
      type(line);
    type("configure");
    for (const char* line : {"show",
                             "show | display set",
                             "show | display xml",
                             "show | display json",
                             "show | display inheritance",
                             "show | display detail",
                             "show | compare",
                             "show | compare rollback 2",
                             "show | compare | display xml",
                             "show groups",
                             "status",
                             "save terminal",
                             "save saved.conf",
                             "show | save shown.conf",
                             "show | tee shown.set",
                             "show | display json | append shown.conf",
                             "commit check",
                             "commit | display detail",
                             "replace pattern mArKeR with other",
                             "load override saved.conf",
                             "load patch shown.conf",
                             "load set shown.set",
                             "load merge saved.conf",
                             "show | compare saved.conf",
                             "run show configuration | display set",
                             "rollback 1",
                             "show | compare",
                             "rollback 0",
                             "request system configuration rescue save",
                             "run show system configuration rescue"})
      type(line);
    for (const char* request :
         {"<get-config><source><running/></source></get-config>",
          "<get-config><source><candidate/></source></get-config>",
          "<get-config><source><candidate/></source><filter><configuration><security/>"
          "<system/></configuration></filter></get-config>",
          "<validate><source><candidate/></source></validate>", "<commit/>"})
      seen += asked(user, request);
    for (const char* file : {"saved.conf", "shown.conf", "shown.set"}) {
      std::stringstream text;
      const std::string home = user_name == "root" ? "" : "home/" + user_name + "/";
      text << std::ifstream(router_.path(home + file)).rdbuf();
      seen += text.str();
    }
    return seen;
  }

  // At one secret: shown, completed, guessed, moved about.
  void each_door(const char* name_of_user, const Marked& marked, std::string& seen) {
    User user = enter_as(name_of_user);
    user.type("configure");
    Path above(marked.path.begin(), marked.path.end() - 1);
    const std::string level = grammar::path_words(above);
    const std::string name = marked.path.back().statement->name;
    const std::string at = level + " " + name;
    const auto complete = [&](const std::string& line) {
      const Completion found = user.session->complete(line, Trigger::kQuestion);
      seen += found.insert + found.output;
    };
    for (const char* verb : {"set ", "delete ", "show ", "rename ", "deactivate "}) {
      complete(verb + at + " ");
      complete(verb + level + " ");
    }
    for (const std::string& line :
         {"show " + level, "show " + at, "set " + at + " \"$9$wrong\"", "delete " + at,
          "delete " + at + " nothing", "deactivate " + at, "activate " + at,
          "annotate " + at + " \"note\"", "protect " + at, "help reference " + at,
          "copy " + level + " to " + level, "show " + level + " | display inheritance",
          std::string("show configuration ") + level})
      seen += user.type(line);
  }

  // What of it is found in a text, none but the numbers of those that are.
  std::string found_in(const std::string& text, bool clear_only) const {
    std::string found;
    for (const Marked& marked : marked_) {
      const bool hashed = marked.path.back().statement->hashed;
      const bool clear = !hashed && text.find(marked.clear) != text.npos;
      const bool shown = !clear_only && text.find(marked.shown) != text.npos;
      if (clear || shown) found += grammar::path_words(marked.path) + "\n";
    }
    return found;
  }

  std::set<const Statement*> seen_;
  std::vector<const Statement*> secrets_;
  std::vector<Marked> marked_;
  size_t committed_ = 0;
  std::string records_;
};

TEST_F(SecretDoors, AreClosedToWhoMayNotSeeSecrets) {
  ASSERT_GT(secrets_.size(), 50u);
  EXPECT_GT(committed_, secrets_.size() / 2);
  const std::string ann = all_doors("ann"), root = all_doors("root");
  std::string eve = all_doors("eve");
  for (const Marked& marked : marked_) each_door("eve", marked, eve);
  // The doors are open, otherwise.
  EXPECT_NE(found_in(root, false), "");
  EXPECT_NE(ann.find("/* SECRET-DATA */"), ann.npos);
  EXPECT_NE(eve.find("Wrote "), eve.npos);
  EXPECT_EQ(found_in(ann, false), "");
  EXPECT_EQ(found_in(eve, false), "");
  EXPECT_EQ(found_in(root, true), "");
  // What was typed to get so far, and what was seen, is on record, too.
  EXPECT_NE(records_.find("UI_CMDLINE_READ_LINE"), records_.npos);
  EXPECT_EQ(found_in(records_, false), "");
}

}  // namespace
}  // namespace nezu::mgmt
