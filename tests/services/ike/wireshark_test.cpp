// A witness that we did not write: tshark must find every message of a conversation well-formed
// and, given the keys, decrypt them with a good checksum.
#include <gtest/gtest.h>
#include <stdlib.h>

#include <array>
#include <cstdio>
#include <fstream>

#include "services/ike/message/wire.h"
#include "tests/services/ike/output.h"
#include "tests/services/ike/two_peers.h"
#include "tests/temporary_directory.h"

namespace nezu::ike::test {
namespace {

// A capture of raw IPv4 packets, in the classic format.
class Capture {
 public:
  explicit Capture(const std::string& path) : out_(path, std::ios::binary) {
    put(Writer().u32(0xa1b2c3d4).u16(2).u16(4).u32(0).u32(0).u32(65535).u32(101).done());
  }

  void add(const Datagram& datagram) {
    const std::size_t udp = 8 + datagram.bytes.size(), ip = 20 + udp;
    put(Writer().u32(0).u32(0).u32(std::uint32_t(ip)).u32(std::uint32_t(ip)).done());
    put(Writer().u8(0x45).u8(0).u16(std::uint16_t(ip)).u32(0).u8(64).u8(17).u16(0).done());
    put(bytes_of(datagram.path.local.address.view()));
    put(bytes_of(datagram.path.remote.address.view()));
    put(Writer().u16(500).u16(500).u16(std::uint16_t(udp)).u16(0).done());
    put(datagram.bytes);
  }

  void close() { out_.close(); }

 private:
  void put(const Bytes& octets) {
    out_.write(reinterpret_cast<const char*>(octets.data()), std::streamsize(octets.size()));
  }

  std::ofstream out_;
};

struct Suite {
  const char *encryption, *authentication, *wireshark_encryption, *wireshark_integrity;
};
const Suite kSuites[] = {
    {"3des-cbc", "sha1", "3DES [RFC2451]", "HMAC_SHA1_96 [RFC2404]"},
    {"aes-256-cbc", "sha-512", "AES-CBC-256 [RFC3602]", "HMAC_SHA2_512_256 [RFC4868]"},
    {"aes-128-gcm", "sha-256", "AES-GCM-128 with 16 octet ICV [RFC5282]", "NONE [RFC4306]"},
    {"aes-256-gcm", "sha-384", "AES-GCM-256 with 16 octet ICV [RFC5282]", "NONE [RFC4306]"},
};

void record(TwoPeers& net, Capture& capture) {
  for (int i = 0; i < 100 && (net.a.has_mail() || net.b.has_mail()); ++i)
    for (Peer* from : {&net.a, &net.b}) {
      if (!from->has_mail()) continue;
      const Datagram message = net.take(*from);
      capture.add(message);
      net.deliver(from == &net.a ? net.b : net.a, message);
    }
}

std::string key_line(const IkeSa& sa, const Suite& suite) {
  const Bytes spis = Writer().u64(sa.spi_i).u64(sa.spi_r).done();
  const std::string text = to_hex(spis);
  return text.substr(0, 16) + "," + text.substr(16) + "," + to_hex(sa.keys.ei) + "," +
         to_hex(sa.keys.er) + ",\"" + suite.wireshark_encryption + "\"," + to_hex(sa.keys.ai) +
         "," + to_hex(sa.keys.ar) + ",\"" + suite.wireshark_integrity + "\"";
}

// Another first digit in every key.
std::string with_other_keys(std::string line) {
  for (std::size_t at = 34; at < line.size(); ++at)
    if (line[at - 1] == ',' && line[at] != '"' && line[at] != ',')
      line[at] = line[at] == '0' ? '1' : '0';
  return line;
}

std::string tshark(const std::string& home) {
  return output_of("HOME=" + home + " WIRESHARK_CONFIG_DIR=" + home + " tshark -V -r " + home +
                   "/ike.pcap");
}

class Wireshark : public ::testing::TestWithParam<Suite> {};

TEST_P(Wireshark, ReadsAConversation) {
  if (output_of("command -v tshark").empty()) GTEST_SKIP() << "no tshark here";
  const Suite suite = GetParam();
  const TemporaryDirectory temporary;
  const std::string& home = temporary.path();
  Gateway a = gateway_a(), b = gateway_b();
  a.proposals =
      b.proposals = {*ike_proposal("p", suite.encryption, suite.authentication, "group19", 0)};
  TwoPeers net(a, b);
  Capture capture(home + "/ike.pcap");
  net.a.act(net.a.table->tunnel_wanted(TwoPeers::kTunnel, net.now), net.now);
  record(net, capture);
  net.b.act(net.b.table->rekey_tunnel(TwoPeers::kTunnel, net.now), net.now);
  record(net, capture);
  const std::string keys = key_line(net.a.only_sa(), suite);
  net.a.act(net.a.table->delete_ike(net.a.only_sa().index, net.now), net.now);
  record(net, capture);
  capture.close();
  std::ofstream(home + "/ikev2_decryption_table") << keys << "\n";
  const std::string text = tshark(home);
  EXPECT_EQ(text.find("Malformed"), std::string::npos) << text;
  EXPECT_EQ(text.find("incorrect"), std::string::npos) << text;
  EXPECT_NE(text.find("Decrypted Data"), std::string::npos) << text;
  EXPECT_NE(text.find("Identification - Initiator"), std::string::npos);
  EXPECT_NE(text.find("REKEY_SA"), std::string::npos);
  EXPECT_NE(text.find("Traffic Selector - Responder"), std::string::npos);
  EXPECT_NE(text.find("Payload: Delete"), std::string::npos);
  std::size_t frames = 0;
  for (std::size_t at = 0; (at = text.find("\nInternet Security Association", at)) != text.npos;
       ++at)
    ++frames;
  EXPECT_EQ(frames, 10u);
  // With other keys it must find fault, or it has not looked.
  std::ofstream(home + "/ikev2_decryption_table") << with_other_keys(keys) << "\n";
  const std::string doubted = tshark(home);
  EXPECT_TRUE(doubted.find("incorrect") != std::string::npos ||
              doubted.find("Identification - Initiator") == std::string::npos);
  output_of("rm -r " + home);
}

INSTANTIATE_TEST_SUITE_P(Suites, Wireshark, ::testing::ValuesIn(kSuites));

}  // namespace
}  // namespace nezu::ike::test
