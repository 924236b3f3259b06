// Whether what a signature is made with still holds.
#pragma once

#include <openssl/types.h>

namespace nezu::ike {

/// Of an AlgorithmIdentifier: its hash has at least 224 bits, so neither MD5 nor SHA-1, named or by
/// the defaults of RSASSA-PSS.
bool is_strong(const X509_ALGOR* algorithm);

}  // namespace nezu::ike
