// tshark reads the keys that `request security ike debug-keys` writes: it decrypts a captured
// IKE_AUTH, and a packet of ESP that OpenSSL sealed with the SA's key.
#include <gtest/gtest.h>
#include <openssl/evp.h>

#include <QTemporaryDir>
#include <csignal>
#include <fstream>
#include <sstream>

#include "tests/services/ike/iked_rig.h"
#include "tests/services/ike/output.h"
#include "tests/services/state/loop.h"

namespace nezu::ike {
namespace {

using state::run_until;

void put16(std::string& to, unsigned value) {
  to += char(value >> 8);
  to += char(value);
}

std::string ip_header(const std::string& from, const std::string& to, uint8_t protocol,
                      size_t payload) {
  std::string header("\x45\x00", 2);
  put16(header, unsigned(20 + payload));
  header += std::string("\x00\x01\x00\x00\x40", 5) + char(protocol) + std::string(2, '\0');
  return header + from + to;
}

// RFC 4106: salt and IV are the nonce; SPI and sequence number are authenticated beside.
std::string sealed(const pfe::api::SecurityAssociation& sa, const std::string& inner) {
  const uint32_t spi = sa.spi();
  const std::string head{char(spi >> 24), char(spi >> 16), char(spi >> 8), char(spi), 0, 0, 0, 1};
  const std::string iv(8, '\1'), nonce = sa.salt() + iv;
  std::string plain = inner + std::string("\1\2\2\4", 4);  // two octets of padding, IPv4
  std::string body(plain.size(), '\0'), tag(16, '\0');
  int length = 0;
  const auto* key = reinterpret_cast<const unsigned char*>(sa.key().data());
  EVP_CIPHER_CTX* context = EVP_CIPHER_CTX_new();
  EVP_EncryptInit_ex(context, EVP_aes_256_gcm(), nullptr, key,
                     reinterpret_cast<const unsigned char*>(nonce.data()));
  EVP_EncryptUpdate(context, nullptr, &length, reinterpret_cast<const unsigned char*>(head.data()),
                    int(head.size()));
  EVP_EncryptUpdate(context, reinterpret_cast<unsigned char*>(body.data()), &length,
                    reinterpret_cast<const unsigned char*>(plain.data()), int(plain.size()));
  EVP_EncryptFinal_ex(context, nullptr, &length);
  EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_GET_TAG, 16, tag.data());
  EVP_CIPHER_CTX_free(context);
  return head + iv + body + tag;
}

void write_capture(const std::string& path, const std::string& packet) {
  std::ofstream out(path, std::ios::binary);
  const uint32_t file_head[] = {0xa1b2c3d4, 0x00040002, 0, 0, 65535, 101};  // raw IP
  const uint32_t head[] = {1, 0, uint32_t(packet.size()), uint32_t(packet.size())};
  out.write(reinterpret_cast<const char*>(file_head), sizeof file_head);
  out.write(reinterpret_cast<const char*>(head), sizeof head);
  out << packet;
}

TEST(ExportedKeys, AreWhatTsharkDecryptsWith) {
  state::application();
  if (!run("which tshark") || !run("which tcpdump")) GTEST_SKIP() << "tshark is not installed";
  const Wire wire;
  if (!wire.usable()) GTEST_SKIP() << "namespaces cannot be made here";
  QTemporaryDir directory;
  const std::string captured = directory.filePath("ike.pcap").toStdString();
  run("ip netns exec " + wire.left() + " timeout 60 tcpdump -U -i core -w " + captured +
      " udp port 500 &");
  run_until([&] { return run("test -s " + captured); }, 10'000);
  Rig left(wire.left(), lab_lines(true)),
      right(
          wire.right(),
          lab_lines(false, {"set security ipsec vpn ipsec_vpn establish-tunnels responder-only"}));
  left.start();
  right.start();
  ASSERT_TRUE(run_until([&] { return left.up() && right.up(); }, 20'000));
  left.show("request-security-ike-debug-keys");

  // tshark reads the tables from its configuration directory.
  const std::string home = "HOME=" + directory.path().toStdString() + " ";
  run("mkdir -p " + directory.path().toStdString() + "/.config/wireshark && cp " +
      left.key_directory() + "/* " + directory.path().toStdString() + "/.config/wireshark/");
  const auto auths = [&] {
    return output_of(home + "tshark -r " + captured +
                     " -Y 'isakmp.exchangetype == 35 && isakmp.id.data' -T fields -e "
                     "isakmp.messageid 2>/dev/null");
  };
  EXPECT_TRUE(run_until([&] { return auths() == "0x00000001\n0x00000001\n"; }, 10'000)) << auths();

  const auto* sa = left.plane.outbound();
  ASSERT_TRUE(sa);
  const std::string echo = std::string("\x08\x00\xf7\xfe\x00\x01\x00\x00", 8);
  const std::string inner =
      ip_header(std::string("\1\1\1\2"), std::string("\2\2\2\2"), 1, 8) + echo;
  const std::string esp = sealed(*sa, inner);
  const std::string file = directory.filePath("esp.pcap").toStdString();
  write_capture(file, ip_header(sa->local(), sa->remote(), 50, esp.size()) + esp);
  EXPECT_EQ(output_of(home + "tshark -r " + file +
                      " -o esp.enable_encryption_decode:TRUE -o "
                      "esp.enable_authentication_check:TRUE -Y 'icmp.type == 8' -T fields -e "
                      "ip.dst -e esp.icv_good 2>/dev/null"),
            "16.1.1.1,2.2.2.2\t1\n")
      << output_of(home + "tshark -V -r " + file + " -o esp.enable_encryption_decode:TRUE");
}

}  // namespace
}  // namespace nezu::ike
