#include <gtest/gtest.h>

#include "grammar/ip_text.h"
#include "grammar/value_types.h"

namespace nezu::grammar {
namespace {

struct Case {
  const char* syntax;
  const char* value;
  const char* canonical;  ///< null: refused
  const char* complaint = "";
};

class Syntax : public testing::TestWithParam<Case> {};

TEST_P(Syntax, TakesOrRefuses) {
  const auto& [syntax, value, canonical, complaint] = GetParam();
  const auto type = syntax_type(syntax, "");
  ASSERT_TRUE(type);
  const auto refusal = type->refuse(value);
  if (canonical) {
    EXPECT_EQ(refusal, std::nullopt) << value;
    EXPECT_EQ(type->canonical(value), canonical);
    EXPECT_EQ(type->canonical(canonical), canonical);
  } else {
    EXPECT_EQ(refusal, complaint) << value;
  }
}

INSTANTIATE_TEST_SUITE_P(
    Addresses, Syntax,
    testing::Values(Case{"ipv4-address", "16.1.1.1", "16.1.1.1"},
                    Case{"ipv4-address", "16.1.1.256", nullptr,
                         "invalid value '256' in ip address: '16.1.1.256'"},
                    Case{"ipv4-address", "16.1.1", nullptr, "invalid ip address: '16.1.1'"},
                    Case{"ipv4-address", "", nullptr, "invalid ip address: ''"},
                    Case{"ipv4-address", "1611::1", nullptr, "must be an IPv4 address: '1611::1'"},
                    Case{"ipv4-address", "1.1.1.1/24", nullptr,
                         "prefix length not allowed in ip address: '1.1.1.1/24'"},
                    Case{"ip-address", "1611:0::1", "1611::1"},
                    Case{"ip-address", "FE80::A", "fe80::a"},
                    Case{"ip-address", "::ffff:1.2.3.4", "::ffff:1.2.3.4"},
                    Case{"ip-address", "1611::1::2", nullptr, "invalid ip address: '1611::1::2'"},
                    Case{"ipv4-prefix", "1.1.1.1/24", "1.1.1.1/24"},
                    Case{"ipv4-prefix", "1.1.1.1", "1.1.1.1/32"},
                    Case{"ipv4-prefix", "1.1.1.1/33", nullptr,
                         "invalid prefix length '33' in ip address: '1.1.1.1/33'"},
                    Case{"ipv4-prefix", "1.1.1.1/", nullptr,
                         "invalid prefix length '' in ip address: '1.1.1.1/'"},
                    Case{"ipv6-prefix", "1611:0:0::2/64", "1611::2/64"},
                    Case{"ipv6-prefix", "1611::2/129", nullptr,
                         "invalid prefix length '129' in ip address: '1611::2/129'"},
                    Case{"route-prefix", "2.2.2.0/24", "2.2.2.0/24"},
                    Case{"route-prefix", "default", "default"},
                    Case{"route-prefix", "::/0", "::/0"},
                    Case{"route-prefix", "2.2.2.1/24", nullptr,
                         "host portion of prefix '2.2.2.1/24' is not zero"},
                    Case{"route-prefix", "2222::1/64", nullptr,
                         "host portion of prefix '2222::1/64' is not zero"}));

INSTANTIATE_TEST_SUITE_P(
    Interfaces, Syntax,
    testing::Values(
        Case{"interface-device", "et-0/2/10", "et-0/2/10"},
        Case{"interface-device", "et-0/0/0:3", "et-0/0/0:3"},
        Case{"interface-device", "st0", "st0"}, Case{"interface-device", "irb", "irb"},
        Case{"interface-device", "et-0/2/10.0", nullptr, "unit not allowed in 'et-0/2/10.0'"},
        Case{"interface-device", "et-0/2", nullptr, "invalid port in 'et-0/2'"},
        Case{"interface-device", "et-0/2/10x", nullptr, "invalid port in 'et-0/2/10x'"},
        Case{"interface-device", "foo", nullptr, "invalid interface type in 'foo'"},
        Case{"interface-device", "foo-0/0/0", nullptr, "invalid interface type in 'foo-0/0/0'"},
        Case{"interface-device", "", nullptr, "invalid interface type in ''"},
        Case{"interface-unit", "et-0/2/10", "et-0/2/10"},
        Case{"interface-unit", "si-0/0/0.1", "si-0/0/0.1"},
        Case{"interface-unit", "si-0/0/0.", nullptr, "invalid unit in 'si-0/0/0.'"},
        Case{"interface-unit", "si-0/0/0.99999999999", nullptr,
             "invalid unit in 'si-0/0/0.99999999999'"},
        Case{"interface-logical", "st0.1", "st0.1"},
        Case{"interface-logical", "st0", nullptr, "missing unit in 'st0'"},
        Case{"ip-address-or-interface", "st0.1", "st0.1"},
        Case{"ip-address-or-interface", "10.0.0.1", "10.0.0.1"},
        Case{"ip-address-or-interface", "foo", nullptr, "invalid ip address: 'foo'"},
        Case{"bandwidth", "10g", "10g"}, Case{"bandwidth", "1000000", "1000000"},
        Case{"bandwidth", "10t", nullptr, "invalid bandwidth: '10t'"}));

TEST(NumberType, SaysItsRange) {
  const NumberType type("number", {{1, 65535}});
  EXPECT_EQ(type.refuse("1"), std::nullopt);
  EXPECT_EQ(type.refuse("65535"), std::nullopt);
  EXPECT_EQ(type.refuse("70000"), "Value 70000 is not within range (1..65535)");
  EXPECT_EQ(type.refuse("0"), "Value 0 is not within range (1..65535)");
  EXPECT_EQ(type.refuse("99999999999999999999999"),
            "Value 99999999999999999999999 is not within range (1..65535)");
  for (const char* wrong : {"", "abc", "1x", " 1", "1.5", "+1"})
    EXPECT_EQ(type.refuse(wrong), "invalid numeric value: '" + std::string(wrong) + "'");
  EXPECT_EQ(type.canonical("007"), "7");
  EXPECT_EQ(type.range(), "(1..65535)");
  EXPECT_EQ(type.placeholder(), "number");
}

TEST(WordType, TakesItsWordsOnly) {
  const WordType type("mode", {{"main", "Main mode"}, {"aggressive", "Aggressive mode"}});
  EXPECT_EQ(type.refuse("main"), std::nullopt);
  EXPECT_EQ(type.refuse("mai"), "invalid value 'mai'");
  EXPECT_EQ(type.choices().size(), 2u);
}

TEST(TextType, CountsCharactersNotBytes) {
  const TextType type("string", 1, 3, {});
  EXPECT_EQ(type.refuse("ねずx"), std::nullopt);
  EXPECT_EQ(type.refuse("four"), "Length 4 is not within range (1..3)");
  EXPECT_EQ(type.refuse(""), "Length 0 is not within range (1..3)");
}

TEST(TextType, RefusesWhatATerminalWouldObey) {
  const TextType type("string", 1, 30, {});
  EXPECT_EQ(type.refuse("two\nlines"), std::nullopt);
  EXPECT_EQ(type.refuse("\x1b[2J"), "invalid character in value");
  EXPECT_EQ(type.refuse(std::string_view("a\0b", 3)), "invalid character in value");
}

TEST(IpText, KnowsHostBits) {
  EXPECT_FALSE(parse_ip("10.0.0.0/8")->has_host_bits());
  EXPECT_TRUE(parse_ip("10.0.0.128/24")->has_host_bits());
  EXPECT_FALSE(parse_ip("10.0.0.128/25")->has_host_bits());
  EXPECT_FALSE(parse_ip("10.0.0.1")->has_host_bits());
}

}  // namespace
}  // namespace nezu::grammar
