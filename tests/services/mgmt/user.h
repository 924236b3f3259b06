#pragma once
#include <gtest/gtest.h>

#include <QCoreApplication>
#include <initializer_list>
#include <memory>
#include <string>

#include "tests/services/mgmt/test_router.h"

namespace nezu::mgmt {

/// What a user saw of one command.
struct Seen {
  std::string text;
  Outcome outcome;
  int ended = 0;
};

class SeenScreen : public Screen {
 public:
  explicit SeenScreen(std::shared_ptr<Seen> seen) : seen_(std::move(seen)) {}
  void write(std::string_view text) override { seen_->text += text; }
  void without_pager() override {}
  bool cancelled() const override { return false; }
  void done(Outcome outcome) override {
    seen_->outcome = std::move(outcome);
    ++seen_->ended;
  }

 private:
  std::shared_ptr<Seen> seen_;
};

class Users : public testing::Test {
 protected:
  struct User {
    std::unique_ptr<Session> session;

    // The output, and the question if there is one.
    std::string type(std::string_view line) {
      return shown([&](ScreenPtr screen) { session->execute(line, std::move(screen)); });
    }
    std::string say(std::string_view words) {
      return shown([&](ScreenPtr screen) { session->answer(words, std::move(screen)); });
    }
    /// The same for a command that goes on.
    std::shared_ptr<Seen> begin(std::string_view line) {
      const auto seen = std::make_shared<Seen>();
      session->execute(line, std::make_shared<SeenScreen>(seen));
      return seen;
    }
    template <class Act>
    std::string shown(Act act) {
      const auto seen = std::make_shared<Seen>();
      act(std::make_shared<SeenScreen>(seen));
      EXPECT_EQ(seen->ended, 1);
      const bool question = seen->outcome.kind == Outcome::Kind::kQuestion;
      return seen->text + (question ? seen->outcome.text : "");
    }
  };

  User enter(const char* name, int number) {
    return enter(name, "pts/" + std::to_string(number), number);
  }
  User enter(const char* name, const std::string& tty, int number) {
    Terminal terminal;
    terminal.user = name;
    terminal.tty = tty;
    terminal.process = 100 + number;
    return {router_.session(terminal)};
  }
  /// What root changes, in a session that he leaves.
  void commit(std::initializer_list<const char*> lines) {
    User root = enter("root", 1);
    root.type("configure");
    for (const char* line : lines) EXPECT_EQ(root.type(line), "");
    EXPECT_EQ(root.type("commit"), "commit complete\n");
  }
  static std::string holder(const std::string& name, int number, const std::string& level) {
    return "  " + name + " terminal pts/" + std::to_string(number) + " (pid " +
           std::to_string(100 + number) + ") on since 2027-01-15 08:00:00 UTC\n      " + level +
           "\n";
  }

  int count_ = 0;
  QCoreApplication application_{count_, nullptr};
  TestRouter router_;
};

}  // namespace nezu::mgmt
