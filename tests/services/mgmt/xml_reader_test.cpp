#include "services/mgmt/xml_reader.h"

#include <gtest/gtest.h>

#include "services/mgmt/message.h"

namespace nezu::mgmt {
namespace {

// The events of a document as one line: <name{space} attr=value>, text, </name>; ! at an error.
std::string events(std::string_view document, size_t step) {
  XmlReader reader;
  std::string out;
  for (size_t at = 0; at < document.size(); at += step) {
    reader.feed(document.substr(at, step));
    while (true) {
      const auto event = reader.next();
      if (event == XmlReader::Event::kNeedMore || event == XmlReader::Event::kDone) break;
      if (event == XmlReader::Event::kError) return out + "!";
      if (event == XmlReader::Event::kText) out += reader.text();
      if (event == XmlReader::Event::kEnd) out += "</" + reader.name() + ">";
      if (event != XmlReader::Event::kStart) continue;
      out += "<" + reader.name();
      if (!reader.space().empty()) out += "{" + reader.space() + "}";
      for (const auto& each : reader.attributes()) out += " " + each.name + "=" + each.value;
      out += ">";
    }
  }
  return out;
}

void expect_events(std::string_view document, std::string_view expected) {
  for (const size_t step : {1, 2, 3, 100000}) EXPECT_EQ(events(document, step), expected) << step;
}

TEST(XmlReader, ReadsElementsTextAndAttributes) {
  expect_events(
      "<?xml version=\"1.0\"?>\n<a x='1' y = \"&quot;2\"><b/>t &lt;&#x41;&#66;<c>u</c></a>\n",
      "<a x=1 y=\"2><b></b>t <AB<c>u</c></a>");
}

TEST(XmlReader, ResolvesNamespaces) {
  expect_events("<a xmlns='u:a'><p:b xmlns:p='u:p'><c/></p:b><d xmlns=''/></a>",
                "<a{u:a} xmlns=u:a><b{u:p} xmlns:p=u:p><c{u:a}></c></b><d xmlns=></d></a>");
}

TEST(XmlReader, KeepsUtf8AcrossPieces) {
  expect_events("<a>\xE3\x83\x8D\xE3\x82\xBA \xF0\x9F\x8C\xB2</a>",
                "<a>\xE3\x83\x8D\xE3\x82\xBA \xF0\x9F\x8C\xB2</a>");
}

TEST(XmlReader, ReadsCommentsAndCdata) {
  expect_events("<a><!-- <b> -->x<![CDATA[<&]]>]]]></a>", "<a>x<&]]]></a>");
}

TEST(XmlReader, RefusesWhatExpandsOrIsBroken) {
  for (const char* document : {"<!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>",
                               "<a>&b;</a>",
                               "<a><?php x?></a>",
                               "<a></b>",
                               "</a>",
                               "<a/><b/>",
                               "<a/>x",
                               "x<a/>",
                               "<a x=1/>",
                               "<a x='1' x='2'/>",
                               "<1/>",
                               "<a>\x01</a>",
                               "<a>&#0;</a>",
                               "<a>&#xD800;</a>",
                               "<a>\xFF</a>",
                               "<a>\xC0\x80</a>",
                               "<a>\xED\xA0\x80</a>",
                               "<p:a/>",
                               "<a>&amp</a>",
                               "<a>& </a>",
                               "<>",
                               "< a/>",
                               "<a b/>"})
    for (const size_t step : {1, 100000})
      EXPECT_TRUE(events(document, step).ends_with("!")) << document;
  EXPECT_TRUE(events(std::string_view("<a>\0</a>", 8), 100).ends_with("!"));
}

TEST(XmlReader, BoundsDepthTagsAndAttributes) {
  std::string deep;
  for (int i = 0; i < 100000; ++i) deep += "<a>";
  EXPECT_TRUE(events(deep, 4096).ends_with("!"));
  EXPECT_TRUE(events("<a x='" + std::string(1 << 20, 'y') + "'/>", 4096).ends_with("!"));
  std::string many = "<a";
  for (int i = 0; i < 1000; ++i) many += " a" + std::to_string(i) + "=''";
  EXPECT_TRUE(events(many + "/>", 4096).ends_with("!"));
  EXPECT_TRUE(events("<a " + std::string(1 << 20, ' '), 4096).ends_with("!"));
  EXPECT_TRUE(events("<a><!-- " + std::string(1 << 20, ' '), 4096).ends_with("!"));
}

TEST(XmlReader, ManyCommentsAreNoRecursion) {
  std::string document = "<a>";
  for (int i = 0; i < 200000; ++i) document += "<!---->";
  EXPECT_EQ(events(document + "</a>", 1 << 20), "<a></a>");
}

TEST(XmlEscape, RoundTripsAndDisarms) {
  const std::string text = "a<b>&\"c\"\r\n\t\xE3\x83\x8D";
  XmlReader reader;
  reader.feed("<a>" + xml_escape(text) + "</a>");
  EXPECT_EQ(reader.next(), XmlReader::Event::kStart);
  ASSERT_EQ(reader.next(), XmlReader::Event::kText);
  EXPECT_EQ(reader.text(), text);
  EXPECT_EQ(xml_escape("\x1B[2J\xFF"), "\xEF\xBF\xBD[2J\xEF\xBF\xBD");
}

TEST(MessageReader, BuildsATree) {
  MessageReader reader;
  reader.feed("<rpc message-id='1'><a><b>x</b");
  reader.feed("><b>y</b></a></rpc>");
  ASSERT_TRUE(reader.finish()) << reader.error();
  EXPECT_EQ(*reader.root().attribute("message-id"), "1");
  EXPECT_EQ(reader.root().child("a")->value("b"), "x");
  EXPECT_EQ(reader.root().child("a")->children.size(), 2u);
}

TEST(MessageReader, RefusesHalfAMessageAndGoesOn) {
  MessageReader reader;
  reader.feed("<rpc><a>");
  EXPECT_FALSE(reader.finish());
  reader.reset();
  reader.feed("<rpc/>");
  EXPECT_TRUE(reader.finish());
}

TEST(MessageReader, BoundsElements) {
  MessageReader reader;
  reader.feed("<rpc>");
  for (int i = 0; i < 200; ++i) {
    std::string many;
    for (int j = 0; j < 1000; ++j) many += "<a/>";
    reader.feed(many);
  }
  reader.feed("</rpc>");
  EXPECT_FALSE(reader.finish());
}

}  // namespace
}  // namespace nezu::mgmt
