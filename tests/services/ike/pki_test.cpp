// request, show and clear security pki, on the real daemon; openssl reads what it makes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <QDir>
#include <QTemporaryDir>
#include <cctype>
#include <fstream>

#include "services/ike/pki/vault.h"
#include "tests/services/ike/authority.h"
#include "tests/services/ike/iked_rig.h"
#include "tests/services/ike/output.h"

namespace nezu::ike {
namespace {

using test::Authority;
using test::Made;
using test::pem_of;
using testing::HasSubstr;

class Pki : public testing::Test {
 protected:
  void SetUp() override {
    if (!wire_.usable()) GTEST_SKIP() << "namespaces cannot be made here";
    iked_ = std::make_unique<Rig>(
        wire_.left(), lab_lines(true, {"set security pki ca-profile root ca-identity nezu.example",
                                       "set security pki ca-profile root revocation-check disable",
                                       "set security pki ca-profile other ca-identity x"}));
    iked_->start();
    ASSERT_TRUE(iked_->ready());
  }
  std::string file(const std::string& name, const std::string& content) {
    const std::string path = directory_.filePath(QString::fromStdString(name)).toStdString();
    std::ofstream(path, std::ios::binary) << content;
    return path;
  }
  std::string path(const std::string& name) const {
    return directory_.filePath(QString::fromStdString(name)).toStdString();
  }
  std::string ask(const std::string& rpc, const mgmt::Input& input = {}) {
    return iked_->show(rpc, input);
  }

  Wire wire_;
  QTemporaryDir directory_;
  std::unique_ptr<Rig> iked_;
};

TEST_F(Pki, FromNothingToACertificate) {
  EXPECT_EQ(ask("generate-pki-key-pair", {{"certificate-id", "own"}, {"type", "ecdsa"}}),
            "Generated key pair own, key size 256 bits\n");
  EXPECT_THAT(ask("generate-pki-key-pair", {{"certificate-id", "own"}}), HasSubstr("exists"));
  EXPECT_THAT(ask("generate-pki-key-pair", {{"certificate-id", "x"}, {"size", "384"}}),
              HasSubstr("no such size"));
  const std::string request = path("own.csr");
  const std::string answer =
      ask("generate-pki-certificate-request", {{"certificate-id", "own"},
                                               {"subject", "CN=peer1,OU=lab,O=Nezu"},
                                               {"domain-name", "peer1.nezu.example"},
                                               {"ip-address", "16.1.1.2"},
                                               {"email", "a@nezu.example,DNS:evil.example"},
                                               {"digest", "sha-384"},
                                               {"filename", request}});
  EXPECT_THAT(answer, HasSubstr("Generated certificate request\n-----BEGIN CERTIFICATE REQUEST"));
  EXPECT_THAT(answer, HasSubstr("(sha256)"));
  const std::string read = output_of("openssl req -verify -noout -text -in " + request);
  EXPECT_THAT(read, HasSubstr("Certificate request self-signature verify OK"));
  EXPECT_THAT(read, HasSubstr("CN = peer1, OU = lab, O = Nezu"));
  EXPECT_THAT(read, HasSubstr("ecdsa-with-SHA384"));
  EXPECT_THAT(read, HasSubstr("IP Address:16.1.1.2"));
  EXPECT_THAT(read, HasSubstr("email:a@nezu.example,DNS:evil.example"));  // one name, as typed

  // A CA that knows nothing of us signs it.
  const std::string root = path("root");
  output_of("openssl req -x509 -newkey rsa:2048 -nodes -keyout " + root + ".key -out " + root +
            ".pem -subj /O=Nezu/CN=root -days 30");
  output_of("openssl x509 -req -in " + request + " -CA " + root + ".pem -CAkey " + root +
            ".key -CAcreateserial -copy_extensions copy -days 20 -out " + path("own.pem"));
  EXPECT_THAT(
      ask("load-pki-local-certificate", {{"certificate-id", "own"}, {"filename", path("own.pem")}}),
      "Local certificate loaded successfully\n");
  EXPECT_THAT(ask("verify-pki-local-certificate", {{"certificate-id", "own"}}),
              HasSubstr("no CA certificate is loaded"));
  EXPECT_THAT(ask("load-pki-ca-certificate", {{"ca-profile", "root"}, {"filename", root + ".pem"}}),
              HasSubstr("CA certificate for profile root loaded successfully"));
  EXPECT_EQ(ask("verify-pki-local-certificate", {{"certificate-id", "own"}}),
            "Local certificate own verification success\n");
  EXPECT_EQ(ask("verify-pki-ca-certificate", {{"ca-profile", "root"}}),
            "CA certificate root verification success\n");

  const std::string brief = ask("get-pki-local-certificate");
  EXPECT_THAT(brief, HasSubstr("Certificate identifier: own\n  Issued to: peer1, Issued by: "
                               "O=Nezu, CN=root\n  Validity:\n    Not before: "));
  EXPECT_THAT(brief, HasSubstr("  Public key algorithm: ecdsaPublicKey(256 bits)\n"));
  const std::string detail = ask("get-pki-local-certificate", {{"detail", ""}});
  EXPECT_THAT(detail, HasSubstr("  Subject:\n    Common name: peer1, Organizational unit: lab, "
                                "Organization: Nezu\n"));
  EXPECT_THAT(detail, HasSubstr("  Alternate subject: \"a@nezu.example,DNS:evil.example\", "
                                "peer1.nezu.example, 16.1.1.2\n"));
  EXPECT_THAT(detail, HasSubstr("  Signature algorithm: sha256WithRSAEncryption\n"));
  EXPECT_THAT(ask("get-pki-certificate-request", {{"detail", ""}}),
              HasSubstr("peer1.nezu.example"));
  const std::string exported = path("out.pem");
  EXPECT_EQ(ask("request-security-local-certificate-export",
                {{"certificate-id", "own"}, {"filename", exported}}),
            "Certificate exported successfully\n");
  EXPECT_THAT(output_of("openssl verify -CAfile " + root + ".pem " + exported), HasSubstr(": OK"));
  EXPECT_THAT(ask("request-security-local-certificate-export",
                  {{"certificate-id", "own"}, {"filename", exported}}),
              HasSubstr("File exists"));

  // All of it outlives the process, and the RE.
  iked_->kill();
  iked_->start();
  ASSERT_TRUE(iked_->ready());
  EXPECT_EQ(ask("get-pki-local-certificate"), brief);
  EXPECT_EQ(ask("verify-pki-local-certificate", {{"certificate-id", "own"}}),
            "Local certificate own verification success\n");
  EXPECT_EQ(ask("clear-pki-local-certificate", {{"certificate-id", "own"}}), "");
  EXPECT_EQ(ask("get-pki-local-certificate"), "");
  EXPECT_THAT(ask("clear-pki-local-certificate", {{"certificate-id", "own"}}),
              HasSubstr("There is no such one"));
  EXPECT_THAT(ask("clear-pki-ca-certificate"), HasSubstr("either ca-profile or all"));
}

TEST_F(Pki, KeysAreReadableByTheOwnerOnlyAndNeverShown) {
  for (const char* type : {"rsa", "ecdsa"})
    ask("generate-pki-key-pair", {{"certificate-id", type}, {"type", type}});
  EXPECT_EQ(ask("generate-pki-self-signed-local-certificate", {{"certificate-id", "rsa"},
                                                               {"subject", "CN=x"},
                                                               {"domain-name", "x.example"},
                                                               {"add-ca-constraint", ""}}),
            "Self-signed certificate generated and loaded successfully\n");
  const std::string directory = iked_->directory() + "/pki";
  struct stat status {};
  for (const char* name : {"", "/key-pair"}) {
    ASSERT_EQ(stat((directory + name).c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777, 0700u) << name;
  }
  for (const char* name :
       {"/key-pair/rsa.pem", "/key-pair/ecdsa.pem", "/local-certificate/rsa.pem"}) {
    ASSERT_EQ(stat((directory + name).c_str(), &status), 0) << name;
    EXPECT_EQ(status.st_mode & 0777, 0600u) << name;
  }
  EXPECT_THAT(output_of("openssl pkey -noout -check -in " + directory + "/key-pair/rsa.pem"),
              HasSubstr("Key is valid"));
  // The secret number and the public point, in the digits that shows use. The point is found where
  // it has to be: so the number would be as well.
  ask("generate-pki-self-signed-local-certificate",
      {{"certificate-id", "ecdsa"}, {"subject", "CN=y"}});
  const std::string text =
      output_of("openssl pkey -noout -text -in " + directory + "/key-pair/ecdsa.pem");
  const auto digits = [](std::string_view from) {
    std::string found;
    for (const char c : from)
      if (std::isxdigit(static_cast<unsigned char>(c))) found += c;
    return found;
  };
  const auto priv = text.find("priv:") + 5, pub = text.find("pub:") + 4;
  ASSERT_LT(priv, pub);
  const std::string secret =
      digits(std::string_view(text).substr(priv, pub - 4 - priv)).substr(2, 60);
  const std::string point = digits(std::string_view(text).substr(pub, 200)).substr(2, 60);
  EXPECT_NE(digits(ask("get-pki-local-certificate", {{"detail", ""}})).find(point),
            std::string::npos);
  for (const char* rpc : {"get-pki-local-certificate", "get-pki-ca-certificate", "get-pki-crl",
                          "get-pki-certificate-request", "get-pki-statistics"}) {
    const std::string shown = ask(rpc, {{"detail", ""}});
    EXPECT_EQ(digits(shown).find(secret), std::string::npos) << rpc;
    EXPECT_EQ(shown.find("PRIVATE"), std::string::npos) << rpc;
  }
  EXPECT_THAT(
      output_of("openssl x509 -noout -text -in " + directory + "/local-certificate/rsa.pem"),
      HasSubstr("CA:TRUE"));
}

TEST_F(Pki, FilesThatAreNoneChangeNothing) {
  Authority root({.subject = "CN=root", .kind = KeyKind::kEcdsa256});
  const Made made = root.issue({.subject = "CN=own", .kind = KeyKind::kEcdsa256});
  const auto load = [&](const std::string& name, const std::string& key = {},
                        const std::string& passphrase = {}) {
    mgmt::Input input{{"certificate-id", "own"}, {"filename", name}};
    if (!key.empty()) input["key"] = key;
    if (!passphrase.empty()) input["passphrase"] = passphrase;
    return ask("load-pki-local-certificate", input);
  };
  const std::string good = file("own.pem", made.pem()), key = file("own.key", pem_of(made.key));
  EXPECT_THAT(load("/nowhere"), HasSubstr("No such file"));
  EXPECT_THAT(load("relative.pem"), HasSubstr("named from the root"));
  EXPECT_THAT(load("/dev/zero"), HasSubstr("not a plain file"));
  EXPECT_THAT(load("/tmp"), HasSubstr("not a plain file"));
  EXPECT_THAT(load(file("large", std::string(2 << 20, 'x'))), HasSubstr("larger than"));
  EXPECT_THAT(load(file("empty", "")), HasSubstr("no certificate in PEM or DER"));
  EXPECT_THAT(load(key), HasSubstr("no certificate in PEM or DER"));
  EXPECT_THAT(load(good), HasSubstr("Key pair own does not exist"));
  EXPECT_THAT(load(good, good), HasSubstr("no private key"));
  const std::string other = file("other.key", pem_of(test::key_of(KeyKind::kEcdsa256, 5)));
  EXPECT_THAT(load(good, other), HasSubstr("does not belong to the key pair"));
  EXPECT_EQ(ask("get-pki-local-certificate"), "");

  output_of("openssl pkey -in " + key + " -aes256 -passout pass:geheim -out " + path("locked.key"));
  EXPECT_THAT(load(good, path("locked.key")), HasSubstr("no private key, or another passphrase"));
  EXPECT_THAT(load(good, path("locked.key"), "falsch"), HasSubstr("another passphrase"));
  EXPECT_EQ(load(good, path("locked.key"), "geheim"), "Local certificate loaded successfully\n");

  // Renewed for the same key it takes the old one's place; another key does not.
  EXPECT_EQ(load(good, key), "Local certificate loaded successfully\n");
  const Made stranger =
      root.issue({.subject = "CN=stranger", .kind = KeyKind::kEcdsa256, .key = 5});
  EXPECT_THAT(load(file("stranger.pem", stranger.pem()), other),
              HasSubstr("Key pair own exists and is another"));
  EXPECT_THAT(ask("get-pki-local-certificate"), HasSubstr("Issued to: own"));

  const auto authority = [&](const std::string& name, const std::string& profile = "root") {
    return ask("load-pki-ca-certificate", {{"ca-profile", profile}, {"filename", name}});
  };
  EXPECT_THAT(authority(good), HasSubstr("not the certificate of an authority"));
  EXPECT_THAT(authority(good, "nobody"), HasSubstr("ca-profile nobody is not configured"));
  EXPECT_THAT(authority(file("two.pem", root.own().pem() + root.own().pem())),
              HasSubstr("more than one certificate"));
  const std::string trusted = file("root.pem", root.own().pem());
  EXPECT_THAT(authority(trusted), HasSubstr("loaded successfully"));
  const auto list = [&](const std::string& name, const std::string& profile = "root") {
    return ask("load-pki-crl", {{"ca-profile", profile}, {"filename", name}});
  };
  const Bytes crl = root.crl();
  const std::string crl_file = file("root.crl", {crl.begin(), crl.end()});
  EXPECT_THAT(list(good), HasSubstr("no whole CRL"));
  EXPECT_THAT(list(crl_file, "other"), HasSubstr("No CA certificate is loaded"));
  const Bytes foreign =
      Authority({.subject = "CN=root", .kind = KeyKind::kEcdsa256, .key = 3}).crl();
  EXPECT_THAT(list(file("foreign.crl", {foreign.begin(), foreign.end()})),
              HasSubstr("not signed by the CA certificate"));
  EXPECT_EQ(list(crl_file), "CRL for CA profile root loaded successfully\n");
  EXPECT_THAT(ask("get-pki-crl"),
              HasSubstr("CA profile: root\n  CRL version: V00000001\n  CRL issuer: CN=root\n"));
}

TEST_F(Pki, KeysLeaveTheRouterEncryptedOnly) {
  ask("generate-pki-key-pair", {{"certificate-id", "own"}, {"type", "ecdsa"}, {"size", "384"}});
  mgmt::Input input{{"certificate-id", "own"}, {"filename", path("own.key")}};
  EXPECT_THAT(ask("request-security-key-pair-export", input), HasSubstr("with a passphrase only"));
  input["passphrase"] = "geheim";
  EXPECT_EQ(ask("request-security-key-pair-export", input), "Key pair exported successfully\n");
  const std::string directory = iked_->directory() + "/pki";
  const std::string ours = output_of("openssl pkey -pubout -in " + directory + "/key-pair/own.pem");
  EXPECT_THAT(ours, HasSubstr("BEGIN PUBLIC KEY"));
  EXPECT_EQ(output_of("openssl pkey -pubout -passin pass:geheim -in " + path("own.key")), ours);
  EXPECT_EQ(output_of("grep -c 'BEGIN ENCRYPTED' " + path("own.key")), "1\n");
  input["type"] = "der", input["filename"] = path("own.der");
  EXPECT_EQ(ask("request-security-key-pair-export", input), "Key pair exported successfully\n");
  EXPECT_EQ(output_of("openssl pkey -pubout -passin pass:geheim -in " + path("own.der")), ours);
  EXPECT_THAT(ask("request-security-key-pair-export", input), HasSubstr("File exists"));
  input["certificate-id"] = "nobody";
  EXPECT_THAT(ask("request-security-key-pair-export", input), HasSubstr("does not exist"));
}

TEST_F(Pki, WhatIsNotThereSaysSo) {
  EXPECT_THAT(ask("request-security-local-certificate-enroll",
                  {{"certificate-id", "own"}, {"ca-profile", "root"}, {"scep", ""}}),
              HasSubstr("enrollment by SCEP, CMPv2 and ACME is not supported: request security "
                        "pki generate-certificate-request"));
  EXPECT_THAT(ask("request-security-local-certificate-enroll",
                  {{"certificate-id", "own"}, {"ca-profile", "nobody"}}),
              HasSubstr("ca-profile nobody is not configured"));
  EXPECT_THAT(ask("request-security-local-certificate-re-enroll", {{"certificate-id", "own"}}),
              HasSubstr("Local certificate own does not exist"));
  ask("generate-pki-key-pair", {{"certificate-id", "own"}, {"type", "ecdsa"}});
  ask("generate-pki-self-signed-local-certificate",
      {{"certificate-id", "own"}, {"subject", "CN=x"}, {"domain-name", "x.example"}});
  EXPECT_THAT(ask("request-security-local-certificate-re-enroll", {{"certificate-id", "own"}}),
              HasSubstr("not supported: a new certificate of the same key"));
  EXPECT_THAT(ask("request-security-ca-certificate-enroll", {{"ca-profile", "root"}}),
              HasSubstr("not supported: request security pki ca-certificate load"));
  EXPECT_THAT(ask("request-security-pki-ca-profile-group-load",
                  {{"ca-group-name", "many"}, {"filename", "/tmp/many.pem"}}),
              HasSubstr("each authority needs a ca-profile"));
  for (const char* group :
       {"request-security-pki-ca-profile-group-status", "request-default-trusted-ca-certs",
        "get-pki-ca-certificate", "clear-pki-ca-certificate"})
    EXPECT_THAT(ask(group, {{"ca-group-name", "many"}, {"ca-profile-group", "many"}}),
                HasSubstr("each authority needs a ca-profile"))
        << group;
  EXPECT_EQ(ask("get-pki-local-certificate", {{"system-generated", ""}}), "");
  EXPECT_EQ(ask("clear-pki-local-certificate", {{"system-generated", ""}}), "");
  EXPECT_THAT(ask("get-pki-local-certificate", {}), HasSubstr("own"));
}

TEST_F(Pki, CertificatesThatAreNotForIkeAreNamed) {
  Authority root({.subject = "CN=root", .kind = KeyKind::kEcdsa256});
  const Made made =
      root.issue({.subject = "CN=own", .kind = KeyKind::kEcdsa256, .extended = "serverAuth"});
  ask("load-pki-ca-certificate",
      {{"ca-profile", "root"}, {"filename", file("r", root.own().pem())}});
  ask("load-pki-local-certificate", {{"certificate-id", "own"},
                                     {"filename", file("own.pem", made.pem())},
                                     {"key", file("own.key", pem_of(made.key))}});
  EXPECT_THAT(ask("verify-pki-local-certificate", {{"certificate-id", "own"}}),
              HasSubstr("verification failed: the certificate is not for IKE"));
}

TEST_F(Pki, ChainsBetweenAreFound) {
  Authority root({.subject = "CN=root", .kind = KeyKind::kEcdsa256});
  Authority middle({.subject = "CN=middle", .kind = KeyKind::kEcdsa256}, root);
  const Made made = middle.issue({.subject = "CN=own", .kind = KeyKind::kEcdsa256});
  ask("load-pki-local-certificate", {{"certificate-id", "own"},
                                     {"filename", file("own.pem", made.pem())},
                                     {"key", file("own.key", pem_of(made.key))}});
  iked_->commit({"set security pki ca-profile other revocation-check disable"});
  ask("load-pki-ca-certificate",
      {{"ca-profile", "root"}, {"filename", file("r", root.own().pem())}});
  EXPECT_THAT(ask("verify-pki-local-certificate", {{"certificate-id", "own"}}),
              HasSubstr("unable to get local issuer certificate"));
  ask("load-pki-ca-certificate",
      {{"ca-profile", "other"}, {"filename", file("m", middle.own().pem())}});
  EXPECT_THAT(ask("verify-pki-local-certificate", {{"certificate-id", "own"}}),
              HasSubstr("verification success"));
  EXPECT_THAT(ask("verify-pki-ca-certificate", {{"ca-profile", "other"}}),
              HasSubstr("verification success"));
}

TEST(Vault, NamesLeadNowhereElse) {
  for (const char* bad : {"", ".", "..", "a/b", "a.b", "a b", "a%b", "a\nb", "/etc/passwd"})
    EXPECT_FALSE(Vault::is_name(bad)) << bad;
  EXPECT_FALSE(Vault::is_name(std::string(33, 'x')));
  EXPECT_TRUE(Vault::is_name("own-1_x"));
  QTemporaryDir directory;
  Vault vault(directory.path().toStdString() + "/pki");
  EXPECT_NE(vault.put_request("../x", {1}), "");
  EXPECT_FALSE(vault.remove(Vault::Shelf::kKeys, "../x"));
}

// A broken or half-written file is named and left out; the others are there.
TEST(Vault, DamagedFilesAreLeftOut) {
  QTemporaryDir directory;
  const std::string place = directory.path().toStdString() + "/pki";
  Authority root({.subject = "CN=root", .kind = KeyKind::kEcdsa256});
  {
    Vault vault(place);
    EXPECT_EQ(vault.put_authority("good", *Certificate::of_der(root.der())), "");
    EXPECT_EQ(vault.put_key("good", root.own().key), "");
  }
  std::ofstream(place + "/ca-certificate/bad.pem") << "-----BEGIN CERT";
  std::ofstream(place + "/key-pair/bad.pem") << "x";
  std::ofstream(place + "/key-pair/good.pem~") << "half";
  Vault vault(place);
  EXPECT_EQ(vault.names(Vault::Shelf::kAuthorities), std::vector<std::string>{"good"});
  EXPECT_EQ(vault.names(Vault::Shelf::kKeys), std::vector<std::string>{"good"});
  EXPECT_EQ(vault.problems().size(), 2u);
}

}  // namespace
}  // namespace nezu::ike
