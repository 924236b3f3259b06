#include "cli/telnet.h"

#include <gtest/gtest.h>

namespace nezu::cli {
namespace {
using namespace std::string_literals;

TEST(Telnet, TakesEchoAndRefusesTheRest) {
  TelnetReader reader;
  // WILL ECHO, WILL SUPPRESS-GO-AHEAD, DO TERMINAL-TYPE, WILL STATUS, DONT ECHO.
  const auto read =
      reader.take("\xff\xfb\x01\xff\xfb\x03\xff\xfd\x18\xff\xfb\x05\xff\xfe\x01login: "s);
  EXPECT_EQ(read.text, "login: ");
  EXPECT_EQ(read.reply, "\xff\xfd\x01\xff\xfd\x03\xff\xfc\x18\xff\xfe\x05"s);
  EXPECT_TRUE(reader.echoes());
  EXPECT_EQ(reader.take("\xff\xfb\x01"s).reply, "") << "what holds already is not agreed on again";
  EXPECT_EQ(reader.take("\xff\xfc\x01"s).reply, "\xff\xfe\x01"s);
  EXPECT_FALSE(reader.echoes());
}

// Whatever the pieces are cut into.
TEST(Telnet, ReadsByteByByte) {
  const std::string bytes =
      "a\r\0b\xff\xff\xff\xfa\x18\x01 hidden \xff\xff still \xff\xf0z\xff\xf1\xff\xfb\x01!"s;
  TelnetReader reader;
  std::string text, reply;
  for (const char byte : bytes) {
    const auto read = reader.take({&byte, 1});
    text += read.text;
    reply += read.reply;
  }
  EXPECT_EQ(text, "a\rb\xffz!");
  EXPECT_EQ(reply, "\xff\xfd\x01"s);
}

TEST(Telnet, SendsLinesAndBytesAsTheyAreSent) {
  EXPECT_EQ(telnet_bytes("ls\r"), "ls\r\n");
  EXPECT_EQ(telnet_bytes("\xff"), "\xff\xff");
}

}  // namespace
}  // namespace nezu::cli
