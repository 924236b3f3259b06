#include "services/ike/layout_pki.h"

namespace nezu::ike {
namespace {

using grammar::Layout;

constexpr const char* kLocalBrief =
    R"({#pki-local-certificate-information}
{#pki-local-certificate}
Certificate identifier: {identifier}
  Issued to: {issued-to}{?issued-by}, Issued by: {issued-by}{/issued-by}
{?not-before}
  Validity:
    Not before: {not-before}
    Not after: {not-after}{?validity} ({validity}){/validity}
{/not-before}
  Public key algorithm: {public-key-algorithm}
{?keypair-location}
  Keypair Location: {keypair-location}
{/keypair-location}
{/pki-local-certificate}
{/pki-local-certificate-information}
)";

constexpr const char* kLocalDetail =
    R"({#pki-local-certificate-information}
{#pki-local-certificate}
Certificate identifier: {identifier}
  Certificate version: {version}
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
{/pki-local-certificate}
{/pki-local-certificate-information}
)";

constexpr const char* kAuthorityBrief =
    R"({#pki-ca-certificate-information}
{#pki-ca-certificate}
CA profile: {identifier}
  Issued to: {issued-to}{?issued-by}, Issued by: {issued-by}{/issued-by}
{?not-before}
  Validity:
    Not before: {not-before}
    Not after: {not-after}{?validity} ({validity}){/validity}
{/not-before}
  Public key algorithm: {public-key-algorithm}
{?keypair-location}
  Keypair Location: {keypair-location}
{/keypair-location}
{/pki-ca-certificate}
{/pki-ca-certificate-information}
)";

constexpr const char* kAuthorityDetail =
    R"({#pki-ca-certificate-information}
{#pki-ca-certificate}
CA profile: {identifier}
  Certificate version: {version}
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
{/pki-ca-certificate}
{/pki-ca-certificate-information}
)";

constexpr const char* kRequestBrief =
    R"({#pki-certificate-request-information}
{#pki-certificate-request}
Certificate identifier: {identifier}
  Issued to: {issued-to}{?issued-by}, Issued by: {issued-by}{/issued-by}
{?not-before}
  Validity:
    Not before: {not-before}
    Not after: {not-after}{?validity} ({validity}){/validity}
{/not-before}
  Public key algorithm: {public-key-algorithm}
{?keypair-location}
  Keypair Location: {keypair-location}
{/keypair-location}
{/pki-certificate-request}
{/pki-certificate-request-information}
)";

constexpr const char* kRequestDetail =
    R"({#pki-certificate-request-information}
{#pki-certificate-request}
Certificate identifier: {identifier}
  Certificate version: {version}
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
{/pki-certificate-request}
{/pki-certificate-request-information}
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

}  // namespace

const std::vector<std::string>& pki_rpc_names() {
  static const std::vector<std::string> kNames = {
      "generate-pki-key-pair",
      "generate-pki-certificate-request",
      "generate-pki-self-signed-local-certificate",
      "load-pki-local-certificate",
      "verify-pki-local-certificate",
      "request-security-local-certificate-export",
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
  };
  return kNames;
}

const Layout* pki_layout_of(std::string_view rpc, const mgmt::Input& input) {
  static const Layout local_brief(kLocalBrief), local_detail(kLocalDetail),
      authority_brief(kAuthorityBrief), authority_detail(kAuthorityDetail),
      request_brief(kRequestBrief), request_detail(kRequestDetail), crl(kCrl),
      statistics(kStatistics);
  const bool detail = input.contains("detail");
  if (rpc == "get-pki-local-certificate") return detail ? &local_detail : &local_brief;
  if (rpc == "get-pki-ca-certificate") return detail ? &authority_detail : &authority_brief;
  if (rpc == "get-pki-certificate-request") return detail ? &request_detail : &request_brief;
  if (rpc == "get-pki-crl") return &crl;
  return rpc == "get-pki-statistics" ? &statistics : nullptr;
}

}  // namespace nezu::ike
