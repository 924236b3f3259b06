#include "grammar/schema.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "grammar/condition.h"
#include "tests/grammar/fixture.h"
#include "tests/temporary_directory.h"

namespace nezu::grammar {
namespace {

void every_statement(const Statement& from, const std::function<void(const Statement&)>& visit) {
  visit(from);
  for (const auto key : from.keys) visit(*key);
  for (const auto child : from.children) every_statement(*child, visit);
}

// A schema of one container with `body`, beside the real extensions.
std::shared_ptr<const Schema> schema_of(const std::string& body) {
  const TemporaryDirectory temporary;
  const std::filesystem::path directory = temporary.path();
  std::filesystem::copy_file(NEZU_SOURCE_DIR "/grammar/yang/nezu-extensions.yang",
                             directory / "nezu-extensions.yang",
                             std::filesystem::copy_options::overwrite_existing);
  std::ofstream(directory / "nezu-configuration.yang")
      << "module nezu-configuration { yang-version 1.1; namespace \"urn:nezu:configuration\";"
         " prefix nc; import nezu-extensions { prefix nx; } container configuration {"
      << body << "} }";
  return Schema::load(directory);
}

TEST(Schema, HasTheStatementsOfThePointToPointExample) {
  for (const char* path :
       {"system host-name", "chassis fpc pic inline-services",
        "services service-set next-hop-service inside-service-interface",
        "services service-set ipsec-vpn", "security ike proposal authentication-method",
        "security ike policy pre-shared-key ascii-text", "security ike gateway local-address",
        "security ipsec vpn copy-outer-dscp", "security ipsec vpn ike ipsec-policy",
        "interfaces interface unit family inet6 address",
        "interfaces interface unit service-domain", "routing-options static route next-hop",
        "routing-options rib static route discard"}) {
    const auto found = schema().at(path);
    ASSERT_TRUE(found) << path;
    EXPECT_EQ(found->path(), path);
  }
  EXPECT_FALSE(schema().at("security ike gatewy"));
  EXPECT_EQ(schema().at(""), &schema().configuration());
}

TEST(Schema, PrintsHierarchiesInTheRoutersOrder) {
  std::vector<std::string> names;
  for (const auto child : schema().configuration().children) names.push_back(child->name);
  EXPECT_EQ(names,
            (std::vector<std::string>{
                "apply-flags", "version", "groups", "apply-groups", "system", "chassis", "services",
                "security", "interfaces", "snmp", "policy-options", "firewall", "routing-instances",
                "routing-options", "protocols", "bridge-domains", "switch-options"}));
  names.clear();
  for (const auto child : schema().at("security")->children) names.push_back(child->name);
  EXPECT_EQ(names, (std::vector<std::string>{"apply-flags", "apply-groups", "apply-groups-except",
                                             "pki", "ike", "ipsec", "group-vpn"}));
}

TEST(Schema, ApplyFlagsIsTheFirstOfItsLevel) {
  size_t levels = 0;
  const auto look = [&](const Statement& level) {
    for (size_t i = 1; i < level.children.size(); ++i) {
      EXPECT_LT(level.children[i - 1]->place, level.children[i]->place) << level.path();
      EXPECT_NE(level.children[i]->inheritance, Inheritance::kFlags) << level.path();
    }
    levels += !level.children.empty() && level.children[0]->inheritance == Inheritance::kFlags;
  };
  every_statement(schema().configuration(), look);
  EXPECT_EQ(schema().at("groups")->children[0], schema().configuration().children[0]);
  EXPECT_GT(levels, 3'000u);
}

TEST(Schema, FreezesWhatAStatementIs) {
  const auto interface = schema().at("interfaces interface");
  EXPECT_EQ(interface->kind, Kind::kList);
  EXPECT_TRUE(interface->no_keyword);
  EXPECT_FALSE(interface->user_ordered);
  ASSERT_EQ(interface->keys.size(), 1u);
  EXPECT_EQ(interface->keys[0]->live_names, "interface-device");
  EXPECT_FALSE(interface->child("name"));
  EXPECT_EQ(schema().at("interfaces interface disable")->kind, Kind::kFlag);
  EXPECT_EQ(schema().at("chassis fpc pic inline-services")->kind, Kind::kPresence);
  EXPECT_TRUE(schema().at("security ike policy")->user_ordered);
  EXPECT_TRUE(schema().at("security ike policy pre-shared-key")->one_line);
  EXPECT_TRUE(schema().at("security ike policy pre-shared-key ascii-text")->secret);
  EXPECT_TRUE(schema().at("security ike gateway ike-policy")->mandatory);
  EXPECT_EQ(schema().at("security ike gateway ike-policy")->reference, "security ike policy");
  EXPECT_EQ(schema().at("security ike proposal lifetime-seconds")->default_value, "28800");
  EXPECT_TRUE(schema().at("routing-options static route")->one_line_plus);
}

TEST(Schema, NumbersAlternatives) {
  const auto route = schema().at("routing-options static route");
  const auto discard = route->child("discard"), next_hop = route->child("next-hop");
  EXPECT_GT(discard->alternative, 0);
  EXPECT_EQ(discard->alternative, next_hop->alternative);
  EXPECT_NE(discard->alternative_case, next_hop->alternative_case);
  EXPECT_EQ(route->child("metric")->alternative, 0);
  const auto in_rib = schema().at("routing-options rib static route discard");
  EXPECT_NE(in_rib->alternative, discard->alternative);
}

TEST(Schema, MarksWhatIsUnderAnUnmodelledStatement) {
  const auto options = schema().at("interfaces interface gigether-options");
  ASSERT_TRUE(options->not_modelled);
  EXPECT_TRUE(options->child("no-auto-negotiation")->not_modelled);
  EXPECT_FALSE(options->parent->not_modelled);
}

TEST(Schema, EveryStatementHasHelpAndEveryReferenceATargetAndAMessage) {
  every_statement(schema().configuration(), [](const Statement& statement) {
    EXPECT_TRUE(!statement.parent || !statement.help.empty()) << statement.path();
    if (statement.reference.empty()) return;
    const auto target = schema().at(statement.reference);
    ASSERT_TRUE(target) << statement.path();
    EXPECT_EQ(target->kind, Kind::kList) << statement.path();
    EXPECT_NE(statement.reference_message, "") << statement.path();
  });
}

// The letters and digits of a text, without an article in front and an s behind.
std::string core(std::string_view text) {
  std::string bare;
  for (const char c : text) bare += static_cast<char>(tolower(c));
  for (const std::string_view article : {"a ", "an ", "the "})
    if (bare.starts_with(article)) bare.erase(0, article.size());
  std::erase_if(bare, [](char c) { return !isalnum(c); });
  if (bare.size() > 1 && bare.ends_with('s')) bare.pop_back();
  return bare;
}

// "tcp-mss" is not helped by "Tcp mss", nor "policy" by "A policy".
TEST(Schema, NoHelpIsTheNameAgain) {
  size_t all = 0;
  every_statement(schema().configuration(), [&](const Statement& statement) {
    ++all;
    EXPECT_NE(core(statement.help), core(statement.name)) << statement.path();
  });
  EXPECT_GT(all, 5'000u);
}

// What is named as a secret is one.
TEST(Schema, KeysAndPasswordsAreSecrets) {
  size_t secrets = 0;
  every_statement(schema().configuration(), [&](const Statement& statement) {
    if (statement.secret) ++secrets;
    if (statement.kind != Kind::kLeaf) return;
    static const std::set<std::string> kNames = {
        "ascii-text",      "hexadecimal", "authentication-key", "privacy-key",
        "simple-password", "secret",      "passphrase",         "key-string"};
    const bool named = kNames.contains(statement.name) || statement.name.ends_with("password");
    EXPECT_TRUE(!named || statement.secret) << statement.path();
  });
  EXPECT_GE(secrets, 60u);
}

TEST(Schema, WhatItSaysStandsOnOneLine) {
  every_statement(schema().configuration(), [](const Statement& statement) {
    EXPECT_EQ(statement.help.find('\n'), std::string::npos) << statement.path();
    for (const Must* must : statement.musts)
      EXPECT_EQ(must->message.find('\n'), std::string::npos) << statement.path();
  });
  const auto small = schema_of(
      "leaf a { type string; must '../b' { error-message \"first\n"
      "   'b'\n    then\"; } } leaf b { type string; }");
  EXPECT_EQ(small->at("a")->musts.front()->message, "first 'b' then");
}

TEST(Schema, EveryValueHasATypeThatTakesItsDefault) {
  every_statement(schema().configuration(), [](const Statement& statement) {
    const bool has_value = statement.kind == Kind::kLeaf || statement.kind == Kind::kLeafList;
    ASSERT_EQ(has_value, statement.type != nullptr) << statement.path();
    if (!statement.default_value) return;
    EXPECT_EQ(statement.type->refuse(*statement.default_value), std::nullopt) << statement.path();
  });
}

TEST(Schema, EveryCommandIsTypedOneWay) {
  std::set<std::string> commands;
  for (const auto& command : schema().commands()) {
    EXPECT_NE(command.command, "") << command.rpc;
    EXPECT_NE(command.help, "") << command.rpc;
    EXPECT_TRUE(commands.insert(command.command).second) << command.command;
    EXPECT_EQ(schema().command(command.rpc), &command);
  }
}

TEST(Schema, IsFoundBesideTheProgram) {
  EXPECT_TRUE(std::filesystem::exists(schema_file()));
  EXPECT_TRUE(std::filesystem::exists(schema_directory() + "/nezu-configuration.yang"));
}

TEST(Schema, ThrowsOnABrokenModule) {
  const TemporaryDirectory temporary;
  const std::filesystem::path directory = temporary.path();
  EXPECT_THROW(Schema::load(directory), std::runtime_error);  // no root
  std::ofstream(directory / "nezu-configuration.yang") << "module nezu-configuration { leaf }";
  EXPECT_THROW(Schema::load(directory), std::runtime_error);
  EXPECT_THROW(Schema::load(directory / "absent"), std::runtime_error);
}

std::string complaint_of(const std::string& body) {
  try {
    schema_of(body);
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return "";
}

TEST(Schema, RefusesWhatNothingWouldEnforce) {
  const struct {
    const char* body;
    const char* complaint;
  } kCases[] = {
      {"leaf a { type string; } leaf b { when '../a'; type string; }", "'when'"},
      {"choice c { mandatory true; leaf a { type empty; } leaf b { type empty; } }",
       "a mandatory choice"},
      {"choice c { default a; leaf a { type empty; } leaf b { type empty; } }",
       "the default of a choice"},
      {"leaf-list a { type string; default x; }", "the default of a leaf-list"},
      {"anydata a;", "a node like this"},
      {"leaf a { type string; must '../b'; } leaf b { type string; }", "without error-message"},
      {"leaf a { type string; must 'count(../b) > 1' { error-message x; } } leaf b { type string; "
       "}",
       "must \"count(../b) > 1\" of 'a'"},
      {"leaf a { type string; must '../c' { error-message x; } } leaf b { type string; }",
       "no statement 'c'"},
      {"leaf a { type bits { bit x; } }", "YANG type not supported"},
      {"leaf a { type leafref { path '../b'; } } leaf b { type string; }", "leafref not supported"},
      {"list l { key n; unique 'c/x'; leaf n { type string; }"
       " container c { leaf x { type string; } } }",
       "'unique' of more than"},
  };
  for (const auto& [body, complaint] : kCases)
    EXPECT_NE(complaint_of(body).find(complaint), std::string::npos)
        << body << ": " << complaint_of(body);
  EXPECT_EQ(complaint_of("leaf a { type string; must \"not(../b) or ../b = 'x'\""
                         " { error-message x; } } leaf b { type string; }"),
            "");
}

TEST(Schema, KnowsWhoseMustsAStatementCanBreak) {
  const auto small = schema_of(R"(
    list l { key n; leaf n { type string; }
      container inner { leaf a { type string; must '../../b' { error-message "b first"; } } }
      leaf b { type string; } }
    container c { must "not(./y) or ./x" { error-message "x with y"; }
      leaf x { type string; } leaf y { type string; } }
    leaf far { type string; must "/configuration/l[n = current()]" { error-message "no l"; } })");
  const auto b = small->at("l b");
  ASSERT_EQ(b->dependents.size(), 1u);
  EXPECT_EQ(b->dependents[0].must->context, small->at("l inner a"));
  EXPECT_EQ(b->dependents[0].shared, 1u);  // only what is in the same entry of l
  ASSERT_EQ(small->at("l")->dependents.size(), 1u);
  EXPECT_EQ(small->at("l")->dependents[0].shared, 0u);
  EXPECT_EQ(small->at("far")->musts.size(), 1u);
  ASSERT_EQ(small->at("c y")->dependents.size(), 1u);
  EXPECT_EQ(small->at("c y")->dependents[0].shared, 1u);
}

std::string path_or_none(const Statement* statement) {
  return statement ? statement->path() + "@" + std::to_string(statement->place) : "-";
}

std::string listed(const Links<Statement>& statements) {
  std::string text;
  for (const auto statement : statements) text += path_or_none(statement) + ",";
  return text;
}

std::string described(const Type* type) {
  if (!type) return "-";
  std::string text = type->placeholder() + type->range();
  for (const auto& [word, help] : type->choices()) text += "," + word + "=" + help;
  for (const char* value : {"", "0", "70000", "main", "a b", "10.0.0.1", "fe80::1/64", "st0.1",
                            "default", "__x", "1-5", "^all$", "100k", "true"})
    text += "|" + type->refuse(value).value_or(type->canonical(value));
  return text;
}

std::string described(const Must& must) {
  std::string text = path_or_none(must.context) + must.xpath + must.message;
  each_path(must.condition(), [&](const Condition& path) {
    for (const auto& step : path.steps) text += "/" + path_or_none(step.statement);
  });
  return text;
}

// Everything that a statement says.
std::string described(const Statement& statement) {
  std::ostringstream text;
  text << path_or_none(&statement) << '|' << statement.name << '|' << statement.help << '|'
       << path_or_none(statement.parent) << '|' << listed(statement.children) << '|'
       << listed(statement.keys) << '|' << described(statement.type) << '|'
       << (statement.default_value ? *statement.default_value + "!" : "-") << '|'
       << int(statement.kind) << int(statement.inheritance) << statement.mandatory
       << statement.user_ordered << statement.no_keyword << statement.one_line
       << statement.one_line_plus << statement.joined << statement.homogeneous << statement.secret
       << statement.hashed << statement.hidden << statement.not_modelled << statement.groups << '|'
       << path_or_none(statement.ranges_over) << '|' << statement.apply_path << '|'
       << statement.live_names << '|' << statement.reference << '|' << statement.reference_message
       << '|' << statement.alternative << ' ' << statement.alternative_case << '|'
       << statement.least << ' ' << statement.most << '|' << statement.absent_after << '|';
  for (const auto& leaves : statement.unique) text << listed(leaves) << ';';
  for (const Must* must : statement.musts) text << described(*must) << ';';
  for (const auto& [must, shared] : statement.dependents) text << described(*must) << shared;
  return text.str();
}

TEST(FrozenSchema, IsWhatTheModulesSay) {
  const auto read = Schema::load(schema_directory());
  ASSERT_EQ(read->frozen(), schema().frozen());
  std::vector<std::string> parsed, frozen;
  every_statement(read->configuration(),
                  [&](const Statement& each) { parsed.push_back(described(each)); });
  every_statement(schema().configuration(),
                  [&](const Statement& each) { frozen.push_back(described(each)); });
  EXPECT_GT(parsed.size(), 20'000u);
  EXPECT_TRUE(parsed == frozen);
  ASSERT_EQ(read->commands().size(), schema().commands().size());
  for (const auto& command : schema().commands()) {
    const Command* same = read->command(command.rpc);
    ASSERT_TRUE(same) << command.rpc;
    EXPECT_EQ(same->command, command.command);
    EXPECT_EQ(same->help, command.help);
    EXPECT_EQ(described(*same->input), described(*command.input));
    EXPECT_EQ(same->output == nullptr, command.output == nullptr);
  }
}

std::string complaint_about(const std::string& bytes) {
  const TemporaryDirectory temporary;
  const std::string file = temporary.path() + "/frozen";
  std::ofstream(file, std::ios::binary) << bytes;
  try {
    Schema::open(file);
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return "";
}

TEST(FrozenSchema, IsRefusedInWordsWhenItIsNotWhole) {
  const std::string good = schema().frozen();
  EXPECT_EQ(complaint_about(good), "");
  EXPECT_THAT(complaint_about(""), testing::HasSubstr("it is not a frozen schema"));
  EXPECT_THAT(complaint_about("module x {}" + good), testing::HasSubstr("not a frozen schema"));
  EXPECT_THAT(complaint_about(good.substr(0, good.size() / 2)), testing::HasSubstr("bytes, not"));
  EXPECT_THAT(complaint_about(good + '\0'), testing::HasSubstr("bytes, not"));
  std::string other = good;
  ++other[16];
  EXPECT_THAT(complaint_about(other), testing::HasSubstr("another version"));
  for (const size_t at : {size_t{20}, size_t{32}, size_t{48}, good.size() / 3, good.size() - 1}) {
    other = good;
    other[at] ^= 0x10;
    EXPECT_THAT(complaint_about(other), testing::HasSubstr("it is damaged")) << at;
  }
  EXPECT_THROW(Schema::open("/nowhere/nezu.schema"), std::runtime_error);
}

TEST(Schema, AHostNameIsOneThatDnsTakes) {
  const Type& type = *schema().at("system host-name")->type;
  for (const char* good : {"peer1", "a", "3com", "r1.example.net", "core_1-a", "A-b.C"})
    EXPECT_EQ(type.refuse(good), std::nullopt) << good;
  for (const char* bad : {"-foo", "foo-", ".foo", "foo.", "a..b", "a.-b", "_a"})
    EXPECT_TRUE(type.refuse(bad)) << bad;
  EXPECT_EQ(type.refuse("-foo"),
            "Each part of the name must begin with a letter or number, must not end with a dash "
            "and may have 63 characters");
  EXPECT_EQ(type.refuse("foo bar"),
            "Must be a string of letters, numbers, dashes, underscores and periods");
  EXPECT_TRUE(type.refuse(std::string(64, 'a')));
  EXPECT_EQ(type.refuse(std::string(63, 'a') + "." + std::string(63, 'b')), std::nullopt);
  EXPECT_TRUE(type.refuse(std::string(256, 'a')));
}

}  // namespace
}  // namespace nezu::grammar
