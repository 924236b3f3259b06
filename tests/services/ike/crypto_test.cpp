// Key material and ciphers against numbers that we did not make.
#include <gtest/gtest.h>

#include <algorithm>

#include "services/ike/crypto/cipher.h"
#include "services/ike/crypto/dh.h"
#include "services/ike/crypto/prf.h"
#include "services/ike/session/keys.h"

namespace nezu::ike::test {
namespace {

Bytes hex(std::string_view text) {
  Bytes out;
  int half = -1;
  for (char c : text) {
    const int digit = c >= '0' && c <= '9'   ? c - '0'
                      : c >= 'a' && c <= 'f' ? c - 'a' + 10
                      : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                             : -1;
    if (digit < 0) continue;
    if (half < 0) {
      half = digit;
    } else {
      out.push_back(static_cast<std::uint8_t>(half << 4 | digit));
      half = -1;
    }
  }
  return out;
}

// RFC 4231 test case 2, RFC 2202 for MD5 and SHA-1.
TEST(Prf, GivesTheValuesOfTheRfcs) {
  const ByteView key = view_of("Jefe"), data = view_of("what do ya want for nothing?");
  EXPECT_EQ(to_hex(prf(Prf::kHmacMd5, key, data)), "750c783e6ab0b503eaa86e310a5db738");
  EXPECT_EQ(to_hex(prf(Prf::kHmacSha1, key, data)), "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79");
  EXPECT_EQ(to_hex(prf(Prf::kHmacSha256, key, data)),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(
      to_hex(prf(Prf::kHmacSha384, key, data)),
      "af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e8e2240ca5e69e2c78b3239ecfa"
      "b21649");
  EXPECT_EQ(
      to_hex(prf(Prf::kHmacSha512, key, data)),
      "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea2505549758bf75c05a994a6d034f65f8"
      "f0e6fdcaeab1a34d4a6b4b636e070a38bce737");
}

TEST(Mac, IsTruncatedAsNamed) {
  const ByteView key = view_of("Jefe"), data = view_of("what do ya want for nothing?");
  EXPECT_EQ(to_hex(mac(Integrity::kHmacMd5_96, key, data)), "750c783e6ab0b503eaa86e31");
  EXPECT_EQ(to_hex(mac(Integrity::kHmacSha1_96, key, data)), "effcdf6ae5eb2fa2d27416d5");
  EXPECT_EQ(to_hex(mac(Integrity::kHmacSha256_128, key, data)), "5bdcc146bf60754e6a042426089575c7");
  EXPECT_EQ(mac(Integrity::kHmacSha384_192, key, data).size(), 24u);
  EXPECT_EQ(mac(Integrity::kHmacSha512_256, key, data).size(), 32u);
}

// NIST CAVP, SP 800-135 IKEv2, SHA-1, 132 octets: SKEYSEED, DKM, its child and rekey forms.
struct Cavp {
  Bytes ni = hex("32b50d5f4a3763f3"), nr = hex("9206a04b26564cb1");
  std::uint64_t spi_i = 0x34c9e7c188868785, spi_r = 0x3ff77d760d2b2199;
  Bytes gir = hex("4b2c1f971981a8ad8d0abeafabf38cf75fc8349c148142465ed9c8b516b8be52");
  Bytes gir_new = hex("863f3c9d06efd39d2b907b97f8699e5dd5251ef64a2a176f36ee40c87d4f9330");
  Bytes skeyseed = hex("a9a7b222b59f8f48645f28a1db5b5f5d7479cba7");
  Bytes skeyseed_rekey = hex("63e81194946ebd05df7df5ebf5d8750056bf1f1d");
  Bytes dkm =
      hex("a14293677cc80ff8f9cc0eee30d895da9d8f405666e30ef0dfcb63c634a46002a2a63080e514a062768b7660"
          "6f9fa5e9"
          "92204fc5a670bde3f10d6b027113936a5c55b648a194ae587b0088d52204b702c979fa280870d2ed41efa9c5"
          "49fd1119"
          "8af1670b143d384bd275c5f594cf266b05ebadca855e4249520a441a81157435a7a56cc4");
  Bytes child =
      hex("8059e3ee8810e6c3a91bc8bcd2a7a41151b8d0e6ae239c7b38093ad85ef4c5811a8e7b5d1cdabd9560b2d5e0"
          "92d1f24e"
          "2d4b85eccdf0ad0dc9abd94b51ee71814ca6dbc8bb51b6309f5b9545c7eb35cf5580b1e521a8fe20754a2d88"
          "3ba0c2cf"
          "285f524aea6545b33106bc03e614296d319d41d4b50b3f510b1c0a22f3e664994d234cb4");
  Bytes child_dh =
      hex("bb43244c1860ad65ee1e211ffe8bb3661750c8f89cb9f547df7f4fa61d37301628190e38c66232eab4b3ab14"
          "c400a519"
          "7dd3730ed4820a8a10394d51e1c0400052f63ebd36b0e7ef53aaed31eba4a5080d7d4b5666023a8bbb5ffb78"
          "57240f9a"
          "05884d1b7d2f933708450b7b3288f1fc863ab49fa901227cffc06e27899c7054d56fd74c");
};

Bytes all_of(const IkeKeys& keys) {
  return joined({keys.d, keys.ai, keys.ar, keys.ei, keys.er, keys.pi, keys.pr});
}

Bytes all_of(const ChildKeys& keys) {
  return joined({keys.initiator.encryption, keys.initiator.integrity, keys.responder.encryption,
                 keys.responder.integrity});
}

constexpr IkeSuite kDesSha1{Encryption::kDesCbc, Integrity::kHmacSha1_96, Prf::kHmacSha1,
                            DhGroup::kNone};
constexpr EspSuite kAesSha1{Encryption::kAesCbc256, Integrity::kHmacSha1_96, false};

TEST(Keys, OfTheIkeSaAreThoseOfCavp) {
  const Cavp v;
  EXPECT_EQ(prf_plus(Prf::kHmacSha1, v.skeyseed,
                     joined({v.ni, v.nr, hex("34c9e7c1888687853ff77d760d2b2199")}), 132),
            v.dkm);
  const Bytes keys = all_of(derive_ike_keys(kDesSha1, {v.gir, v.ni, v.nr, v.spi_i, v.spi_r}));
  ASSERT_EQ(keys.size(), 116u);
  EXPECT_TRUE(std::equal(keys.begin(), keys.end(), v.dkm.begin()));
}

TEST(Keys, OfChildSasAreThoseOfCavp) {
  const Cavp v;
  const ByteView d = ByteView(v.dkm).first(20);
  const Bytes plain = all_of(derive_child_keys(kAesSha1, Prf::kHmacSha1, d, {}, v.ni, v.nr));
  ASSERT_EQ(plain.size(), 104u);
  EXPECT_TRUE(std::equal(plain.begin(), plain.end(), v.child.begin()));
  const Bytes pfs = all_of(derive_child_keys(kAesSha1, Prf::kHmacSha1, d, v.gir_new, v.ni, v.nr));
  EXPECT_TRUE(std::equal(pfs.begin(), pfs.end(), v.child_dh.begin()));
}

TEST(Keys, OfARekeyedIkeSaStartFromCavpsSeed) {
  const Cavp v;
  const KeySeed seed{v.gir_new, v.ni, v.nr, 1, 2};
  const Bytes spis = hex("00000000000000010000000000000002");
  const Bytes expected =
      prf_plus(Prf::kHmacSha1, v.skeyseed_rekey, joined({v.ni, v.nr, spis}), 116);
  const ByteView d = ByteView(v.dkm).first(20);
  EXPECT_EQ(all_of(derive_rekeyed_ike_keys(kDesSha1, seed, Prf::kHmacSha1, d)), expected);
}

TEST(Keys, OfAnAeadHaveASaltAndNoIntegrityKey) {
  const Cavp v;
  const IkeSuite suite{Encryption::kAesGcm256, Integrity::kNone, Prf::kHmacSha256, DhGroup::kNone};
  const IkeKeys keys = derive_ike_keys(suite, {v.gir, v.ni, v.nr, v.spi_i, v.spi_r});
  EXPECT_EQ(keys.ei.size(), 36u);
  EXPECT_TRUE(keys.ai.empty() && keys.ar.empty());
  const EspSuite esp{Encryption::kAesGcm256, Integrity::kNone, false};
  const ChildKeys child = derive_child_keys(esp, Prf::kHmacSha1, keys.d, {}, v.ni, v.nr);
  EXPECT_EQ(child.initiator.encryption.size(), 32u);
  EXPECT_EQ(child.responder.salt.size(), 4u);
  EXPECT_TRUE(child.responder.integrity.empty());
}

// The GCM specification's test cases 4, 10 and 16: the nonce is salt | IV.
TEST(Cipher, GcmGivesTheValuesOfTheSpecification) {
  const Bytes plain =
      hex("d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e24"
          "49a6b525"
          "b16aedf5aa0de657ba637b39");
  const Bytes associated = hex("feedfacedeadbeeffeedfacedeadbeefabaddad2");
  const Bytes iv = hex("facedbaddecaf888");
  const std::string key = "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308";
  struct Case {
    Encryption id;
    std::size_t key_digits;
    const char* text;
  };
  const Case cases[] = {
      {Encryption::kAesGcm128, 32,
       "42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e21d514b25466931c7d8f6a5aac8"
       "4aa05"
       "1ba30b396a0aac973d58e0915bc94fbc3221a5db94fae95ae7121a47"},
      {Encryption::kAesGcm192, 48,
       "3980ca0b3c00e841eb06fac4872a2757859e1ceaa6efd984628593b40ca1e19c7d773d00c144c525ac619d18c84"
       "a3f47"
       "18e2448b2fe324d9ccda27102519498e80f1478f37ba55bd6d27618c"},
      {Encryption::kAesGcm256, 64,
       "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b10568"
       "28838"
       "c5f61e6393ba7a0abcc9f66276fc6ece0f4e1768cddf8853bb2d551b"},
  };
  for (const Case& each : cases) {
    const Bytes with_salt = hex(key.substr(0, each.key_digits) + "cafebabe");
    const Bytes sealed = aead_seal(each.id, with_salt, iv, associated, plain);
    EXPECT_EQ(to_hex(sealed), each.text);
    EXPECT_EQ(aead_open(each.id, with_salt, iv, associated, sealed), plain);
    for (std::size_t i = 0; i < sealed.size(); i += 7) {
      Bytes bent = sealed;
      bent[i] ^= 1;
      EXPECT_FALSE(aead_open(each.id, with_salt, iv, associated, bent));
    }
    EXPECT_FALSE(aead_open(each.id, with_salt, iv, {}, sealed));
    EXPECT_FALSE(aead_open(each.id, with_salt, iv, associated, ByteView(sealed).first(15)));
  }
}

// NIST SP 800-38A F.2.1, F.2.3, F.2.5; SP 800-67's and FIPS 81's classic for DES.
TEST(Cipher, CbcGivesTheValuesOfNist) {
  const Bytes plain = hex("6bc1bee22e409f96e93d7e117393172a");
  const Bytes iv = hex("000102030405060708090a0b0c0d0e0f");
  EXPECT_EQ(to_hex(*cbc_encrypt(Encryption::kAesCbc128, hex("2b7e151628aed2a6abf7158809cf4f3c"), iv,
                                plain)),
            "7649abac8119b246cee98e9b12e9197d");
  EXPECT_EQ(
      to_hex(*cbc_encrypt(Encryption::kAesCbc192,
                          hex("8e73b0f7da0e6452c810f32b809079e562f8ead2522c6b7b"), iv, plain)),
      "4f021db243bc633d7178183a9fa071e8");
  EXPECT_EQ(
      to_hex(*cbc_encrypt(Encryption::kAesCbc256,
                          hex("603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4"),
                          iv, plain)),
      "f58c4c04d6e5f1ba779eabfb5f7bfbd6");
  // FIPS 81, table C1: "Now is the time for all "
  const Bytes des_key = hex("0123456789abcdef"), des_iv = hex("1234567890abcdef");
  const Bytes text = hex("4e6f77206973207468652074696d6520666f7220616c6c20");
  const Bytes sealed = *cbc_encrypt(Encryption::kDesCbc, des_key, des_iv, text);
  EXPECT_EQ(to_hex(sealed), "e5c7cdde872bf27c43e934008c389c0f683788499a7c05f6");
  EXPECT_EQ(cbc_decrypt(Encryption::kDesCbc, des_key, des_iv, sealed), text);
  EXPECT_EQ(
      cbc_encrypt(Encryption::kTripleDesCbc, joined({des_key, des_key, des_key}), des_iv, text),
      sealed);
}

TEST(Cipher, RefusesWhatIsNotWholeBlocks) {
  EXPECT_FALSE(cbc_decrypt(Encryption::kAesCbc128, Bytes(16), Bytes(16), Bytes(17)));
  EXPECT_FALSE(cbc_decrypt(Encryption::kAesCbc128, Bytes(16), Bytes(16), {}));
  EXPECT_FALSE(cbc_decrypt(Encryption::kAesCbc128, Bytes(15), Bytes(16), Bytes(16)));
  EXPECT_FALSE(cbc_decrypt(Encryption::kNone, {}, {}, Bytes(16)));
}

DhResult with_public(DhGroup group, const Bytes& key, const Bytes& peer = {}) {
  return run({0, 1, group, key, peer, true});
}

// RFC 5903 sections 8.1 and 8.2, RFC 7748 section 6.1.
TEST(Dh, CurvesGiveTheValuesOfTheRfcs) {
  const Bytes p256 =
      hex("DAD0B65394221CF9B051E1FECA5787D098DFE637FC90B9EF945D0C3772581180"
          "5271A0461CDB8252D61F1C456FA3E59AB1F45B33ACCF5F58389E0577B8990BB3");
  EXPECT_EQ(with_public(DhGroup::kEcp256,
                        hex("C88F01F510D9AC3F70A292DAA2316DE544E9AAB8AFE84049C62A9C57862D1433"))
                .public_key,
            p256);
  EXPECT_EQ(
      with_public(DhGroup::kEcp256,
                  hex("C6EF9C5D78AE012A011164ACB397CE2088685D8F06BF9BE0B283AB46476BEE53"), p256)
          .shared_secret,
      hex("D6840F6B42F6EDAFD13116E0E12565202FEF8E9ECE7DCE03812464D04B9442DE"));
  const Bytes p384 =
      hex("667842D7D180AC2CDE6F74F37551F55755C7645C20EF73E31634FE72B4C55EE6DE3AC808ACB4BDB4C88732AE"
          "E95F41AA"
          "9482ED1FC0EEB9CAFC4984625CCFC23F65032149E0E144ADA024181535A0F38EEB9FCFF3C2C947DAE69B4C63"
          "4573A81C");
  EXPECT_EQ(
      with_public(DhGroup::kEcp384,
                  hex("099F3C7034D4A2C699884D73A375A67F7624EF7C6B3C0F160647B67414DCE655E35B5380"
                      "41E649EE3FAEF896783AB194"))
          .public_key,
      p384);
  EXPECT_EQ(
      with_public(DhGroup::kEcp384,
                  hex("41CB0779B4BDB85D47846725FBEC3C9430FAB46CC8DC5060855CC9BDA0AA2942E0308312"
                      "916B8ED2960E4BD55A7448FC"),
                  p384)
          .shared_secret,
      hex("11187331C279962D93D604243FD592CB9D0A926F422E47187521287E7156C5C4D603135569B9E9D09CF5"
          "D4A270F59746"));
  const Bytes alice = hex("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a");
  const Bytes bob = hex("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb");
  const Bytes alice_public = with_public(DhGroup::kX25519, alice).public_key;
  EXPECT_EQ(to_hex(alice_public),
            "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a");
  EXPECT_EQ(to_hex(with_public(DhGroup::kX25519, bob, alice_public).shared_secret),
            "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742");
}

struct Modp {
  DhGroup group;
  const char* public_digest;  // of both values the first 16 octets of HMAC-SHA-256 ("modp", value)
  const char* shared_digest;
};

// Made with plain integers from the formula of RFC 2409 and RFC 3526 (2^n - 2^(n-64) - 1 + 2^64
// ([2^(n-130) pi] + c)) in another language, exponents as below.
const Modp kModp[] = {
    {DhGroup::kModp768, "b8a87fff2b73d73e64e6e68c40846f0c", "16a3524990f82f790b8ca22ce6c1ccab"},
    {DhGroup::kModp1024, "334e5318751ed3fd9a53b33de6a822d2", "4a6e4e0e752a6305138c561333c1f0d6"},
    {DhGroup::kModp1536, "e424594d067c168808d140ae3bd33a90", "7b9ee39ac80d9a432a9c39efcfe9be87"},
    {DhGroup::kModp2048, "ce2c2847eb315da8e07ad9fa468d9f22", "cfef1028de19c775f5791d154a60e96a"},
    {DhGroup::kModp3072, "eebe7165387070e1bf4d9c29c1ec32fa", "dd85050aed3b8c5ff099e7fbef23156f"},
    {DhGroup::kModp4096, "06d9e41d9b26d45d2593554e70c94f14", "98c470789371f59f7b84334569d775b5"},
    {DhGroup::kEcp521, "c9ee5162c385e996c60ae4d3e70b90b1", "5b9c7d084293df6a8859186b2c864c23"},
};

std::string digest(ByteView value) {
  return to_hex(hmac_sha256(view_of("modp"), value)).substr(0, 32);
}

Bytes pattern(DhGroup group, int step, int start) {
  Bytes key = draw_private_key(group, [](std::span<std::uint8_t> out) { out[1] = 1; });
  const std::size_t skip = group == DhGroup::kEcp521 ? 1 : 0;
  for (std::size_t i = skip; i < key.size(); ++i)
    key[i] = static_cast<std::uint8_t>((i - skip) * static_cast<std::size_t>(step) +
                                       static_cast<std::size_t>(start));
  if (skip != 0) key[0] = 0;
  return key;
}

TEST(Dh, GroupsGiveTheValuesOfAnIndependentComputation) {
  for (const Modp& each : kModp) {
    const int number = static_cast<int>(each.group);
    const Bytes x = pattern(each.group, 7, number), y = pattern(each.group, 11, 3 * number + 1);
    const DhResult a = with_public(each.group, x);
    const DhResult b = with_public(each.group, y, a.public_key);
    EXPECT_EQ(digest(a.public_key), each.public_digest) << number;
    EXPECT_EQ(digest(b.shared_secret), each.shared_digest) << number;
    EXPECT_EQ(with_public(each.group, x, b.public_key).shared_secret, b.shared_secret) << number;
  }
}

// RFC 5114 appendix A.3.
TEST(Dh, Group24GivesTheValueOfTheRfc) {
  const Bytes a = hex("0881382CDB87660C6DC13E614938D5B9C8B2F248581CC5E31B35454397FCE50E");
  const Bytes b = hex("7D62A7E3EF36DE617B13D1AFB82C780D83A23BD4EE6705645121F371F546A53D");
  const Bytes a_public = with_public(DhGroup::kModp2048s256, a).public_key;
  EXPECT_EQ(digest(a_public), "4f1dd0be34a1f16a26644eee51e05ac0");
  EXPECT_EQ(digest(with_public(DhGroup::kModp2048s256, b, a_public).shared_secret),
            "2d4bcb1bdce42038178c0ea4e2093a8c");
}

TEST(Dh, ModpValuesOutOfRangeAreRefused) {
  for (DhGroup group :
       {DhGroup::kModp768, DhGroup::kModp1024, DhGroup::kModp2048, DhGroup::kModp2048s256}) {
    const Bytes key = draw_private_key(group, [](std::span<std::uint8_t> out) { out[9] = 77; });
    const std::size_t size = public_size(group);
    Bytes zero(size), one(size), top(size, 0xff);
    one.back() = 1;
    EXPECT_FALSE(with_public(group, key, zero).ok);
    EXPECT_FALSE(with_public(group, key, one).ok);
    EXPECT_FALSE(with_public(group, key, top).ok);  // above p
    EXPECT_FALSE(with_public(group, key, Bytes(size - 1, 2)).ok);
    EXPECT_FALSE(with_public(group, key, Bytes(size + 1, 2)).ok);
  }
  // p - 1 of group 2: of order 2, its secret has two values.
  Bytes minus_one =
      hex("FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A0879"
          "8E3404DD"
          "EF9519B3CD3A431B302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6"
          "F406B7ED"
          "EE386BFB5A899FA5AE9F24117C4B1FE649286651ECE65381FFFFFFFFFFFFFFFE");
  EXPECT_FALSE(with_public(DhGroup::kModp1024, Bytes(32, 3), minus_one).ok);
  // A value outside group 24's subgroup of prime order.
  Bytes two(256);
  two.back() = 2;
  EXPECT_FALSE(with_public(DhGroup::kModp2048s256, Bytes(32, 3), two).ok);
  EXPECT_TRUE(with_public(DhGroup::kModp2048, Bytes(32, 3), two).ok);
}

TEST(Dh, PointsOffTheCurveAreRefused) {
  for (DhGroup group : {DhGroup::kEcp256, DhGroup::kEcp384, DhGroup::kEcp521}) {
    const Bytes key = draw_private_key(group, [](std::span<std::uint8_t> out) { out[9] = 77; });
    Bytes point = with_public(group, key).public_key;
    EXPECT_TRUE(with_public(group, key, point).ok);
    point.back() ^= 1;
    EXPECT_FALSE(with_public(group, key, point).ok);
    EXPECT_FALSE(with_public(group, key, Bytes(point.size())).ok);
    EXPECT_FALSE(with_public(group, key, Bytes(point.size(), 0xff)).ok);
    EXPECT_FALSE(with_public(group, key, Bytes(point.size() - 1, 4)).ok);
    EXPECT_FALSE(with_public(group, key, Bytes(point.size() + 1, 4)).ok);
  }
}

// RFC 7748 section 6.1: points of small order make a secret of zeros.
TEST(Dh, X25519RefusesAnAllZeroSecret) {
  const Bytes key(32, 0x42);
  for (const char* low : {"0000000000000000000000000000000000000000000000000000000000000000",
                          "0100000000000000000000000000000000000000000000000000000000000000",
                          "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
                          "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157"})
    EXPECT_FALSE(with_public(DhGroup::kX25519, key, hex(low)).ok) << low;
  EXPECT_FALSE(with_public(DhGroup::kX25519, key, Bytes(31, 9)).ok);
  EXPECT_FALSE(with_public(DhGroup(1025), key).ok);
  EXPECT_FALSE(with_public(DhGroup::kX25519, Bytes(31, 1)).ok);
}

}  // namespace
}  // namespace nezu::ike::test
