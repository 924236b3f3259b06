// request security pki …, clear security pki …
#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <algorithm>

#include "services/ike/daemon/daemon.h"
#include "services/ike/distinguished_name.h"
#include "services/ike/message/payload_cert.h"
#include "services/ike/pki/certificate_maker.h"
#include "services/ike/pki/certificate_text.h"
#include "services/ike/pki/credential.h"
#include "services/ike/pki/file.h"
#include "services/ike/show/show_pki.h"

namespace nezu::ike {
namespace {
using Shelf = Vault::Shelf;

constexpr std::size_t kMaxFile = 1 << 20;

std::string argument(const mgmt::Input& input, std::string_view name) {
  const auto found = input.find(name);
  return found == input.end() ? std::string() : found->second;
}

// An answer in whole: an error, or lines.
void finish(const Reply& reply, const std::string& error, const std::string& lines) {
  if (!error.empty()) return reply->fail(error);
  std::size_t from = 0;
  for (std::size_t at; (at = lines.find('\n', from)) != lines.npos; from = at + 1)
    reply->message(std::string_view(lines).substr(from, at - from));
  if (from < lines.size()) reply->message(std::string_view(lines).substr(from));
  reply->finish();
}

bool is_whole_name(const std::string& path) {
  return !path.empty() && path.front() == '/';
}

std::string not_whole(const std::string& path) {
  return "'" + path + "': a file is named from the root (/var/tmp/…)";
}

std::optional<Bytes> content_of(const std::string& path, const Reply& reply,
                                std::size_t most = kMaxFile) {
  std::string error;
  std::optional<Bytes> content;
  if (is_whole_name(path))
    content = read_file(path, most, error);
  else
    error = not_whole(path);
  if (!content) reply->fail(error);
  return content;
}

std::string write_named(const std::string& path, ByteView content) {
  return is_whole_name(path) ? write_new_file(path, content) : not_whole(path);
}

struct Wanted {
  KeyKind kind = KeyKind::kNone;
  unsigned bits = 0;
};

Wanted wanted_key(const mgmt::Input& input) {
  const std::string size = argument(input, "size");
  if (argument(input, "type") != "ecdsa")
    return {KeyKind::kRsa, size.empty() ? 2048u : unsigned(std::stoul(size))};
  if (size.empty() || size == "256") return {KeyKind::kEcdsa256, 256};
  if (size == "384") return {KeyKind::kEcdsa384, 384};
  return {size == "521" ? KeyKind::kEcdsa521 : KeyKind::kNone, 521};
}

bool is_size(const Wanted& wanted) {
  return wanted.kind != KeyKind::kRsa || wanted.bits >= 1024;
}

Applicant applicant_of(const mgmt::Input& input) {
  return {argument(input, "subject"),         argument(input, "domain-name"),
          argument(input, "email"),           argument(input, "ip-address"),
          argument(input, "ipv6-address"),    argument(input, "digest"),
          input.contains("add-ca-constraint")};
}

PrivateKey key_named(const Daemon& daemon, const std::string& id, const Reply& reply) {
  const auto found = daemon.vault().keys().find(id);
  if (found != daemon.vault().keys().end()) return found->second;
  reply->fail("Key pair " + id + " does not exist: request security pki generate-key-pair");
  return nullptr;
}

// The private key that belongs to a certificate: of the file that is named, or the one generated
// here.
PrivateKey key_for(Daemon& daemon, const mgmt::Input& input, const Reply& reply) {
  const std::string file = argument(input, "key"), id = argument(input, "certificate-id");
  if (file.empty()) return key_named(daemon, id, reply);
  auto content = content_of(file, reply);
  if (!content) return nullptr;
  PrivateKey key = read_private_key(*content, argument(input, "passphrase"));
  OPENSSL_cleanse(content->data(), content->size());
  if (!key) reply->fail(file + ": no private key, or another passphrase");
  return key;
}

std::string certificate_problem(const Certificate& certificate, EVP_PKEY* key) {
  if (certificate.kind() == KeyKind::kNone)
    return "Key of the certificate is not supported (RSA 1024 to 8192, ECDSA 256, 384, 521)";
  if (EVP_PKEY_eq(certificate.key(), key) != 1)
    return "Certificate does not belong to the key pair";
  return {};
}

// A key is never overwritten by another: the certificate that goes with it would be worth nothing,
// and the key is nowhere else.
std::string put_pair(Vault& vault, const std::string& id, const PrivateKey& key,
                     const Certificate& certificate) {
  const auto there = vault.keys().find(id);
  const bool has_key = there != vault.keys().end();
  if (has_key && EVP_PKEY_eq(there->second.get(), key.get()) != 1)
    return "Key pair " + id +
           " exists and is another: clear security pki key-pair certificate-id " + id;
  std::string error = has_key ? "" : vault.put_key(id, key);
  if (!error.empty()) return error;
  error = vault.put_certificate(id, certificate);
  if (!error.empty() && !has_key) vault.remove(Shelf::kKeys, id);
  return error;
}

const Certificate* own_certificate(const Daemon& daemon, const mgmt::Input& input,
                                   const Reply& reply) {
  const std::string id = argument(input, "certificate-id");
  const auto found = daemon.vault().certificates().find(id);
  if (found != daemon.vault().certificates().end()) return &found->second;
  reply->fail("Local certificate " + id + " does not exist");
  return nullptr;
}

const Certificate* authority(const Daemon& daemon, const std::string& profile, const Reply& reply) {
  const auto found = daemon.vault().authorities().find(profile);
  if (found != daemon.vault().authorities().end()) return &found->second;
  reply->fail("No CA certificate is loaded for ca-profile " + profile);
  return nullptr;
}

bool has_profile(const Daemon& daemon, const std::string& profile, const Reply& reply) {
  if (daemon.settings().authorities.contains(profile)) return true;
  reply->fail("ca-profile " + profile + " is not configured at [edit security pki]");
  return false;
}

std::vector<std::string> all_profiles(const Daemon& daemon) {
  std::vector<std::string> names;
  for (const auto& [name, _] : daemon.settings().authorities) names.push_back(name);
  return names;
}

void verify(Daemon& daemon, const std::vector<Certificate>& chain,
            const std::vector<std::string>& profiles, const std::string& what, const Reply& reply) {
  daemon.verifier().verify(chain, profiles, [reply, what](const std::string& error) {
    finish(reply, error.empty() ? "" : what + " verification failed: " + error,
           what + " verification success");
  });
}
}  // namespace

void generate_key_pair(Daemon& daemon, const mgmt::Input& input, const Reply& reply) {
  const std::string id = argument(input, "certificate-id");
  const Wanted wanted = wanted_key(input);
  if (wanted.kind == KeyKind::kNone || !is_size(wanted))
    return reply->fail(
        "Keys of this type have no such size (rsa: 1024, 2048, 4096; ecdsa: 256, "
        "384, 521)");
  if (daemon.vault().keys().contains(id))
    return reply->fail("Key pair " + id + " exists: clear security pki key-pair certificate-id " +
                       id);
  daemon.verifier().generate(
      wanted.kind, wanted.bits, [&daemon, id, wanted, reply](PrivateKey key) {
        if (!key) return reply->fail("Keys cannot be generated now, others are being made");
        const std::string error = daemon.vault().keys().contains(id)
                                      ? "Key pair " + id + " exists"
                                      : daemon.vault().put_key(id, std::move(key));
        finish(reply, error,
               fmt::format("Generated key pair {}, key size {} bits", id, wanted.bits));
      });
}

void export_key_pair(Daemon& daemon, const mgmt::Input& input, const Reply& reply) {
  const PrivateKey key = key_named(daemon, argument(input, "certificate-id"), reply);
  if (!key) return;
  const std::string passphrase = argument(input, "passphrase");
  if (passphrase.empty()) return reply->fail("a key is written with a passphrase only");
  const Bytes sealed = sealed_key(key.get(), passphrase, argument(input, "type") == "der");
  finish(reply,
         sealed.empty() ? "The key cannot be encrypted"
                        : write_named(argument(input, "filename"), sealed),
         "Key pair exported successfully");
}

void generate_certificate_request(Daemon& daemon, const mgmt::Input& input, const Reply& reply) {
  const std::string id = argument(input, "certificate-id"), file = argument(input, "filename");
  const PrivateKey key = key_named(daemon, id, reply);
  if (!key) return;
  const MadeDer made = make_request(applicant_of(input), key.get());
  if (!made.error.empty()) return reply->fail(made.error);
  const std::string pem = pem_text(PEM_STRING_X509_REQ, made.der);
  std::string error = daemon.vault().put_request(id, made.der);
  if (error.empty() && !file.empty()) error = write_named(file, view_of(pem));
  finish(reply, error, "Generated certificate request\n" + pem + fingerprint_lines(made.der));
}

void generate_self_signed(Daemon& daemon, const mgmt::Input& input, const Reply& reply) {
  const std::string id = argument(input, "certificate-id");
  const PrivateKey key = key_named(daemon, id, reply);
  if (!key) return;
  if (daemon.vault().certificates().contains(id))
    return reply->fail("Local certificate " + id + " exists");
  const MadeDer made = make_self_signed(applicant_of(input), key.get());
  const auto certificate = Certificate::of_der(made.der);
  if (!certificate) return reply->fail(made.error);
  const std::string error = daemon.vault().put_certificate(id, *certificate);
  if (error.empty()) daemon.certificates_changed();
  finish(reply, error, "Self-signed certificate generated and loaded successfully");
}

void load_local_certificate(Daemon& daemon, const mgmt::Input& input, const Reply& reply) {
  const std::string id = argument(input, "certificate-id"), file = argument(input, "filename");
  const auto content = content_of(file, reply);
  if (!content) return;
  const auto all = read_certificates(*content);
  if (all.empty()) return reply->fail(file + ": no certificate in PEM or DER");
  const PrivateKey key = key_for(daemon, input, reply);
  if (!key) return;
  std::string error = certificate_problem(all.front(), key.get());
  if (error.empty()) error = put_pair(daemon.vault(), id, key, all.front());
  if (error.empty()) daemon.certificates_changed();
  finish(reply, error, "Local certificate loaded successfully");
}

void verify_local_certificate(Daemon& daemon, const mgmt::Input& input, const Reply& reply) {
  const Certificate* own = own_certificate(daemon, input, reply);
  if (!own) return;
  if (const std::string why = use_problem(*own); !why.empty())
    return reply->fail("Local certificate " + argument(input, "certificate-id") +
                       " verification failed: the certificate is " + why);
  verify(daemon, chain_of(daemon.vault(), *own), all_profiles(daemon),
         "Local certificate " + argument(input, "certificate-id"), reply);
}

void export_local_certificate(Daemon& daemon, const mgmt::Input& input, const Reply& reply) {
  const Certificate* own = own_certificate(daemon, input, reply);
  if (!own) return;
  const Bytes der = own->der();
  const std::string pem = pem_text(PEM_STRING_X509, der);
  finish(reply,
         write_named(argument(input, "filename"),
                     argument(input, "type") == "der" ? ByteView(der) : view_of(pem)),
         "Certificate exported successfully");
}

// What there is instead: a request that the authority signs elsewhere.
void enroll_local_certificate(Daemon& daemon, const mgmt::Input& input, const Reply& reply) {
  if (!has_profile(daemon, argument(input, "ca-profile"), reply)) return;
  reply->fail(
      "enrollment by SCEP, CMPv2 and ACME is not supported: request security pki "
      "generate-certificate-request, have it signed, request security pki local-certificate load");
}

void re_enroll_local_certificate(Daemon& daemon, const mgmt::Input& input, const Reply& reply) {
  if (!own_certificate(daemon, input, reply)) return;
  reply->fail(
      "enrollment by SCEP, CMPv2 and ACME is not supported: a new certificate of the same key "
      "takes the old one's place, request security pki local-certificate load");
}

void enroll_ca_certificate(Daemon& daemon, const mgmt::Input& input, const Reply& reply) {
  if (!has_profile(daemon, argument(input, "ca-profile"), reply)) return;
  reply->fail(
      "enrollment by SCEP is not supported: request security pki ca-certificate load, and compare "
      "the fingerprint");
}

void refuse_profile_group(Daemon&, const mgmt::Input&, const Reply& reply) {
  reply->fail(
      "profiles are not made by loading: each authority needs a ca-profile, into which request "
      "security pki ca-certificate load loads it; trusted-ca-group takes several together");
}

void load_ca_certificate(Daemon& daemon, const mgmt::Input& input, const Reply& reply) {
  const std::string profile = argument(input, "ca-profile"), file = argument(input, "filename");
  if (!has_profile(daemon, profile, reply)) return;
  const auto content = content_of(file, reply);
  if (!content) return;
  const auto all = read_certificates(*content);
  if (all.empty()) return reply->fail(file + ": no certificate in PEM or DER");
  if (all.size() > 1)
    return reply->fail(file + ": more than one certificate; each needs a ca-profile");
  if (!all.front().is_authority() || all.front().kind() == KeyKind::kNone)
    return reply->fail(file + ": not the certificate of an authority");
  const std::string error = daemon.vault().put_authority(profile, all.front());
  daemon.revocation().authorities_changed();
  if (error.empty()) daemon.certificates_changed();
  finish(reply, error,
         fingerprint_lines(all.front().der()) + "CA certificate for profile " + profile +
             " loaded successfully");
}

void verify_ca_certificate(Daemon& daemon, const mgmt::Input& input, const Reply& reply) {
  const std::string profile = argument(input, "ca-profile");
  const Certificate* own = authority(daemon, profile, reply);
  if (!own) return;
  verify(daemon, {*own}, all_profiles(daemon), "CA certificate " + profile, reply);
}

void load_crl(Daemon& daemon, const mgmt::Input& input, const Reply& reply) {
  const std::string profile = argument(input, "ca-profile"), file = argument(input, "filename");
  if (!has_profile(daemon, profile, reply)) return;
  const auto content = content_of(file, reply, kMaxCrl);
  if (!content) return;
  const auto crl = Crl::read(*content);
  if (!crl) return reply->fail(file + ": no whole CRL in PEM or DER");
  finish(reply, daemon.revocation().load(profile, *crl),
         "CRL for CA profile " + profile + " loaded successfully");
}

namespace {
// One by its name, or all.
void clear(Daemon& daemon, const mgmt::Input& input, const Reply& reply, std::string_view leaf,
           std::initializer_list<Shelf> shelves) {
  const std::string name = argument(input, leaf);
  if (name.empty() == !input.contains("all"))
    return reply->fail("either " + std::string(leaf) + " or all has to be named");
  bool any = false;
  for (const Shelf shelf : shelves)
    for (const std::string& each :
         name.empty() ? daemon.vault().names(shelf) : std::vector<std::string>{name})
      any = daemon.vault().remove(shelf, each) || any;
  if (!any && !name.empty()) return reply->fail("There is no such one: " + name);
  // What is known of who is revoked stays, whatever else is cleared.
  if (std::ranges::find(shelves, Shelf::kAuthorities) != shelves.end())
    daemon.revocation().authorities_changed();
  daemon.certificates_changed();
  reply->finish();
}
}  // namespace

void clear_local_certificate(Daemon& daemon, const mgmt::Input& input, const Reply& reply) {
  if (input.contains("system-generated")) return reply->finish();  // there is none
  clear(daemon, input, reply, "certificate-id", {Shelf::kCertificates, Shelf::kKeys});
}

void clear_ca_certificate(Daemon& daemon, const mgmt::Input& input, const Reply& reply) {
  if (input.contains("ca-profile-group")) return refuse_profile_group(daemon, input, reply);
  clear(daemon, input, reply, "ca-profile", {Shelf::kAuthorities, Shelf::kLists});
}

void clear_certificate_request(Daemon& daemon, const mgmt::Input& input, const Reply& reply) {
  clear(daemon, input, reply, "certificate-id", {Shelf::kRequests});
}

void clear_key_pair(Daemon& daemon, const mgmt::Input& input, const Reply& reply) {
  clear(daemon, input, reply, "certificate-id", {Shelf::kKeys});
}

void clear_pki_statistics(Daemon& daemon, const mgmt::Input&, const Reply& reply) {
  daemon.revocation().reset_counters();
  reply->finish();
}

void clear_crl(Daemon& daemon, const mgmt::Input& input, const Reply& reply) {
  const std::string profile = argument(input, "ca-profile");
  if (profile.empty() == !input.contains("all"))
    return reply->fail("either ca-profile or all has to be named");
  daemon.revocation().forget(profile);
  reply->finish();
}

}  // namespace nezu::ike
