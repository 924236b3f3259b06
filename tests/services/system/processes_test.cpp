#include "services/system/processes.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cerrno>

#include "tests/services/text_reply.h"

namespace nezu::system {
namespace {

class ProcessesTest : public testing::Test {
 protected:
  ProcessesTest() {
    add_process_rpcs(registry_, [this](const std::string& program) {
      restarted_ += program + " ";
      return error_;
    });
  }
  mgmt::Registry registry_;
  std::string restarted_;
  int error_ = 0;
};

TEST_F(ProcessesTest, AreListedByNumberWithTheirTime) {
  const std::string text = answer_of(registry_, "get-system-process-information");
  EXPECT_EQ(text.substr(0, text.find('\n')), "  PID STAT       TIME COMMAND");
  const size_t own = text.find(std::to_string(getpid()) + " R ");
  ASSERT_NE(own, text.npos) << text;
  EXPECT_NE(text.find(" test-system\n", own), text.npos);
}

TEST_F(ProcessesTest, AreRestartedByTheNameOfTheField) {
  EXPECT_EQ(answer_of(registry_, "restart-process", {{"ike-key-management", ""}}),
            "ike-key-management-daemon is restarted\n");
  EXPECT_EQ(answer_of(registry_, "restart-process", {{"routing", ""}}),
            "routing information base is restarted\n");
  EXPECT_EQ(restarted_, "nezu-iked zebra ");
}

TEST_F(ProcessesTest, WhatDoesNotRestartSaysWhy) {
  error_ = ENOENT;
  EXPECT_EQ(answer_of(registry_, "restart-process", {{"routing", ""}}),
            "error: routing information base cannot be restarted: No such file or directory\n");
  EXPECT_EQ(answer_of(registry_, "restart-process"), "error: missing argument: process\n");
}

TEST_F(ProcessesTest, NoLicenseIsNeeded) {
  EXPECT_NE(
      answer_of(registry_, "get-license-summary-information").find("Licenses installed: none"),
      std::string::npos);
}

}  // namespace
}  // namespace nezu::system
