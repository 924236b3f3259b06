// Configuration as XML and JSON.
#include <gtest/gtest.h>

#include "grammar/secret.h"
#include "tests/grammar/tree.h"

namespace nezu::grammar {
namespace {

constexpr auto kText =
    "set system host-name r1\n"
    "set chassis fpc 0 pic 0 inline-services\n"
    "set security ike policy p proposals [ a b ]\n"
    "set interfaces st0 mtu 1400\n"
    "set interfaces st0 disable\n"
    "set interfaces st0 unit 1 family inet\n"
    "deactivate interfaces st0 unit 1\n"
    "set interfaces st0 unit 2\n"
    "set routing-options static route 2.0.0.0/8 preference 10\n"
    "annotate system \"who\"\n";

std::string printed(std::string_view text, bool xml, const Path& level = {}) {
  const auto tree = read(text);
  EXPECT_EQ(tree.problems, "");
  std::string out;
  const auto sink = [&](std::string_view part) { out += part; };
  tree.write(*(xml ? xml_writer(sink, level, 0) : json_writer(sink, level)));
  return out;
}

TEST(XmlWriter, PrintsElementsKeysAndAttributes) {
  EXPECT_EQ(printed("set system host-name r1", true), R"(<configuration>
    <system>
        <host-name>r1</host-name>
    </system>
</configuration>
)");
  const auto text = printed(
      "set interfaces st0 disable\nset interfaces st0 unit 1 family inet\n"
      "deactivate interfaces st0 unit 1\nannotate interfaces \"a <b>\"\n"
      "set security ike policy p proposals [ a b ]\n"
      "set routing-options static route 2.0.0.0/8 preference 10",
      true);
  EXPECT_EQ(text, R"(<configuration>
    <security>
        <ike>
            <policy>
                <name>p</name>
                <proposals>a</proposals>
                <proposals>b</proposals>
            </policy>
        </ike>
    </security>
    <junos:comment>/* a &lt;b&gt; */</junos:comment>
    <interfaces>
        <interface>
            <name>st0</name>
            <disable/>
            <unit inactive="inactive">
                <name>1</name>
                <family>
                    <inet>
                    </inet>
                </family>
            </unit>
        </interface>
    </interfaces>
    <routing-options>
        <static>
            <route>
                <name>2.0.0.0/8</name>
                <preference>
                    <metric-value>10</metric-value>
                </preference>
            </route>
        </static>
    </routing-options>
</configuration>
)");
}

TEST(XmlWriter, EncodesSecrets) {
  const auto text = printed("set security ike policy p pre-shared-key ascii-text test123", true);
  EXPECT_NE(text.find("<ascii-text>" + encode_secret("test123") + "</ascii-text>"),
            std::string::npos);
  EXPECT_EQ(text.find("test123"), std::string::npos);
}

TEST(JsonWriter, PrintsObjectsArraysAndNumbers) {
  EXPECT_EQ(printed(kText, false), R"({
    "configuration" : {
        "system" : {
            "@" : {"comment" : "/* who */"}, 
            "host-name" : "r1"
        }, 
        "chassis" : {
            "fpc" : [
            {
                "name" : 0, 
                "pic" : [
                {
                    "name" : 0, 
                    "inline-services" : {
                    }
                }
                ]
            }
            ]
        }, 
        "security" : {
            "ike" : {
                "policy" : [
                {
                    "name" : "p", 
                    "proposals" : ["a", "b"]
                }
                ]
            }
        }, 
        "interfaces" : {
            "interface" : [
            {
                "name" : "st0", 
                "disable" : [null], 
                "mtu" : 1400, 
                "unit" : [
                {
                    "@" : {"inactive" : true}, 
                    "name" : 1, 
                    "family" : {
                        "inet" : {
                        }
                    }
                }, 
                {
                    "name" : 2
                }
                ]
            }
            ]
        }, 
        "routing-options" : {
            "static" : {
                "route" : [
                {
                    "name" : "2.0.0.0/8", 
                    "preference" : {
                        "metric-value" : 10
                    }
                }
                ]
            }
        }
    }
}
)");
}

TEST(JsonWriter, WrapsALevel) {
  std::string out;
  const auto writer =
      json_writer([&](std::string_view part) { out += part; }, path_of("interfaces st0"));
  writer->leaf(*schema().at("interfaces interface mtu"), "9000");
  writer->finish();
  EXPECT_EQ(out, R"({
    "configuration" : {
        "interfaces" : {
            "interface" : [
            {
                "name" : "st0", 
                "mtu" : 9000
            }
            ]
        }
    }
}
)");
}

}  // namespace
}  // namespace nezu::grammar
