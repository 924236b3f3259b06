#include "grammar/secret.h"

#include <gtest/gtest.h>

#include "grammar/path.h"
#include "tests/grammar/fixture.h"

namespace nezu::grammar {
namespace {

// Encoded by real routers or by others' tools. The seed's two are of "test", not of its "test123".
TEST(Secret, DecodesWhatOthersEncoded) {
  EXPECT_EQ(decode_secret("$9$OY8RBcl8LNbYo7-"), "test");
  EXPECT_EQ(decode_secret("$9$skYJD.mT3/t5Q"), "test");
  EXPECT_EQ(decode_secret("$9$LbHX-wg4Z"), "lc");
  EXPECT_EQ(decode_secret("$9$2GgZjHkPQ39.PhrvLVb.P5Tz6"), "password");
  EXPECT_EQ(decode_secret("$9$1HFIyKXxdsgJ-VH.Pfn6lKMXdsZUi5Qnikfz"), "testPassWord");
}

TEST(Secret, ReadsBackWhatItEncodes) {
  std::string every_byte;
  for (int byte = 0; byte < 256; ++byte) every_byte += static_cast<char>(byte);
  for (const std::string& clear :
       {std::string("test123"), std::string("a"), std::string(255, 'x'), every_byte})
    EXPECT_EQ(decode_secret(encode_secret(clear)), clear);
  EXPECT_EQ(encode_secret("test123"), encode_secret("test123"));
  EXPECT_NE(encode_secret("test123"), encode_secret("test124"));
  EXPECT_EQ(encode_secret("test123").find("test"), std::string::npos);
}

TEST(Secret, RefusesMalformedText) {
  for (const char* wrong :
       {"", "$9$", "test", "$9$!", "$9$Q", "$9$skYJD.mT3/t5", "$9$sk YJ", "$8$s"})
    EXPECT_EQ(decode_secret(wrong), std::nullopt) << wrong;
}

// A hash is printed as it is, and read back: it ends no line and no string.
TEST(Secret, HashesAreQuotedAsAnyText) {
  const auto* leaf = schema().at("system root-authentication encrypted-password");
  EXPECT_EQ(value_words({leaf, "$6$a"}), "\"$6$a\"");
  EXPECT_EQ(value_words({leaf, "a\"; host-name b\n\\c"}), "\"a\\\"; host-name b\\n\\\\c\"");
}

}  // namespace
}  // namespace nezu::grammar
