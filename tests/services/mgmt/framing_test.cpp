// RFC 6242: the examples of its section 4.2, and what a stranger may send instead.
#include "services/mgmt/framing.h"

#include <gtest/gtest.h>

#include <vector>

namespace nezu::mgmt {
namespace {

struct Read {
  std::vector<std::string> messages;
  std::string unfinished;
  std::string error;
};

// Feeds `stream` in pieces of `step` bytes.
Read unframe(std::string_view stream, Framing framing, size_t step, size_t limit = 1 << 20) {
  Unframer unframer(limit);
  unframer.expect(framing);
  Read read;
  for (size_t at = 0; at < stream.size() && read.error.empty(); at += step) {
    std::string_view input = stream.substr(at, step), data;
    for (bool more = true; more;) {
      switch (unframer.next(input, data)) {
        case Unframer::Event::kNeedMore:
          more = false;
          break;
        case Unframer::Event::kData:
          read.unfinished += data;
          break;
        case Unframer::Event::kEnd:
          read.messages.push_back(std::exchange(read.unfinished, ""));
          break;
        case Unframer::Event::kError:
          read.error = unframer.error();
          more = false;
      }
    }
  }
  return read;
}

using Messages = std::vector<std::string>;

TEST(Unframer, ReadsTheExampleOfTheRfc) {
  // RFC 6242 section 4.2: a message of three chunks.
  const std::string stream =
      "\n#4\n<rpc\n#18\n message-id=\"102\"\n\n#79\n     "
      "xmlns=\"urn:ietf:params:xml:ns:netconf:base:1.0\">\n  <close-session/>\n</rpc>\n##\n";
  for (const size_t step : {1, 2, 3, 7, 1000}) {
    const Read read = unframe(stream, Framing::kChunked, step);
    EXPECT_EQ(read.error, "");
    EXPECT_EQ(read.messages, Messages{"<rpc message-id=\"102\"\n     "
                                      "xmlns=\"urn:ietf:params:xml:ns:netconf:base:1.0\">\n  "
                                      "<close-session/>\n</rpc>"});
  }
}

TEST(Unframer, ReadsWhatFrameWrites) {
  for (const Framing framing : {Framing::kChunked, Framing::kEndOfMessage}) {
    std::string stream;
    for (const char* message : {"<a/>", "<b>]]></b>", "<c>]]>]</c>"})
      stream += frame(framing, message).append(frame_end(framing));
    for (const size_t step : {1, 5, 1000})
      EXPECT_EQ(unframe(stream, framing, step).messages,
                (Messages{"<a/>", "<b>]]></b>", "<c>]]>]</c>"}));
  }
}

TEST(Unframer, KeepsTheMarkInsideChunks) {
  EXPECT_EQ(unframe("\n#8\n]]>]]>ab\n##\n", Framing::kChunked, 1).messages, Messages{"]]>]]>ab"});
}

TEST(Unframer, FindsTheMarkAfterFalseBeginnings) {
  const std::string stream = "a]b]]c]]]>d]]>]]]]>]]>]]>]]>";
  for (const size_t step : {1, 2, 3, 100}) {
    const Read read = unframe(stream, Framing::kEndOfMessage, step);
    EXPECT_EQ(read.messages, (Messages{"a]b]]c]]]>d]]>]]", ""}));
    EXPECT_EQ(read.unfinished, "");
  }
}

TEST(Unframer, RefusesBrokenChunks) {
  for (const char* stream :
       {"#4\nabcd", "x", "\n4\nabcd", "\n#\nabcd", "\n#0\n", "\n#04\nabcd", "\n#-1\n",
        "\n#4294967296\n", "\n#99999999999999999999\n", "\n#4 \nabcd", "\n#4\r\nabcd", "\n##\n",
        "\n#4\nabcd\n##x", "\n#4\nabcdX", "\n#4\nabcd\n#0\n", "]]>]]>"}) {
    const Read read = unframe(stream, Framing::kChunked, 1);
    EXPECT_NE(read.error, "") << stream;
    EXPECT_TRUE(read.messages.empty()) << stream;
  }
}

TEST(Unframer, TakesTheLargestChunkSizeAsANumber) {
  const Read read = unframe("\n#4294967295\nabc", Framing::kChunked, 1);
  EXPECT_EQ(read.error, "");
  EXPECT_EQ(read.unfinished, "abc");
}

TEST(Unframer, BoundsAMessage) {
  const std::string big(1000, 'x');
  EXPECT_NE(unframe(frame(Framing::kChunked, big), Framing::kChunked, 100, 999).error, "");
  EXPECT_NE(unframe(big, Framing::kEndOfMessage, 100, 999).error, "");
  // The bound is a message's, not the session's.
  std::string two = frame(Framing::kChunked, big).append(frame_end(Framing::kChunked));
  two += two;
  EXPECT_EQ(unframe(two, Framing::kChunked, 100, 1000).messages.size(), 2u);
}

TEST(Unframer, SaysNothingMoreAfterAnError) {
  Unframer unframer(100);
  unframer.expect(Framing::kChunked);
  std::string_view bad = "x", good = "\n#1\na\n##\n", data;
  EXPECT_EQ(unframer.next(bad, data), Unframer::Event::kError);
  EXPECT_EQ(unframer.next(good, data), Unframer::Event::kError);
}

}  // namespace
}  // namespace nezu::mgmt
