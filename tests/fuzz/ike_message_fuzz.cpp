// What strangers send to IKE: the first octet says what for. 0: a fresh responder that has a
// half-open peer; 1: the payload parser alone, as for what was sealed; 2: sealed for an established
// SA by one who has its keys; 3: a snapshot; 4: a certificate, looked at and checked as a peer's;
// 5: a list of revoked ones; 6: an answer of an OCSP responder; 7: a signature; 8: a name in words.
#include <openssl/evp.h>
#include <openssl/x509.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <utility>

#include "services/ike/certificates/chain.h"
#include "services/ike/certificates/crl.h"
#include "services/ike/certificates/ocsp.h"
#include "services/ike/crypto/dh.h"
#include "services/ike/distinguished_name.h"
#include "services/ike/message/message.h"
#include "services/ike/message/wire.h"
#include "services/ike/session/sk.h"
#include "services/ike/session/snapshot.h"
#include "services/ike/session/table.h"

namespace {
using namespace nezu::ike;

const Path kPath{0, {*Address::parse("16.1.1.1"), 500}, {*Address::parse("16.1.1.2"), 500}};

Random counting() {
  auto state = std::make_shared<std::uint64_t>(1);
  return [state](std::span<std::uint8_t> out) {
    for (auto& octet : out)
      octet = static_cast<std::uint8_t>((*state = *state * 6364136223846793005 + 1) >> 33);
  };
}

Config configuration(bool initiator) {
  Gateway gateway;
  gateway.name = "gw";
  gateway.local = initiator ? kPath.remote.address : kPath.local.address;
  gateway.remote = initiator ? kPath.local.address : kPath.remote.address;
  gateway.pre_shared_key = Bytes(8, 'k');
  gateway.proposals = {*ike_proposal("p", "aes-128-gcm", "sha-256", "group31", 28800)};
  ChildPolicy child;
  child.tunnel = 500001;
  child.proposals = {*esp_proposal("e", "aes-256-gcm", "", false, 3600, 0)};
  gateway.children = {child};
  Config config;
  config.gateways = {gateway};
  return config;
}

// Hands messages to and fro and computes what is asked for, until all is quiet.
struct Two {
  SaTable a{counting()}, b{counting()};
  std::vector<Datagram> to_a, to_b;

  void act(bool of_a, Output out) {
    for (auto& message : out.messages) (of_a ? to_b : to_a).push_back(std::move(message));
    for (const auto& action : out.actions)
      if (const auto* job = std::get_if<DhJob>(&action))
        act(of_a, (of_a ? a : b).complete(run(*job), 1000));
  }

  Two() {
    act(true, a.configure(configuration(true), 1000));
    act(false, b.configure(configuration(false), 1000));
    act(true, a.tunnel_wanted(500001, 1000));
    while (!to_a.empty() || !to_b.empty()) {
      for (auto& message : std::exchange(to_b, {}))
        act(false, b.handle(message.bytes, kPath, 1000));
      const Path back{0, kPath.remote, kPath.local};
      for (auto& message : std::exchange(to_a, {})) act(true, a.handle(message.bytes, back, 1000));
    }
  }
};

// Whatever a table holds must survive being written down.
void check(const SaTable& table) {
  for (const auto& [index, sa] : table.sas()) {
    const auto back = restore(table.snapshot(index));
    if (!back || !(*back == sa)) std::abort();
  }
}

void fresh_responder(ByteView data) {
  SaTable table(counting());
  table.configure(configuration(false), 1000);
  Output out = table.handle(data, kPath, 1000);
  for (const auto& action : out.actions)
    if (const auto* job = std::get_if<DhJob>(&action)) table.complete(run(*job), 1000);
  table.handle(data, kPath, 2000);
  if (table.sas().size() > 1) std::abort();
  check(table);
}

void established(ByteView data) {
  static const Two kBase;
  static const Bytes kRecord = kBase.b.snapshot(kBase.b.sas().begin()->first);
  static const IkeSa kPeer = kBase.a.sas().begin()->second;
  SaTable table(counting());
  table.restore({kRecord}, 1000);
  table.configure(configuration(false), 1000);
  Reader reader(data);
  Header header;
  header.spi_i = kPeer.spi_i;
  header.spi_r = kPeer.spi_r;
  header.exchange = static_cast<ExchangeType>(34 + reader.u8() % 4);
  header.initiator = true;
  header.response = reader.u8() & 1;
  header.message = kPeer.next_request;
  const std::uint8_t first = reader.u8();
  const Bytes message = seal(header, first, reader.rest(), sending_keys(kPeer), Bytes(8, 0x55));
  Output out = table.handle(message, kPath, 1000);
  for (const auto& action : out.actions)
    if (const auto* job = std::get_if<DhJob>(&action)) table.complete(run(*job), 1000);
  table.timeout(100000);
  check(table);
}

// A record that is read at all is written back as it was; a table must live with it.
void record(ByteView data) {
  const auto sa = restore(data);
  if (!sa) return;
  if (!(restore(snapshot(*sa)) == sa)) std::abort();
}
// A chain of up to three: the octets before each say how long it is.
void certificates(ByteView data) {
  PeerProof proof;
  for (Reader reader(data); reader.left() > 2 && proof.certificates.size() < 3;)
    proof.certificates.push_back(
        bytes_of(reader.take(std::min<std::size_t>(reader.u16(), reader.left()))));
  if (proof.certificates.empty()) return;
  const auto own = Certificate::of_der(proof.certificates.front());
  if (!own) return;
  for (const Identity& name : alternate_names(*own)) {
    (void)to_string(name);
    if (name.data.size() > kMaxName) continue;  // no identity of IKE's
    if (!stands_for(*own, name)) std::abort();
  }
  (void)use_problem(*own);
  (void)crl_urls(*own);
  (void)ocsp_urls(*own);
  proof.keys = {own->kind()};
  proof.identity = {Identity::Type::kDistinguishedName, own->subject()};
  proof.auth = {14, Bytes(80, 1)};
  proof.hashes = {HashAlgorithm::kSha256};
  const std::vector<Authority> trusted = {{"ca", *own}};
  if (verify_peer(proof, trusted, {}, 1'800'000'000).error.empty()) std::abort();
  std::vector<Certificate> chain;
  for (const Bytes& der : proof.certificates)
    if (auto each = Certificate::of_der(der)) chain.push_back(*each);
  (void)verify_chain(chain, {{"ca", chain.back()}}, {}, 1'800'000'000);
}

// Somebody's certificate, made once.
const Certificate& somebody() {
  static const Certificate kMade = [] {
    EVP_PKEY* key = EVP_EC_gen("P-256");
    X509* made = X509_new();
    X509_set_pubkey(made, key);
    X509_gmtime_adj(X509_getm_notBefore(made), 0);
    X509_gmtime_adj(X509_getm_notAfter(made), 3600);
    X509_sign(made, key, EVP_sha256());
    unsigned char* out = nullptr;
    const int length = i2d_X509(made, &out);
    const auto certificate = Certificate::of_der({out, static_cast<std::size_t>(length)});
    OPENSSL_free(out);
    X509_free(made);
    EVP_PKEY_free(key);
    return *certificate;
  }();
  return kMade;
}

void list(ByteView data) {
  const auto crl = Crl::read(data);
  if (!crl) return;
  (void)crl->entries(10);
  (void)crl->issuer();
  (void)crl->is_current(1'800'000'000);
  if (crl->is_older_than(*crl) || crl->is_signed_by(somebody())) std::abort();
  (void)crl->lists(somebody());
}

void answer(ByteView data) {
  static const Bytes kRequest = ocsp_request(somebody(), somebody(), OcspNonce::kSent);
  const OcspAnswer read = read_ocsp(data, kRequest, somebody(), somebody(), OcspNonce::kSent);
  if (read.status != OcspStatus::kInvalid) std::abort();
}

void signature(ByteView data) {
  const Auth auth{data.empty() ? std::uint8_t{14} : data[0],
                  bytes_of(data.subspan(std::min<std::size_t>(1, data.size())))};
  if (verify(somebody().key(), auth, Bytes(10, 1), {HashAlgorithm::kSha256}, true)) std::abort();
}

void name(ByteView data) {
  const std::string text(data.begin(), data.end());
  const auto der = name_of_text(text);
  if (der && (!is_name_der(*der) || !is_same_name(*der, *der))) std::abort();
  (void)is_name_der(data);
  (void)name_text(data);
}
}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const ByteView rest(data + 1, size - 1);
  switch (data[0] % 9) {
    case 0:
      fresh_responder(rest);
      break;
    case 1:
      if (!rest.empty()) (void)parse_payloads(rest[0], rest.subspan(1));
      break;
    case 2:
      established(rest);
      break;
    case 3:
      record(rest);
      break;
    case 4:
      certificates(rest);
      break;
    case 5:
      list(rest);
      break;
    case 6:
      answer(rest);
      break;
    case 7:
      signature(rest);
      break;
    default:
      name(rest);
  }
  return 0;
}
