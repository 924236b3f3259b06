#include "grammar/secret.h"

#include <array>
#include <cstdint>
#include <vector>

namespace nezu::grammar {
namespace {

constexpr std::string_view kMagic = "$9$";

// The alphabet, in four families. After the first character (the salt) follow as many filler
// characters as the salt's family says: 3, 2, 1, 0.
constexpr std::array<std::string_view, 4> kFamilies = {"QzF3n6/9CAtpu0O", "B1IREhcSyrleKvMW8LXx",
                                                       "7N-dVbwsY2g4oaJZGUDj", "iHkq.mPf5T"};
constexpr int kLetters = 65;

// A byte is a sum of gaps between neighbouring characters, each gap times its weight. The weights
// change with the place of the byte.
const std::array<std::vector<int>, 7> kWeights = {
    {{1, 4, 32}, {1, 16, 32}, {1, 8, 32}, {1, 64}, {1, 32}, {1, 4, 16, 128}, {1, 32, 64}}};

struct Alphabet {
  std::array<char, kLetters> letter{};
  std::array<int, 256> number{};
  std::array<int, 256> fillers{};

  Alphabet() {
    number.fill(-1);
    int next = 0;
    for (size_t family = 0; family < kFamilies.size(); ++family)
      for (const char c : kFamilies[family]) {
        const auto byte = static_cast<uint8_t>(c);
        letter[next] = c;
        number[byte] = next++;
        fillers[byte] = 3 - static_cast<int>(family);
      }
  }
  int number_of(char c) const { return number[static_cast<uint8_t>(c)]; }
  int fillers_of(char c) const { return fillers[static_cast<uint8_t>(c)]; }
};

const Alphabet& alphabet() {
  static const Alphabet kAlphabet;
  return kAlphabet;
}

// FNV-1a: the salt must follow from the secret alone.
uint32_t hash(std::string_view text) {
  uint32_t value = 2166136261u;
  for (const char c : text) value = (value ^ static_cast<uint8_t>(c)) * 16777619u;
  return value;
}

// "$6$rounds=5000$salt$hash" and the like: crypt(3)'s MD5, SHA-256 and SHA-512.
bool is_password_hash(std::string_view text) {
  if (text.size() < 3 || text[0] != '$' || text[2] != '$') return false;
  const size_t length = text[1] == '1' ? 22 : text[1] == '5' ? 43 : text[1] == '6' ? 86 : 0;
  const size_t last = text.rfind('$');
  return length > 0 && last > 2 && text.size() - last - 1 == length;
}

void append_byte(std::string& out, int byte, const std::vector<int>& weights) {
  std::vector<int> gaps(weights.size());
  for (size_t i = weights.size(); i-- > 0; byte %= weights[i]) gaps[i] = byte / weights[i];
  for (const int gap : gaps) {
    const int previous = alphabet().number_of(out.back());
    out += alphabet().letter[(previous + gap + 1) % kLetters];
  }
}

}  // namespace

bool is_encoded_secret(std::string_view text) {
  return text.starts_with(kMagic);
}

std::optional<std::string> refuse_secret(std::string_view text, bool hashed) {
  if (text.starts_with("$8$"))
    return "encrypted with a master password, which this router does not have";
  if (hashed && is_encoded_secret(text)) return "an encoded secret is no hash of a password";
  if (!hashed && is_password_hash(text))
    return "the hash of a password cannot be used as a key: it does not tell the password";
  return std::nullopt;
}

std::string encode_secret(std::string_view clear) {
  auto seed = hash(clear);
  std::string out(kMagic);
  const char salt = alphabet().letter[seed % kLetters];
  out += salt;
  for (int i = alphabet().fillers_of(salt); i > 0; --i) {
    seed = seed * 1664525u + 1013904223u;
    out += alphabet().letter[(seed >> 16) % kLetters];
  }
  // The first gap counts from the salt, not from the filler.
  std::string body(1, salt);
  for (size_t i = 0; i < clear.size(); ++i)
    append_byte(body, static_cast<uint8_t>(clear[i]), kWeights[i % kWeights.size()]);
  return out + body.substr(1);
}

std::optional<std::string> decode_secret(std::string_view encoded) {
  if (!is_encoded_secret(encoded)) return std::nullopt;
  encoded.remove_prefix(kMagic.size());
  for (const char c : encoded)
    if (alphabet().number_of(c) < 0) return std::nullopt;
  if (encoded.empty()) return std::nullopt;
  char previous = encoded[0];
  const size_t skip = 1 + alphabet().fillers_of(previous);
  if (encoded.size() < skip) return std::nullopt;
  std::string clear;
  for (encoded.remove_prefix(skip); !encoded.empty();) {
    const auto& weights = kWeights[clear.size() % kWeights.size()];
    if (encoded.size() < weights.size()) return std::nullopt;
    int byte = 0;
    for (size_t i = 0; i < weights.size(); ++i) {
      const int gap = alphabet().number_of(encoded[i]) - alphabet().number_of(previous);
      byte += ((gap + kLetters) % kLetters - 1) * weights[i];
      previous = encoded[i];
    }
    clear += static_cast<char>(byte & 0xff);
    encoded.remove_prefix(weights.size());
  }
  return clear;
}

std::string shown_secret(std::string_view clear, bool hashed) {
  return hashed || clear == kHiddenSecret ? std::string(clear) : encode_secret(clear);
}

}  // namespace nezu::grammar
