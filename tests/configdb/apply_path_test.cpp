// apply-path: a prefix list that takes its prefixes from elsewhere in the configuration.
#include <gtest/gtest.h>

#include <random>
#include <set>

#include "configdb/codec.h"
#include "effective.h"
#include "grammar/ip_text.h"

namespace nezu::configdb {
namespace {

using namespace sample;
using Prefixes = std::set<std::string>;

constexpr char kAddresses[] = "interfaces <*> unit <*> family inet address <*>";

// What stands in prefix-list `name` of an effective tree.
Prefixes listed(const NodePtr& effective, const std::string& name = "p") {
  Prefixes out;
  const View list = view(effective)["policy-options"].entry("prefix-list", name);
  for (const View& item : list.entries("prefix-list-item"))
    EXPECT_TRUE(out.insert(std::string(item.key())).second);
  return out;
}

Prefixes of(const std::string& path, const std::string& lines) {
  const std::string list = "set policy-options prefix-list p apply-path \"" + path + "\"\n";
  return listed(expand(load(list + lines), {}));
}

TEST(ApplyPath, TakesTheNetworksOfAddresses) {
  EXPECT_EQ(of(kAddresses,
               "set interfaces et-0/0/0 unit 0 family inet address 10.1.2.3/24\n"
               "set interfaces et-0/0/0 unit 0 family inet6 address 2001:db8::1/64\n"
               "set interfaces et-0/0/1 unit 7 family inet address 10.1.2.9/24\n"
               "set interfaces lo0 unit 0 family inet address 192.168.0.1/32\n"),
            (Prefixes{"10.1.2.0/24", "192.168.0.1/32"}));
  EXPECT_EQ(of("interfaces <*> unit <*> family inet6 address <2001:*>",
               "set interfaces et-0/0/0 unit 0 family inet6 address 2001:db8::1/64\n"
               "set interfaces et-0/0/0 unit 0 family inet6 address fc00::1/64\n"),
            Prefixes{"2001:db8::/64"});
  EXPECT_EQ(of("interfaces <et-*> unit 1 family inet address <10.*>",
               "set interfaces et-0/0/0 unit 0 family inet address 10.0.0.1/24\n"
               "set interfaces et-0/0/0 unit 1 family inet address 10.0.1.1/24\n"
               "set interfaces et-0/0/0 unit 1 family inet address 11.0.1.1/24\n"
               "set interfaces st0 unit 1 family inet address 10.0.2.1/24\n"),
            Prefixes{"10.0.1.0/24"});
}

TEST(ApplyPath, TakesHostsOfServersAndNeighbors) {
  EXPECT_EQ(of("system name-server <*>", "set system name-server [ 10.0.0.53 2001:db8::53 ]\n"),
            (Prefixes{"10.0.0.53/32", "2001:db8::53/128"}));
  const std::string group = "set protocols bgp group g ";
  EXPECT_EQ(of("protocols bgp group <*> neighbor <*>",
               group + "neighbor 10.0.0.1\n" + group + "neighbor 10.0.0.2\n"),
            (Prefixes{"10.0.0.1/32", "10.0.0.2/32"}));
  EXPECT_EQ(of("protocols bgp group <*> local-address <*>", group + "local-address 10.0.0.9\n"),
            Prefixes{"10.0.0.9/32"});
}

// A list of prefixes is for everybody to see.
TEST(ApplyPath, TakesNoSecretThatLooksLikeAnAddress) {
  EXPECT_EQ(of("security ike policy <*> pre-shared-key ascii-text <*>",
               "set security ike policy p pre-shared-key ascii-text 10.0.0.1\n"),
            Prefixes{});
  EXPECT_EQ(of("system radius-server <*> secret <*>",
               "set system radius-server 10.0.0.2 secret 10.0.0.1\n"),
            Prefixes{});
}

TEST(ApplyPath, OfNothingIsNothing) {
  for (const std::string& each :
       {std::string("interfaces"), std::string("nonsense <*>"), std::string("<*>"),
        std::string("interfaces <*> unit"), std::string("interfaces <*> description <*>"),
        std::string("interfaces <*> unit <*> family inet address <*> <*>"),
        std::string("system host-name"), std::string("<"), std::string("   "),
        std::string("policy-options prefix-list <*> apply-path <*>"), std::string(5000, '<'),
        std::string(2000, '*') + " <" + std::string(200, '*') + ">"}) {
    EXPECT_EQ(of(each,
                 "set interfaces et-0/0/0 description x\nset system host-name h\n"
                 "set interfaces et-0/0/0 unit 0 family inet address 10.1.2.3/24\n"),
              Prefixes{})
        << each;
  }
}

TEST(ApplyPath, TakesWhatIsThereOnly) {
  const std::string lines =
      "set interfaces et-0/0/0 unit 0 family inet address 10.0.0.1/24\n"
      "set interfaces et-0/0/1 unit 0 family inet address 10.0.1.1/24\n"
      "set interfaces et-0/0/2 unit 0 family inet address 10.0.2.1/24\n"
      "deactivate interfaces et-0/0/1\n"
      "deactivate interfaces et-0/0/2 unit 0 family inet address 10.0.2.1/24\n"
      "set groups g interfaces <et-*> unit 0 family inet address 10.9.9.1/24\n"
      "set groups h interfaces et-0/0/8 unit 0 family inet address 10.0.8.1/24\n"
      "set interfaces interface-range r member \"et-0/0/[5-6]\"\n"
      "set interfaces interface-range r unit 0 family inet address 10.0.5.1/24\n";
  EXPECT_EQ(of(kAddresses, lines), (Prefixes{"10.0.0.0/24", "10.0.5.0/24"}));
  EXPECT_EQ(of(kAddresses, lines + "set apply-groups [ g h ]\n"),
            (Prefixes{"10.0.0.0/24", "10.0.5.0/24", "10.9.9.0/24", "10.0.8.0/24"}));
}

TEST(ApplyPath, StandsBesideWhatIsListedAndMayBeInherited) {
  EXPECT_EQ(of(kAddresses,
               "set interfaces et-0/0/0 unit 0 family inet address 10.0.0.1/24\n"
               "set policy-options prefix-list p 10.0.0.0/24\n"
               "set policy-options prefix-list p 172.16.0.0/12\n"),
            (Prefixes{"10.0.0.0/24", "172.16.0.0/12"}));
  const NodePtr inherited = load(
      "set groups g policy-options prefix-list <*> apply-path \"system name-server <*>\"\n"
      "set apply-groups g\nset policy-options prefix-list p\nset system name-server 10.0.0.53\n");
  EXPECT_EQ(listed(expand(inherited, {})), Prefixes{"10.0.0.53/32"});
  const NodePtr off = load(
      "set policy-options prefix-list p apply-path \"system name-server <*>\"\n"
      "deactivate policy-options prefix-list p apply-path\n"
      "set system name-server 10.0.0.53\n");
  EXPECT_EQ(listed(expand(off, {})), Prefixes{});
}

// Random addresses in the configuration, in groups and ranges, changed one after another.
class Pool {
 public:
  explicit Pool(unsigned seed) : random_(seed) {}

  NodePtr edit(const NodePtr& root) {
    Path place = path(pick());
    const unsigned what = number(10);
    if (what < 6) return set(root, place).root;
    place.resize(1 + number(static_cast<unsigned>(place.size())));
    if (place.back().statement->kind == grammar::Kind::kLeaf) place.back().value.clear();
    if (what < 8) return remove(root, place).root;
    return mark(root, place, Mark::kInactive, number(2)).root;
  }
  unsigned number(unsigned limit) { return random_() % limit; }

 private:
  std::string digit(unsigned limit) { return std::to_string(number(limit)); }
  std::string address() {
    return "10." + digit(2) + "." + digit(5) + "." + digit(3) + "/" + (number(2) ? "24" : "23");
  }
  std::string pick() {
    const std::string unit = " unit " + digit(2) + " family inet address " + address();
    switch (number(6)) {
      case 0:
        return "groups g interfaces <et-*>" + unit;
      case 1:
        return "groups g interfaces et-0/0/" + digit(4) + unit;
      case 2:
        return number(2) ? "apply-groups g" : "interfaces et-0/0/" + digit(4) + " apply-groups g";
      case 3:
        return "interfaces interface-range r " +
               (number(2) ? "member et-0/0/[2-" + digit(6) + "]" : unit.substr(1));
      default:
        return "interfaces et-0/0/" + digit(4) + unit;
    }
  }
  std::mt19937 random_;
};

// What the effective interfaces have, by another way: through View, masked bit by bit.
Prefixes networks(const NodePtr& effective) {
  Prefixes out;
  for (const View& interface : view(effective)["interfaces"].entries("interface"))
    for (const View& unit : interface.entries("unit"))
      for (const View& address : unit["family"]["inet"].entries("address")) {
        unsigned a = 0, b = 0, c = 0, d = 0, length = 0;
        const std::string key(address.key());
        EXPECT_EQ(sscanf(key.c_str(), "%u.%u.%u.%u/%u", &a, &b, &c, &d, &length), 5) << key;
        out.insert("10." + std::to_string(b) + "." + std::to_string(length == 24 ? c : c & ~1u) +
                   ".0/" + std::to_string(length));
      }
  return out;
}

TEST(ApplyPath, AgreesWithWhatInterfacesHaveStepByStep) {
  size_t most = 0;
  for (unsigned seed = 0; seed < 8; ++seed) {
    Pool pool(seed);
    NodePtr root =
        load("set policy-options prefix-list p apply-path \"" + std::string(kAddresses) + "\"\n");
    Trees trees{root, expand(root, {})};
    for (int step = 0; step < 150; ++step) {
      NodePtr next = root;
      for (unsigned edits = 1 + pool.number(3); edits; --edits) next = pool.edit(next);
      const NodePtr stepped = expand(next, trees), whole = expand(next, {});
      ASSERT_EQ(listed(whole), networks(whole)) << "seed " << seed << "\n" << set_text(next);
      ASSERT_TRUE(equal(stepped, whole)) << "seed " << seed << " step " << step << "\n--- before\n"
                                         << set_text(root) << "--- now\n"
                                         << set_text(next) << "--- step by step\n"
                                         << set_text(stepped) << "--- from nothing\n"
                                         << set_text(whole);
      most = std::max(most, listed(whole).size());
      trees = {next, stepped};
      root = next;
    }
  }
  EXPECT_GT(most, 6u);
}

TEST(ApplyPath, IsShownWithItsPrefixes) {
  const Inherited shown =
      inherit(load("set policy-options prefix-list p apply-path \"system name-server <*>\"\n"
                   "set system name-server 10.0.0.53\n"),
              0);
  std::string text;
  const auto writer = configdb::writer(Form::kText, path("policy-options"),
                                       [&](std::string_view part) { text += part; });
  write_inherited(shown, path("policy-options"), false, *writer);
  EXPECT_NE(text.find("10.0.0.53/32"), std::string::npos) << text;
}

}  // namespace
}  // namespace nezu::configdb
