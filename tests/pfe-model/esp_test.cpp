// ESP against vectors that are not ours, and packet by packet against OpenSSL.
#include "pfe-model/esp.h"

#include <gtest/gtest.h>
#include <openssl/evp.h>

#include <random>
#include <string>
#include <vector>

namespace nezu::pfe {
namespace {

std::string unhex(const std::string& text) {
  std::string bytes;
  for (size_t i = 0; i + 1 < text.size(); i += 2)
    bytes += static_cast<char>(std::stoi(text.substr(i, 2), nullptr, 16));
  return bytes;
}

/// AES-GCM by OpenSSL: ciphertext and tag.
std::string gcm(const std::string& key, const std::string& nonce, const std::string& aad,
                const std::string& plain) {
  EVP_CIPHER_CTX* context = EVP_CIPHER_CTX_new();
  const auto in = [](const std::string& s) { return reinterpret_cast<const uint8_t*>(s.data()); };
  EVP_EncryptInit_ex(context, key.size() == 32 ? EVP_aes_256_gcm() : EVP_aes_128_gcm(), nullptr,
                     in(key), in(nonce));
  std::vector<uint8_t> out(plain.size() + 16);
  int n;
  EVP_EncryptUpdate(context, nullptr, &n, in(aad), static_cast<int>(aad.size()));
  EVP_EncryptUpdate(context, out.data(), &n, in(plain), static_cast<int>(plain.size()));
  EVP_EncryptFinal_ex(context, out.data() + n, &n);
  EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_GET_TAG, 16, out.data() + plain.size());
  EVP_CIPHER_CTX_free(context);
  return std::string(out.begin(), out.end());
}

std::string big_endian(uint64_t value, int octets) {
  std::string bytes;
  for (int shift = 8 * (octets - 1); shift >= 0; shift -= 8)
    bytes += static_cast<char>(value >> shift);
  return bytes;
}

/// The ESP packet RFC 4303 and RFC 4106 ask for, built the slow way.
std::string reference(const std::string& key, const std::string& salt, uint32_t spi,
                      EspSequence sequence, uint8_t next_header, std::string inner) {
  char pad = 0;
  while ((inner.size() + 2) % 4 != 0) inner += ++pad;
  inner += pad;
  inner += static_cast<char>(next_header);
  const std::string iv = big_endian(sequence.number, 8);
  const std::string aad =
      big_endian(spi, 4) + big_endian(sequence.number, sequence.extended ? 8 : 4);
  return big_endian(spi, 4) + big_endian(sequence.number & 0xffffffff, 4) + iv +
         gcm(key, salt + iv, aad, inner);
}

std::string sealed(const std::string& key, const std::string& salt, uint32_t spi,
                   EspSequence sequence, uint8_t next_header, const std::string& inner) {
  std::vector<uint8_t> buffer(kEspFront + inner.size() + 64);
  std::copy(inner.begin(), inner.end(), buffer.begin() + kEspFront);
  seal(*EspKey::expand(key, salt), spi, sequence, next_header, buffer.data() + kEspFront,
       inner.size());
  return std::string(buffer.begin(), buffer.begin() + static_cast<long>(esp_size(inner.size())));
}

// draft-mcgrew-gcm-test-01 (the vectors of RFC 4106's authors), case 2: 128-bit key, ESP of a UDP
// packet of 60 octets with its own padding; the IV is the sender's choice, so we open it.
TEST(Esp, OpensAPacketOfTheAuthorsOfRfc4106) {
  const std::string key = unhex("feffe9928665731c6d6a8f9467308308"), salt = unhex("cafebabe");
  std::string packet = unhex(
      "0000a5f80000000afacedbaddecaf888"
      "deb22cd9b07c72c16e3a65beeb8df304a5a5897d33ae530f1ba76d5d114d2a5c3de8182"
      "7c10e9a4f51330d0eec416642cfbb85a5b47e48a4ec3b9ba95d918bd183b70d3aa8bc6ee4c309e9d85a41ad4a");
  ASSERT_TRUE(is_esp_size(packet.size()));
  const auto opened = open(*EspKey::expand(key, salt), {10, false},
                           reinterpret_cast<uint8_t*>(packet.data()), packet.size());
  EXPECT_EQ(opened.fault, OpenFault::kNone);
  EXPECT_EQ(opened.next_header, 1);  // as the vector has it
  EXPECT_EQ(packet.substr(kEspFront, 4), unhex("4500003e"));
}

TEST(Esp, SealsWhatOpensslSeals) {
  std::mt19937 random(1);
  for (int i = 0; i < 500; ++i) {
    std::string key(random() % 2 ? 16 : 32, 0), salt(4, 0), inner(random() % 1500, 0);
    for (auto* text : {&key, &salt, &inner})
      for (char& c : *text) c = static_cast<char>(random());
    const EspSequence sequence{random() | (i % 3 == 0 ? uint64_t{random()} << 32 : 0), i % 3 == 0};
    const uint32_t spi = random();
    ASSERT_EQ(sealed(key, salt, spi, sequence, 41, inner),
              reference(key, salt, spi, sequence, 41, inner))
        << inner.size();
  }
}

TEST(Esp, OpensWhatItSealed) {
  for (size_t size = 0; size < 70; ++size) {
    std::string packet =
        sealed(std::string(32, 'k'), "salt", 5000, {77, false}, 4, std::string(size, 'x'));
    const auto opened = open(*EspKey::expand(std::string(32, 'k'), "salt"), {77, false},
                             reinterpret_cast<uint8_t*>(packet.data()), packet.size());
    ASSERT_EQ(opened.fault, OpenFault::kNone);
    ASSERT_EQ(opened.length, size);
    ASSERT_EQ(packet.substr(kEspFront, size), std::string(size, 'x'));
  }
}

TEST(Esp, EveryFlippedBitIsNoticed) {
  const auto key = EspKey::expand(std::string(16, 'k'), "salt");
  const std::string good =
      sealed(std::string(16, 'k'), "salt", 5000, {77, true}, 4, std::string(20, 'x'));
  for (size_t bit = 0; bit < good.size() * 8; ++bit) {
    std::string bad = good;
    bad[bit / 8] = static_cast<char>(bad[bit / 8] ^ (1 << bit % 8));
    const bool low_sequence = bit / 8 >= 4 && bit / 8 < 8;  // handed in, not read from the packet
    if (low_sequence) continue;
    ASSERT_EQ(open(*key, {77, true}, reinterpret_cast<uint8_t*>(bad.data()), bad.size()).fault,
              OpenFault::kAuthentication)
        << bit;
  }
  std::string other = good;
  EXPECT_EQ(open(*key, {77 + (uint64_t{1} << 32), true}, reinterpret_cast<uint8_t*>(other.data()),
                 other.size())
                .fault,
            OpenFault::kAuthentication)
      << "the high half of the sequence number is authenticated";
}

TEST(Esp, BadTrailersAreToldFromBadTags) {
  const std::string key(32, 'k'), salt = "salt", iv = big_endian(3, 8);
  const std::string aad = big_endian(9000, 4) + big_endian(3, 4);
  for (const std::string& plain : {std::string("abcdef\xff\x04", 8),  // padding longer than all
                                   std::string("abcd\x02\x01\x02\x04", 8),  // padding not 1, 2
                                   std::string("\x03\x04\x07\x04", 4)}) {
    std::string packet =
        big_endian(9000, 4) + big_endian(3, 4) + iv + gcm(key, salt + iv, aad, plain);
    EXPECT_EQ(open(*EspKey::expand(key, salt), {3, false},
                   reinterpret_cast<uint8_t*>(packet.data()), packet.size())
                  .fault,
              OpenFault::kTrailer);
  }
}

TEST(Esp, SizesAgree) {
  for (size_t outer = 0; outer < 3000; ++outer) {
    const size_t inner = esp_inner_limit(outer);
    if (inner == 0) continue;
    ASSERT_LE(esp_size(inner), outer);
    ASSERT_GT(esp_size(inner + 1), outer);
  }
}

TEST(Esp, KeysHaveTheirLengths) {
  EXPECT_EQ(EspKey::expand(std::string(24, 'k'), "salt"), nullptr);
  EXPECT_EQ(EspKey::expand(std::string(16, 'k'), "sal"), nullptr);
}

}  // namespace
}  // namespace nezu::pfe
