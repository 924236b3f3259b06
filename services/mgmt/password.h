#pragma once
#include <string>
#include <string_view>

#include "configdb/tree.h"

/// Passwords that are typed in clear (`plain-text-password`): what they must be like, and how they
/// are kept.
namespace nezu::mgmt {

/// What `system login password` asks for.
struct PasswordRules {
  /// `login`: [edit system login]; may be nothing.
  static PasswordRules of(const configdb::View& login);

  /// What is wrong with a password, a sentence without "error: "; "" if nothing is.
  std::string complaint(std::string_view password) const;

  size_t minimum_length = 6, maximum_length = 128;
  size_t minimum_changes = 1;
  bool character_sets = false;  ///< changes are the sets that occur, not the passages between them
  size_t minimum_numerics = 0, minimum_upper_cases = 0;
  size_t minimum_lower_cases = 0, minimum_punctuations = 0;
  bool sha256 = false;  ///< kept as $5$, not as $6$
};

/// crypt(3) of a password with a salt of its own, "$6$…"; "" if the machine cannot.
std::string hashed(const std::string& password, bool sha256);

}  // namespace nezu::mgmt
