#include "grammar/layout.h"

#include <gtest/gtest.h>

namespace nezu::grammar {
namespace {

using Write = std::function<void(Output&)>;

std::string text(const char* layout_text, const Write& write) {
  const Layout layout(layout_text);
  std::string out;
  write(*text_output(layout, [&](std::string_view part) { out += part; }));
  return out;
}

// A destroyed output has printed everything: the temporary ends before the text is returned.
void two_slots(Output& out) {
  Element all(out, "fpc-information");
  for (int slot = 0; slot < 2; ++slot) {
    Element fpc(out, "fpc");
    out.leaf_number("slot", slot);
    out.leaf("state", slot ? "Empty" : "Online");
    if (slot == 0) out.leaf("temperature", "38");
  }
}

TEST(Layout, FillsAndPadsHoles) {
  EXPECT_EQ(text("{#fpc-information}\n"
                 "Slot State     Temp\n"
                 "{#fpc}\n"
                 "{slot:>4} {state:10}{temperature:>4}\n"
                 "{/fpc}\n"
                 "{/fpc-information}\n",
                 two_slots),
            "Slot State     Temp\n"
            "   0 Online      38\n"
            "   1 Empty         \n");
}

TEST(Layout, NeverCuts) {
  EXPECT_EQ(text("{a:3}|{a:>3}\n", [](Output& out) { out.leaf("a", "abcdef"); }),
            "abcdef|abcdef\n");
}

TEST(Layout, AsksWhetherSomethingWasWritten) {
  const auto layout =
      "{#fpc-information}{#fpc}\n"
      "{slot}{?temperature} at {temperature} degrees{/temperature}{^temperature} "
      "cold{/temperature}\n"
      "{/fpc}{/fpc-information}\n";
  EXPECT_EQ(text(layout, two_slots), "0 at 38 degrees\n1 cold\n");
}

TEST(Layout, LooksOutwards) {
  EXPECT_EQ(text("{#a}{#b}{name} of {owner}\n{/b}{/a}",
                 [](Output& out) {
                   Element a(out, "a");
                   out.leaf("owner", "x");
                   Element b(out, "b");
                   out.leaf("name", "y");
                 }),
            "y of x\n");
}

TEST(Layout, AsksTheElementItselfAlone) {
  EXPECT_EQ(text("{#a}{#b}{?.d}own {d} {/.d}{?d}any {d}{/d}\n{/b}{/a}",
                 [](Output& out) {
                   Element a(out, "a");
                   out.leaf("d", "x");
                   { Element b(out, "b"); }
                   Element b(out, "b");
                   out.leaf("d", "y");
                 }),
            "any x\nown y any y\n");
}

TEST(Layout, SeparatesEntries) {
  const auto layout = "{#all}{#e}{,}, {/,}{v}{/e}\n{/all}";
  const auto run = [&](int count) {
    return text(layout, [&](Output& out) {
      Element all(out, "all");
      for (int i = 0; i < count; ++i) {
        Element e(out, "e");
        out.leaf_number("v", i);
      }
    });
  };
  EXPECT_EQ(run(0), "\n");
  EXPECT_EQ(run(1), "0\n");
  EXPECT_EQ(run(3), "0, 1, 2\n");
  const auto large = run(20'000);
  EXPECT_TRUE(large.starts_with("0, 1, 2"));
  EXPECT_EQ(std::count(large.begin(), large.end(), ','), 19'999);
}

TEST(Layout, WritesBraces) {
  EXPECT_EQ(text("address {{ ... }\n", [](Output&) {}), "address { ... }\n");
}

TEST(Layout, RepeatsLeaves) {
  EXPECT_EQ(text("{#e}{#address} {address}{/address}\n{/e}",
                 [](Output& out) {
                   Element e(out, "e");
                   out.leaf("address", "10.0.0.1");
                   out.leaf("address", "10.0.0.2");
                 }),
            " 10.0.0.1 10.0.0.2\n");
}

TEST(Layout, HeadsEntriesOnlyIfThereAreAny) {
  const auto layout = "{?sa}Index State\n{/sa}{#sa}\n{index:6}{state}\n{/sa}{^sa}none\n{/sa}";
  EXPECT_EQ(text(layout, [](Output&) {}), "none\n");
  EXPECT_EQ(text(layout,
                 [](Output& out) {
                   for (int i = 1; i < 3; ++i) {
                     Element sa(out, "sa");
                     out.leaf_number("index", i);
                     out.leaf("state", "UP");
                   }
                 }),
            "Index State\n1     UP\n2     UP\n");
}

TEST(Layout, PrintsInItsOwnOrderWithinAnElement) {
  EXPECT_EQ(text("{#a}{last} {#x}<{v}>{/x}{#y}[{v}]{/y} {first}\n{/a}",
                 [](Output& out) {
                   Element a(out, "a");
                   out.leaf("first", "1");
                   {
                     Element y(out, "y");
                     out.leaf("v", "y");
                   }
                   {
                     Element x(out, "x");
                     out.leaf("v", "x");
                   }
                   out.leaf("last", "2");
                 }),
            "2 <x>[y] 1\n");
}

TEST(Layout, PrintsTopLevelElementsAtOnce) {
  const Layout layout("{#a}{v}\n{/a}");
  std::string out;
  const auto output = text_output(layout, [&](std::string_view part) { out += part; });
  {
    Element a(*output, "a");
    output->leaf("v", "1");
  }
  EXPECT_EQ(out, "1\n");
}

TEST(Layout, StreamsAMillionRoutes) {
  const Layout layout(
      "{#route-information}{#route-table}\n\n{table-name}: {count} routes\n{#rt}\n"
      "{rt-destination:19}{#nh}> {via}{/nh}\n{/rt}{/route-table}\nend\n{/route-information}");
  size_t bytes = 0, largest = 0, lines = 0;
  {
    const auto output = text_output(layout, [&](std::string_view part) {
      bytes += part.size();
      largest = std::max(largest, part.size());
      lines += std::count(part.begin(), part.end(), '\n');
    });
    Element information(*output, "route-information");
    for (int table = 0; table < 2; ++table) {
      Element inside(*output, "route-table");
      output->leaf("table-name", "inet.0");
      output->leaf("count", "50000");
      for (int i = 0; i < 50'000; ++i) {
        Element rt(*output, "rt");
        output->leaf("rt-destination", "10.0.0.0/24");
        Element nh(*output, "nh");
        output->leaf("via", "et-0/0/0.0");
      }
    }
  }
  EXPECT_EQ(lines, 2 * 50'002u + 1);
  EXPECT_LT(largest, 400u << 10);
  EXPECT_GT(bytes, 2'000'000u);
}

TEST(Layout, StaysWholeWhenStreaming) {
  // The same stream small and large prints the same lines per element.
  const auto run = [](int count) {
    return text("{#all}Head {name}\n{#e}\n{v}\n{/e}\nTotal {total}\n{/all}", [&](Output& out) {
      Element all(out, "all");
      out.leaf("name", "x");
      for (int i = 0; i < count; ++i) {
        Element e(out, "e");
        out.leaf_number("v", i);
      }
      out.leaf_number("total", count);
    });
  };
  EXPECT_EQ(run(2), "Head x\n0\n1\nTotal 2\n");
  const auto large = run(20'000);
  EXPECT_TRUE(large.starts_with("Head x\n0\n1\n"));
  EXPECT_TRUE(large.ends_with("19998\n19999\nTotal 20000\n"));
  EXPECT_EQ(std::count(large.begin(), large.end(), '\n'), 20'002);
}

TEST(Layout, RefusesBrokenText) {
  for (const char* broken :
       {"{#a}", "{/a}", "{#a}{/b}", "{", "{}", "{a:x}", "{a:0}", "{#}", "{:3}"})
    EXPECT_THROW(Layout{broken}, std::invalid_argument) << broken;
}

TEST(XmlOutput, PrintsElements) {
  std::string out;
  two_slots(*xml_output([&](std::string_view part) { out += part; }));
  EXPECT_TRUE(
      out.starts_with("    <fpc-information>\n        <fpc>\n            <slot>0</slot>\n"));
  EXPECT_TRUE(out.ends_with("    </fpc-information>\n"));
}

TEST(XmlOutput, EscapesAndMarksEmptyLeaves) {
  std::string out;
  {
    const auto output = xml_output([&](std::string_view part) { out += part; }, 0);
    output->leaf("a", "<&>\"\x01 \xff");
    output->leaf("b", "");
  }
  EXPECT_EQ(out, "<a>&lt;&amp;&gt;&quot;? ?</a>\n<b/>\n");
}

TEST(JsonOutput, MakesArraysOfObjects) {
  std::string out;
  two_slots(*json_output([&](std::string_view part) { out += part; }));
  EXPECT_EQ(out, R"({
    "fpc-information" : [
    {
        "fpc" : [
        {
            "slot" : [
            {
                "data" : "0"
            }
            ], 
            "state" : [
            {
                "data" : "Online"
            }
            ], 
            "temperature" : [
            {
                "data" : "38"
            }
            ]
        }, 
        {
            "slot" : [
            {
                "data" : "1"
            }
            ], 
            "state" : [
            {
                "data" : "Empty"
            }
            ]
        }
        ]
    }
    ]
}
)");
}

}  // namespace
}  // namespace nezu::grammar
