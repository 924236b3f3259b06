#include "services/ike/engine/layout_pki.h"

#include <fmt/format.h>

#include <array>

namespace nezu::ike {
namespace {

using grammar::Layout;

// What is shown of a certificate, whoever has it, and of a request for one.
constexpr std::string_view kBrief =
    R"(  Issued to: {issued-to}{?issued-by}, Issued by: {issued-by}{/issued-by}
{?not-before}
  Validity:
    Not before: {not-before}
    Not after: {not-after}{?validity} ({validity}){/validity}
{/not-before}
  Public key algorithm: {public-key-algorithm}
{?keypair-location}
  Keypair Location: {keypair-location}
{/keypair-location}
)";

constexpr std::string_view kDetail =
    R"(  Certificate version: {version}
{?serial-number}
  Serial number: {serial-number}
{/serial-number}
{?issuer}
  Issuer:
    {#issuer}{,}, {/,}{name}{/issuer}
{/issuer}
  Subject:
    {#subject}{,}, {/,}{name}{/subject}
  Subject string:
    {subject-string}
{?alternate-subject}
  Alternate subject: {alternate-subject}
{/alternate-subject}
{?not-before}
  Validity:
    Not before: {not-before}
    Not after: {not-after}{?validity} ({validity}){/validity}
{/not-before}
  Public key algorithm: {public-key-algorithm}
{#public-key}
    {public-key}
{/public-key}
  Signature algorithm: {signature-algorithm}
{?distribution-crl}
  Distribution CRL:
{/distribution-crl}
{#distribution-crl}
    {distribution-crl}
{/distribution-crl}
{?authority-information-access-ocsp}
  Authority Information Access OCSP:
{/authority-information-access-ocsp}
{#authority-information-access-ocsp}
    {authority-information-access-ocsp}
{/authority-information-access-ocsp}
{?use-for-key}
  Use for key: {use-for-key}
{/use-for-key}
  Fingerprint:
{#fingerprint}
    {octets} ({hash})
{/fingerprint}
{?keypair-location}
  Keypair Location: {keypair-location}
{/keypair-location}
)";

constexpr const char* kCrl =
    R"({#pki-crl-information}
{#pki-crl}
CA profile: {ca-profile}
  CRL version: {crl-version}
  CRL issuer: {crl-issuer}
  Effective date: {effective-date}
{?next-update}
  Next update: {next-update}{?state} ({state}){/state}
{/next-update}
  Revoked certificates: {total-revoked}
{?revoked}
  Revocation List:
    Serial number                        Revocation date
{/revoked}
{#revoked}
    {serial-number:36} {revocation-date}
{/revoked}
{?more}
    and {more} more
{/more}
{/pki-crl}
{/pki-crl-information}
)";

constexpr const char* kStatistics =
    R"({#pki-statistics-information}
CRL:
  Loaded:          {crl-loaded:>10}
  Load failures:   {crl-failed:>10}
OCSP:
  Good:            {ocsp-good:>10}
  Revoked:         {ocsp-revoked:>10}
  Unknown:         {ocsp-unknown:>10}
  No valid answer: {ocsp-failed:>10}
Certificate chains refused: {chains-refused}
{/pki-statistics-information}
)";

// `kind`: "local-certificate"; `title` stands before the name of each.
Layout certificates(const std::string& kind, std::string_view title, std::string_view body) {
  const std::string entry = "pki-" + kind;
  return Layout(fmt::format(
      "{{#{0}-information}}\n{{#{0}}}\n{1}: {{identifier}}\n{2}{{/{0}}}\n{{/{0}-information}}\n",
      entry, title, body));
}

}  // namespace

const std::vector<std::string>& pki_rpc_names() {
  static const std::vector<std::string> kNames = {
      "generate-pki-key-pair",
      "generate-pki-certificate-request",
      "generate-pki-self-signed-local-certificate",
      "load-pki-local-certificate",
      "verify-pki-local-certificate",
      "request-security-local-certificate-export",
      "request-security-key-pair-export",
      "request-security-local-certificate-enroll",
      "request-security-local-certificate-re-enroll",
      "request-security-ca-certificate-enroll",
      "request-security-pki-ca-profile-group-load",
      "request-security-pki-ca-profile-group-status",
      "request-default-trusted-ca-certs",
      "load-pki-ca-certificate",
      "verify-pki-ca-certificate",
      "load-pki-crl",
      "get-pki-local-certificate",
      "get-pki-ca-certificate",
      "get-pki-certificate-request",
      "get-pki-crl",
      "get-pki-statistics",
      "clear-pki-local-certificate",
      "clear-pki-ca-certificate",
      "clear-pki-certificate-request",
      "clear-pki-key-pair",
      "clear-pki-crl",
      "clear-pki-statistics",
  };
  return kNames;
}

const Layout* pki_layout_of(std::string_view rpc, const mgmt::Input& input) {
  static const auto of = [](const std::string& kind, std::string_view title) {
    return std::array{certificates(kind, title, kBrief), certificates(kind, title, kDetail)};
  };
  static const auto local = of("local-certificate", "Certificate identifier"),
                    authority = of("ca-certificate", "CA profile"),
                    request = of("certificate-request", "Certificate identifier");
  static const Layout crl(kCrl), statistics(kStatistics);
  const bool detail = input.contains("detail");
  if (rpc == "get-pki-local-certificate") return &local[detail];
  if (rpc == "get-pki-ca-certificate") return &authority[detail];
  if (rpc == "get-pki-certificate-request") return &request[detail];
  if (rpc == "get-pki-crl") return &crl;
  return rpc == "get-pki-statistics" ? &statistics : nullptr;
}

}  // namespace nezu::ike
