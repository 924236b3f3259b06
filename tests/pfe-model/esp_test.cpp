// ESP against vectors that are not ours, and packet by packet against OpenSSL.
#include "pfe-model/esp.h"

#include <gtest/gtest.h>
#include <openssl/evp.h>

#include <random>
#include <set>
#include <string>
#include <vector>

#include "memory_wire.h"

namespace nezu::pfe {
namespace {

using test::unhex;

constexpr size_t kEspFront = 16;  // of AES-GCM

std::unique_ptr<EspKey> gcm_key(const std::string& key, const std::string& salt) {
  const Cipher cipher = key.size() == 32   ? Cipher::kAesGcm256
                        : key.size() == 24 ? Cipher::kAesGcm192
                                           : Cipher::kAesGcm128;
  return EspKey::expand({cipher, key, salt, Integrity::kNone, {}});
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
  const auto made = gcm_key(key, salt);
  EXPECT_TRUE(seal(*made, spi, sequence, next_header, buffer.data() + kEspFront, inner.size()));
  return std::string(buffer.begin(),
                     buffer.begin() + static_cast<long>(made->sealed_size(inner.size())));
}

// draft-mcgrew-gcm-test-01 (the vectors of RFC 4106's authors), case 2: 128-bit key, ESP of a UDP
// packet of 60 octets with its own padding; the IV is the sender's choice, so we open it.
TEST(Esp, OpensAPacketOfTheAuthorsOfRfc4106) {
  const std::string key = unhex("feffe9928665731c6d6a8f9467308308"), salt = unhex("cafebabe");
  std::string packet = unhex(
      "0000a5f80000000afacedbaddecaf888"
      "deb22cd9b07c72c16e3a65beeb8df304a5a5897d33ae530f1ba76d5d114d2a5c3de8182"
      "7c10e9a4f51330d0eec416642cfbb85a5b47e48a4ec3b9ba95d918bd183b70d3aa8bc6ee4c309e9d85a41ad4a");
  ASSERT_TRUE(gcm_key(key, salt)->is_size(packet.size()));
  const auto opened = open(*gcm_key(key, salt), {10, false},
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
    const auto opened = open(*gcm_key(std::string(32, 'k'), "salt"), {77, false},
                             reinterpret_cast<uint8_t*>(packet.data()), packet.size());
    ASSERT_EQ(opened.fault, OpenFault::kNone);
    ASSERT_EQ(opened.length, size);
    ASSERT_EQ(packet.substr(kEspFront, size), std::string(size, 'x'));
  }
}

TEST(Esp, EveryFlippedBitIsNoticed) {
  const auto key = gcm_key(std::string(16, 'k'), "salt");
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
    EXPECT_EQ(open(*gcm_key(key, salt), {3, false}, reinterpret_cast<uint8_t*>(packet.data()),
                   packet.size())
                  .fault,
              OpenFault::kTrailer);
  }
}

/// All there are, and their lengths of keys.
struct Suite {
  Cipher cipher;
  size_t key, salt;
  Integrity integrity;
  size_t integrity_key;

  std::unique_ptr<EspKey> expand(char fill = 'k') const {
    const std::string octets(64, fill);
    const std::string_view all = octets;
    return EspKey::expand(
        {cipher, all.substr(0, key), all.substr(0, salt), integrity, all.substr(0, integrity_key)});
  }
};
const Suite kSuites[] = {
    {Cipher::kAesGcm128, 16, 4, Integrity::kNone, 0},
    {Cipher::kAesGcm192, 24, 4, Integrity::kNone, 0},
    {Cipher::kAesGcm256, 32, 4, Integrity::kNone, 0},
    {Cipher::kChaCha20Poly1305, 32, 4, Integrity::kNone, 0},
    {Cipher::kAesCbc128, 16, 0, Integrity::kHmacSha1_96, 20},
    {Cipher::kAesCbc192, 24, 0, Integrity::kHmacSha384_192, 48},
    {Cipher::kAesCbc256, 32, 0, Integrity::kHmacSha512_256, 64},
    {Cipher::kTripleDesCbc, 24, 0, Integrity::kHmacSha256_128, 32},
    {Cipher::kDesCbc, 8, 0, Integrity::kHmacMd5_96, 16},
    {Cipher::kNone, 0, 0, Integrity::kHmacSha256_96, 32},
};

std::string seal_with(EspKey& key, EspSequence sequence, const std::string& inner) {
  std::string buffer(key.front() + inner.size() + 128, '\0');
  inner.copy(buffer.data() + key.front(), inner.size());
  EXPECT_TRUE(seal(key, 7777, sequence, 4, reinterpret_cast<uint8_t*>(buffer.data()) + key.front(),
                   inner.size()));
  buffer.resize(key.sealed_size(inner.size()));
  return buffer;
}

TEST(Esp, EverySuiteOpensWhatItSealed) {
  for (const Suite& suite : kSuites) {
    const auto key = suite.expand();
    for (size_t size = 0; size < 300; size += size < 70 ? 1 : 37) {
      const EspSequence sequence{(uint64_t{size} << 32) + 9, size % 2 == 1};
      const std::string inner(size, 'x');
      std::string packet = seal_with(*key, sequence, inner);
      ASSERT_TRUE(key->is_size(packet.size()));
      const auto opened =
          open(*key, sequence, reinterpret_cast<uint8_t*>(packet.data()), packet.size());
      ASSERT_EQ(opened.fault, OpenFault::kNone) << int(suite.cipher) << " " << size;
      ASSERT_EQ(opened.next_header, 4);
      ASSERT_EQ(packet.substr(key->front(), opened.length), inner);
    }
  }
}

/// Of a copy: opening works in place, whatever comes of it.
OpenFault fault_of(EspKey& key, uint64_t number, std::string packet) {
  auto* octets = reinterpret_cast<uint8_t*>(packet.data());
  return open(key, {number, true}, octets, packet.size()).fault;
}

TEST(Esp, EverySuiteNoticesEveryFlippedBit) {
  for (const Suite& suite : kSuites) {
    const auto key = suite.expand();
    const std::string good = seal_with(*key, {77, true}, "twenty octets inside");
    for (size_t bit = 0; bit < good.size() * 8; ++bit) {
      std::string bad = good;
      bad[bit / 8] = static_cast<char>(bad[bit / 8] ^ (1 << bit % 8));
      // An AEAD takes the number that is handed in, the others what is in the packet.
      const bool aead = suite.integrity == Integrity::kNone;
      if (aead && bit / 8 >= 4 && bit / 8 < 8) continue;
      ASSERT_EQ(fault_of(*key, 77, bad), OpenFault::kAuthentication)
          << int(suite.cipher) << " " << bit;
    }
    EXPECT_EQ(fault_of(*key, 77 + (uint64_t{1} << 32), good), OpenFault::kAuthentication)
        << "the high half is authenticated, " << int(suite.cipher);
    EXPECT_EQ(fault_of(*suite.expand('l'), 77, good), OpenFault::kAuthentication);
    EXPECT_EQ(fault_of(*key, 77, good), OpenFault::kNone);
  }
}

TEST(Esp, NoIvComesTwiceAndNoCbcIvIsTheNumber) {
  for (const Suite& suite : kSuites) {
    const auto key = suite.expand();
    if (key->iv() == 0) continue;
    std::set<std::string> ivs;
    for (uint64_t number = 1; number <= 200; ++number) {
      const std::string iv = seal_with(*key, {number, false}, "x").substr(8, key->iv());
      EXPECT_TRUE(ivs.insert(iv).second);
      if (suite.integrity != Integrity::kNone) {
        EXPECT_NE(iv.substr(key->iv() - 8), big_endian(number, 8));
      }
    }
  }
}

TEST(Esp, SizesAgree) {
  for (const Suite& suite : kSuites) {
    const auto key = suite.expand();
    for (size_t outer = 0; outer < 3000; ++outer) {
      const size_t inner = key->inner_limit(outer);
      if (inner == 0) continue;
      ASSERT_LE(key->sealed_size(inner), outer);
      ASSERT_GT(key->sealed_size(inner + 1), outer);
      ASSERT_TRUE(key->is_size(key->sealed_size(inner)));
    }
  }
}

TEST(Esp, KeysHaveTheirLengths) {
  EXPECT_EQ(gcm_key(std::string(15, 'k'), "salt"), nullptr);
  EXPECT_EQ(gcm_key(std::string(16, 'k'), "sal"), nullptr);
  const std::string k(64, 'k');
  const auto cut = [&](size_t octets) { return std::string_view(k).substr(0, octets); };
  for (const Suite& suite : kSuites) EXPECT_NE(suite.expand(), nullptr);
  EXPECT_EQ(EspKey::expand({Cipher::kAesCbc128, cut(16), {}, Integrity::kNone, {}}), nullptr);
  EXPECT_EQ(EspKey::expand({Cipher::kNone, {}, {}, Integrity::kNone, {}}), nullptr);
  EXPECT_EQ(EspKey::expand({Cipher::kAesCbc128, cut(16), {}, Integrity::kHmacSha1_96, cut(19)}),
            nullptr);
  EXPECT_EQ(EspKey::expand({Cipher::kAesCbc256, cut(16), {}, Integrity::kHmacSha1_96, cut(20)}),
            nullptr);
  EXPECT_EQ(EspKey::expand({Cipher::kAesGcm128, cut(16), "salt", Integrity::kHmacSha1_96, cut(20)}),
            nullptr)
      << "it authenticates by itself";
}

// In a process of its own, for the provider is looked for once.
TEST(EspDeathTest, ACipherThatTheLibraryDoesNotHaveIsRefused) {
  testing::FLAGS_gtest_death_test_style = "threadsafe";
  const auto expand_des = [] {
    ::setenv("OPENSSL_MODULES", "/nonexistent", 1);
    const std::string k(64, 'k');
    const std::string_view all = k;
    const auto key = EspKey::expand(
        {Cipher::kDesCbc, all.substr(0, 8), {}, Integrity::kHmacMd5_96, all.substr(0, 16)});
    std::_Exit(key == nullptr ? 0 : 1);
  };
  EXPECT_EXIT(expand_des(), testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace nezu::pfe
