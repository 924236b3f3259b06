// What we show of ourselves: a local certificate with those above it, and whom we trust.
#pragma once

#include <string>
#include <vector>

#include "services/ike/pki/vault.h"

namespace nezu::ike {

/// Empty chain: the certificate or its key is not loaded. Above our own go the authorities of the
/// vault that signed each other, without the one that signed itself.
Credential credential_of(const Vault& vault, const std::string& certificate,
                         const std::vector<std::string>& authorities);

/// The same chain, as certificates.
std::vector<Certificate> chain_of(const Vault& vault, const Certificate& own);

}  // namespace nezu::ike
