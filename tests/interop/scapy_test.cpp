// What the forwarding plane seals, scapy opens, and the other way round: every suite of ESP and AH,
// over IPv4 and IPv6, with 32-bit and extended sequence numbers, bare and in UDP.
#include <gtest/gtest.h>
#include <stdlib.h>

#include <fstream>

#include "tests/pfe-model/memory_wire.h"
#include "tests/temporary_directory.h"

namespace nezu::pfe::test {
namespace {

const std::string kLocal4 = octets({192, 0, 2, 1}), kRemote4 = octets({192, 0, 2, 2});
const std::string kLocal6 = octets({0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}),
                  kRemote6 = octets({0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2});

std::string hex(const std::string& bytes) {
  std::string text;
  for (const char c : bytes) {
    char digits[3];
    snprintf(digits, sizeof digits, "%02x", static_cast<uint8_t>(c));
    text += digits;
  }
  return text.empty() ? "-" : text;
}

struct Suite {
  const char* name;  ///< scapy's, "-" for AH
  api::Cipher cipher;
  size_t key, salt;
  const char* integrity_name;
  api::Integrity integrity;
  size_t integrity_key;
};
const Suite kSuites[] = {
    {"AES-GCM", api::AES_GCM_128, 16, 4, "-", api::INTEGRITY_NONE, 0},
    {"AES-GCM", api::AES_GCM_192, 24, 4, "-", api::INTEGRITY_NONE, 0},
    {"AES-GCM", api::AES_GCM_256, 32, 4, "-", api::INTEGRITY_NONE, 0},
    {"CHACHA20-POLY1305", api::CHACHA20_POLY1305, 32, 4, "-", api::INTEGRITY_NONE, 0},
    {"AES-CBC", api::AES_CBC_128, 16, 0, "HMAC-SHA1-96", api::HMAC_SHA1_96, 20},
    {"AES-CBC", api::AES_CBC_192, 24, 0, "SHA2-256-128", api::HMAC_SHA256_128, 32},
    {"AES-CBC", api::AES_CBC_256, 32, 0, "SHA2-384-192", api::HMAC_SHA384_192, 48},
    {"AES-CBC", api::AES_CBC_256, 32, 0, "SHA2-512-256", api::HMAC_SHA512_256, 64},
    {"3DES", api::TRIPLE_DES_CBC, 24, 0, "HMAC-MD5-96", api::HMAC_MD5_96, 16},
    {"NULL", api::CIPHER_NONE, 0, 0, "HMAC-SHA1-96", api::HMAC_SHA1_96, 20},
    {"-", api::CIPHER_NONE, 0, 0, "HMAC-SHA1-96", api::HMAC_SHA1_96, 20},
    {"-", api::CIPHER_NONE, 0, 0, "SHA2-256-128", api::HMAC_SHA256_128, 32},
    {"-", api::CIPHER_NONE, 0, 0, "SHA2-384-192", api::HMAC_SHA384_192, 48},
    {"-", api::CIPHER_NONE, 0, 0, "SHA2-512-256", api::HMAC_SHA512_256, 64},
};

/// One SA pair and where it is.
struct Case {
  const Suite& suite;
  bool v6;
  uint32_t high;  ///< of the sequence number; 0: 32 bits
  uint32_t port;  ///< 0: no UDP

  bool ah() const { return suite.name == std::string("-"); }
  std::string key() const {
    return std::string("0123456789abcdefGHIJKLMNopqrstuv").substr(0, suite.key);
  }
  std::string salt() const { return std::string("salt").substr(0, suite.salt); }
  std::string integrity_key() const { return std::string(suite.integrity_key, 'i'); }
  const std::string& local() const { return v6 ? kLocal6 : kLocal4; }
  const std::string& remote() const { return v6 ? kRemote6 : kRemote4; }

  /// A line for scapy_peer.py.
  std::string job(const char* verb, uint32_t low, const std::string& packet) const {
    const std::string here = v6 ? "2001:db8::1" : "192.0.2.1";
    const std::string there = v6 ? "2001:db8::2" : "192.0.2.2";
    const bool opens = verb == std::string("open");
    std::string text = verb;
    for (const std::string& word :
         {std::string(ah() ? "AH" : "ESP"), std::string(suite.name), hex(key() + salt()),
          std::string(suite.integrity_name), hex(integrity_key()),
          high ? std::to_string(high) : "-", port ? std::to_string(port) : "-",
          opens ? here : there, opens ? there : here, std::string("5001"), std::to_string(low),
          hex(packet)})
      text += " " + word;
    return text + "\n";
  }
};

std::string describe(const Case& one) {
  return std::string(one.suite.name) + " " + std::to_string(one.suite.key * 8) + " " +
         one.suite.integrity_name + (one.v6 ? " IPv6" : " IPv4") + (one.high ? " ESN" : "") +
         (one.port ? " UDP" : "");
}

std::vector<Case> cases() {
  std::vector<Case> all;
  for (const Suite& suite : kSuites)
    for (const bool v6 : {false, true})
      for (const uint32_t high : {0u, 7u}) {
        // scapy leaves the high half out of ESP's HMACs (it has it in AEADs and in AH).
        const bool esp_hmac = suite.integrity != api::INTEGRITY_NONE && suite.name[0] != '-';
        if (high != 0 && esp_hmac) continue;
        all.push_back({suite, v6, high, 0});
        if (!all.back().ah()) all.push_back({suite, v6, high, 4500});
      }
  return all;
}

/// A router with a tunnel and the SAs of a case.
class Rig {
 public:
  explicit Rig(const Case& one) : case_(one) {
    lan_ = &router_.add_port(1, 0);
    core_ = &router_.add_port(2, 0);
    router_.add_local(one.local(), 2);
    router_.add_route(one.remote(), one.v6 ? 128 : 32, 2);
    router_.add_neighbour(2, one.remote(), kNext);
    router_.add_route(octets({10, 0, 1, 0}), 24, 1);
    router_.add_neighbour(1, kFrom, kNext);
    add_tunnel(router_, 0, one.local(), one.remote(), 5001, 5001);
    router_.add_route(octets({10, 0, 2, 0}), 24, 100);
    for (const bool inbound : {true, false}) set_sa(inbound);
    for (auto& [key, sa] : router_.plane.tables.sas) {
      sa->record->sent = uint64_t{one.high} << 32;
      sa->record->replay.top = uint64_t{one.high} << 32;
    }
  }

  /// The packet that leaves with `inner` inside.
  std::string sealed(const std::string& payload) {
    lan_->in.push_back({ipv4_frame(octets({2, 0, 0, 0, 0, 1}), kFrom, kTo, 17, payload), {}});
    router_.run();
    return core_->out.empty() ? "" : core_->out.back().bytes.substr(14);
  }
  /// The packet that comes out of what the peer sent; its drops if none does.
  std::string opened(const std::string& packet) {
    core_->in.push_back(
        {kMac2 + kNext + (case_.v6 ? octets({0x86, 0xdd}) : octets({8, 0})) + packet, {}});
    router_.run();
    return lan_->out.empty() ? "" : lan_->out.back().bytes.substr(14);
  }
  /// Why, if nothing came out.
  std::string drops() const {
    std::string text;
    for (const auto& [id, pfe] : router_.plane.pfes)
      for (size_t i = 0; i < std::size(kDropTexts); ++i)
        if (pfe->counters.drops[i] != 0) text += std::string(" ") + kDropTexts[i].name;
    return text;
  }

 private:
  void set_sa(bool inbound) {
    api::Request request = sa_message(inbound, case_.local(), case_.remote(), 5001, 2);
    auto& sa = *request.mutable_sa();
    if (case_.ah()) sa.set_protocol(api::SecurityAssociation::AH);
    sa.set_cipher(case_.suite.cipher);
    sa.set_key(case_.key());
    sa.set_salt(case_.salt());
    sa.set_integrity(case_.suite.integrity);
    sa.set_integrity_key(case_.integrity_key());
    sa.set_extended_sequence(case_.high != 0);
    if (case_.port != 0) {
      sa.mutable_udp()->set_local_port(case_.port);
      sa.mutable_udp()->set_remote_port(case_.port);
    }
    EXPECT_EQ(router_.call(2, request), "") << describe(case_);
  }

  const Case& case_;
  MemoryRouter router_;
  MemoryWire* lan_;
  MemoryWire* core_;
};

std::vector<std::string> scapy(const std::string& jobs) {
  const TemporaryDirectory temporary;
  const std::string& base = temporary.path();
  std::ofstream(base + "/jobs") << jobs;
  const std::string script = std::string(NEZU_SOURCE_DIR) + "/tests/interop/scapy_peer.py ";
  (void)!::system(
      ("/usr/bin/python3 " + script + base + "/jobs >" + base + "/answers 2>/dev/null").c_str());
  std::ifstream in(base + "/answers");
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

TEST(Scapy, OpensWhatIsSealedAndSealsWhatIsOpened) {
  if (::system("/usr/bin/python3 -c 'import scapy' 2>/dev/null") != 0)
    GTEST_SKIP() << "scapy is not installed";
  const auto all = cases();
  std::string jobs;
  std::vector<std::unique_ptr<Rig>> rigs;
  std::vector<std::string> sent;
  for (const Case& one : all) {
    rigs.push_back(std::make_unique<Rig>(one));
    const std::string payload = "payload of a length that is not a multiple " + describe(one);
    const std::string sealed = rigs.back()->sealed(payload);
    ASSERT_FALSE(sealed.empty()) << describe(one);
    jobs += one.job("open", 1, sealed);
    sent.push_back(payload);
    jobs += one.job("seal", 1, ipv4_frame(kMac2, kTo, kFrom, 17, payload).substr(14));
  }
  const auto answers = scapy(jobs);
  ASSERT_EQ(answers.size(), 2 * all.size());
  for (size_t i = 0; i < all.size(); ++i) {
    ASSERT_EQ(answers[2 * i].find("error"), std::string::npos)
        << describe(all[i]) << ": " << answers[2 * i];
    const std::string inner = unhex(answers[2 * i]);
    EXPECT_EQ(inner.substr(20), sent[i]) << describe(all[i]);
    EXPECT_EQ(inner.substr(12, 8), kFrom + kTo) << describe(all[i]);
    ASSERT_EQ(answers[2 * i + 1].find("error"), std::string::npos)
        << describe(all[i]) << ": " << answers[2 * i + 1];
    const std::string packet = unhex(answers[2 * i + 1]);
    const std::string opened = rigs[i]->opened(packet);
    ASSERT_FALSE(opened.empty()) << describe(all[i]) << ", dropped " << rigs[i]->drops();
    EXPECT_EQ(opened.substr(20), sent[i]) << describe(all[i]);
  }
}

}  // namespace
}  // namespace nezu::pfe::test
