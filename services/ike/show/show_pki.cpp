// show security pki …
#include "services/ike/show/show_pki.h"

#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "services/ike/daemon/daemon.h"
#include "services/ike/distinguished_name.h"
#include "services/ike/pki/certificate_text.h"

namespace nezu::ike {
namespace {
using grammar::Element;
using Names = std::unique_ptr<GENERAL_NAMES, decltype(&GENERAL_NAMES_free)>;
using Request = std::unique_ptr<X509_REQ, decltype(&X509_REQ_free)>;

constexpr std::size_t kMostRevoked = 1000;

void write_names(mgmt::Reply& out, std::string_view element, const X509_NAME* name) {
  for (const std::string& line : name_lines(name)) {
    const Element one(out, element);
    out.leaf("name", line);
  }
}

void write_key(mgmt::Reply& out, EVP_PKEY* key, bool detail) {
  out.leaf("public-key-algorithm", key_text(key));
  if (!detail) return;
  for (const std::string& line : key_lines(key)) out.leaf("public-key", line);
}

void write_fingerprints(mgmt::Reply& out, ByteView der) {
  for (const auto& [octets, hash] : fingerprints(der)) {
    const Element one(out, "fingerprint");
    out.leaf("octets", octets);
    out.leaf("hash", hash);
  }
}

std::string issued_to(const X509_NAME* subject) {
  const int at = X509_NAME_get_index_by_NID(const_cast<X509_NAME*>(subject), NID_commonName, -1);
  if (at < 0) return name_text(subject);
  const auto lines = name_lines(subject);
  const std::string& line = lines[std::min(std::size_t(at), lines.size() - 1)];
  return line.substr(line.find(": ") + 2);
}

void write_validity(mgmt::Reply& out, const X509* certificate) {
  const std::time_t from = time_of(X509_get0_notBefore(certificate)),
                    until = time_of(X509_get0_notAfter(certificate)), now = std::time(nullptr);
  out.leaf("not-before", time_text(from));
  out.leaf("not-after", time_text(until));
  if (now < from) out.leaf("validity", "not yet valid");
  if (now > until) out.leaf("validity", "expired");
}

void write_detail_head(mgmt::Reply& out, const Certificate& certificate) {
  const X509* x509 = certificate.get();
  out.leaf_number("version", std::uint64_t(X509_get_version(x509)) + 1);
  out.leaf("serial-number", certificate.serial());
  write_names(out, "issuer", X509_get_issuer_name(x509));
  write_names(out, "subject", X509_get_subject_name(x509));
  out.leaf("subject-string", name_text(X509_get_subject_name(x509)));
  const Names names(
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(x509, NID_subject_alt_name, nullptr, nullptr)),
      GENERAL_NAMES_free);
  if (names) out.leaf("alternate-subject", alternate_text(names.get()));
}

void write_detail_tail(mgmt::Reply& out, const Certificate& certificate) {
  out.leaf("signature-algorithm", OBJ_nid2ln(X509_get_signature_nid(certificate.get())));
  for (const std::string& url : crl_urls(certificate)) out.leaf("distribution-crl", url);
  for (const std::string& url : ocsp_urls(certificate))
    out.leaf("authority-information-access-ocsp", url);
  const std::string usage = usage_text(X509_get_key_usage(certificate.get()));
  if (!usage.empty()) out.leaf("use-for-key", usage);
  write_fingerprints(out, certificate.der());
}

void write_certificate(mgmt::Reply& out, const std::string& name, const Certificate& certificate,
                       bool detail) {
  out.leaf("identifier", name);
  if (detail) {
    write_detail_head(out, certificate);
  } else {
    out.leaf("issued-to", issued_to(X509_get_subject_name(certificate.get())));
    out.leaf("issued-by", name_text(X509_get_issuer_name(certificate.get())));
  }
  write_validity(out, certificate.get());
  write_key(out, certificate.key(), detail);
  if (detail) write_detail_tail(out, certificate);
}

// Those that are asked for, each handed to `write`; an unknown name is an error.
template <typename Map, typename Write>
void show_all(const Map& map, const mgmt::Input& input, std::string_view leaf,
              const std::string& element, const Reply& reply, const Write& write) {
  const auto wanted = input.find(leaf);
  if (wanted != input.end() && !map.contains(wanted->second))
    return reply->fail(std::string(leaf) + " " + wanted->second + " does not exist");
  if (!map.empty()) {
    const Element all(*reply, element + "-information");
    for (const auto& [name, value] : map) {
      if (wanted != input.end() && wanted->second != name) continue;
      const Element one(*reply, element);
      write(name, value);
    }
  }
  reply->finish();
}

void write_request(mgmt::Reply& out, const std::string& name, const Bytes& der, bool detail) {
  const unsigned char* at = der.data();
  const Request request(d2i_X509_REQ(nullptr, &at, static_cast<long>(der.size())), X509_REQ_free);
  out.leaf("identifier", name);
  if (!request) return;
  const X509_NAME* subject = X509_REQ_get_subject_name(request.get());
  if (!detail) {
    out.leaf("issued-to", issued_to(subject));
    return write_key(out, X509_REQ_get0_pubkey(request.get()), false);
  }
  out.leaf_number("version", std::uint64_t(X509_REQ_get_version(request.get())) + 1);
  write_names(out, "subject", subject);
  out.leaf("subject-string", name_text(subject));
  STACK_OF(X509_EXTENSION)* extensions = X509_REQ_get_extensions(request.get());
  const Names names(static_cast<GENERAL_NAMES*>(
                        X509V3_get_d2i(extensions, NID_subject_alt_name, nullptr, nullptr)),
                    GENERAL_NAMES_free);
  if (names) out.leaf("alternate-subject", alternate_text(names.get()));
  sk_X509_EXTENSION_pop_free(extensions, X509_EXTENSION_free);
  write_key(out, X509_REQ_get0_pubkey(request.get()), true);
  out.leaf("signature-algorithm", OBJ_nid2ln(X509_REQ_get_signature_nid(request.get())));
  write_fingerprints(out, der);
}

void write_list(mgmt::Reply& out, const std::string& profile, const Crl& crl, bool detail) {
  out.leaf("ca-profile", profile);
  out.leaf("crl-version", "V00000001");
  out.leaf("crl-issuer", name_text(crl.issuer()));
  out.leaf("effective-date", time_text(crl.this_update()));
  out.leaf("next-update", time_text(crl.next_update()));
  if (!crl.is_current(std::time(nullptr))) out.leaf("state", "out of date");
  out.leaf_number("total-revoked", crl.size());
  if (!detail) return;
  for (const Crl::Entry& each : crl.entries(kMostRevoked)) {
    const Element one(out, "revoked");
    out.leaf("serial-number", each.serial);
    out.leaf("revocation-date", time_text(each.at));
  }
  if (crl.size() > kMostRevoked) out.leaf_number("more", crl.size() - kMostRevoked);
}
}  // namespace

void show_local_certificate(Daemon& daemon, const mgmt::Input& input, const Reply& reply) {
  if (input.contains("system-generated")) return reply->finish();  // there is none
  const bool detail = input.contains("detail");
  show_all(daemon.vault().certificates(), input, "certificate-id", "pki-local-certificate", reply,
           [&](const std::string& name, const Certificate& certificate) {
             write_certificate(*reply, name, certificate, detail);
             reply->leaf("keypair-location", daemon.vault().keys().contains(name)
                                                 ? "Keypair on this router"
                                                 : "Keypair missing");
           });
}

void show_ca_certificate(Daemon& daemon, const mgmt::Input& input, const Reply& reply) {
  if (input.contains("ca-profile-group")) return refuse_profile_group(daemon, input, reply);
  const bool detail = input.contains("detail");
  show_all(daemon.vault().authorities(), input, "ca-profile", "pki-ca-certificate", reply,
           [&](const std::string& name, const Certificate& certificate) {
             write_certificate(*reply, name, certificate, detail);
           });
}

void show_certificate_request(Daemon& daemon, const mgmt::Input& input, const Reply& reply) {
  const bool detail = input.contains("detail");
  show_all(
      daemon.vault().requests(), input, "certificate-id", "pki-certificate-request", reply,
      [&](const std::string& name, const Bytes& der) { write_request(*reply, name, der, detail); });
}

void show_crl(Daemon& daemon, const mgmt::Input& input, const Reply& reply) {
  const bool detail = input.contains("detail");
  show_all(daemon.vault().lists(), input, "ca-profile", "pki-crl", reply,
           [&](const std::string& name, const Crl& crl) { write_list(*reply, name, crl, detail); });
}

void show_pki_statistics(Daemon& daemon, const mgmt::Input&, const Reply& reply) {
  const Revocation::Counters& counters = daemon.revocation().counters();
  {
    const Element all(*reply, "pki-statistics-information");
    reply->leaf_number("crl-loaded", counters.crl_loaded);
    reply->leaf_number("crl-failed", counters.crl_failed);
    reply->leaf_number("ocsp-good", counters.ocsp_good);
    reply->leaf_number("ocsp-revoked", counters.ocsp_revoked);
    reply->leaf_number("ocsp-unknown", counters.ocsp_unknown);
    reply->leaf_number("ocsp-failed", counters.ocsp_failed);
    reply->leaf_number("chains-refused", counters.refused);
  }
  reply->finish();
}

}  // namespace nezu::ike
