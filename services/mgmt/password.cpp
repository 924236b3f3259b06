#include "services/mgmt/password.h"

#include <crypt.h>
#include <sys/random.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <memory>

namespace nezu::mgmt {
namespace {
constexpr size_t kSalt = 16;
constexpr char kSaltLetters[] = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

enum Set { kLower, kUpper, kDigit, kOther, kSets };

Set set_of(char c) {
  const auto byte = static_cast<unsigned char>(c);
  if (islower(byte)) return kLower;
  if (isupper(byte)) return kUpper;
  return isdigit(byte) ? kDigit : kOther;
}

struct Counts {
  explicit Counts(std::string_view password) {
    for (size_t i = 0; i < password.size(); ++i) {
      ++of[set_of(password[i])];
      if (i > 0 && set_of(password[i]) != set_of(password[i - 1])) ++passages;
    }
    sets = static_cast<size_t>(
        std::count_if(of.begin(), of.end(), [](size_t count) { return count > 0; }));
  }
  std::array<size_t, kSets> of{};
  size_t passages = 0;  ///< from one set to another
  size_t sets = 0;
};

void take(const configdb::View& rules, const char* name, size_t& number) {
  if (const configdb::View said = rules[name]) number = said.number();
}

std::string salt() {
  std::array<unsigned char, kSalt> random{};
  if (getrandom(random.data(), random.size(), 0) != static_cast<ssize_t>(random.size())) return "";
  std::string out;
  for (const unsigned char byte : random) out += kSaltLetters[byte % 64];
  return out;
}
}  // namespace

PasswordRules PasswordRules::of(const configdb::View& login) {
  PasswordRules rules;
  const configdb::View said = login ? login["password"] : configdb::View();
  if (!said) return rules;
  take(said, "minimum-length", rules.minimum_length);
  take(said, "maximum-length", rules.maximum_length);
  take(said, "minimum-changes", rules.minimum_changes);
  take(said, "minimum-numerics", rules.minimum_numerics);
  take(said, "minimum-upper-cases", rules.minimum_upper_cases);
  take(said, "minimum-lower-cases", rules.minimum_lower_cases);
  take(said, "minimum-punctuations", rules.minimum_punctuations);
  rules.character_sets = said["change-type"].value() == "character-sets";
  rules.sha256 = said["format"].value() == "sha256";
  return rules;
}

std::string PasswordRules::complaint(std::string_view password) const {
  if (password.size() < minimum_length)
    return "minimum password length is " + std::to_string(minimum_length);
  if (password.size() > maximum_length)
    return "maximum password length is " + std::to_string(maximum_length);
  if (std::any_of(password.begin(), password.end(),
                  [](char c) { return iscntrl(static_cast<unsigned char>(c)); }))
    return "control characters are not allowed in a password";
  const Counts counts(password);
  const size_t changes = character_sets && counts.sets > 0 ? counts.sets - 1 : counts.passages;
  if (changes < minimum_changes) return "require change of case, digits or punctuation";
  const struct {
    size_t there, wanted;
    const char* what;
  } wants[] = {{counts.of[kDigit], minimum_numerics, "numbers"},
               {counts.of[kUpper], minimum_upper_cases, "upper-case letters"},
               {counts.of[kLower], minimum_lower_cases, "lower-case letters"},
               {counts.of[kOther], minimum_punctuations, "punctuation characters"}};
  for (const auto& each : wants)
    if (each.there < each.wanted)
      return "require at least " + std::to_string(each.wanted) + " " + each.what;
  return "";
}

std::string hashed(const std::string& password, bool sha256) {
  const std::string grains = salt();
  if (grains.empty()) return "";
  const auto work = std::make_unique<crypt_data>();
  const std::string setting = (sha256 ? "$5$" : "$6$") + grains;
  const char* made = crypt_r(password.c_str(), setting.c_str(), work.get());
  return made && made[0] == '$' ? made : "";
}

}  // namespace nezu::mgmt
