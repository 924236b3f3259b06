// X.501 names: in DER as identities and certificates carry them, in text as people write them.
#pragma once

#include <openssl/types.h>

#include <optional>
#include <string>
#include <string_view>

#include "services/ike/bytes.h"

namespace nezu::ike {

constexpr std::size_t kMaxName = 2048;  // octets of DER

/// Whether the octets are one name and nothing else.
bool is_name_der(ByteView der);

/// "C=JP, O=Nezu, CN=peer1", in the order of the certificate; "" for what is none.
std::string name_text(ByteView der);
std::string name_text(const X509_NAME* name);
Bytes name_der(const X509_NAME* name);

/// Of "CN=peer1,OU=lab,O=Nezu": what stands before = is CN, OU, O, L, ST, C, DC, serialNumber,
/// emailAddress (also E, Email) or a dotted OID; a backslash takes the next character as it is.
/// Nothing when it is no such list.
std::optional<Bytes> name_of_text(std::string_view text);

/// One name, whatever the types of its strings and their case.
bool is_same_name(ByteView a, ByteView b);

/// Whether `wanted` is an unbroken part of the name, in its order.
bool has_container(ByteView name, ByteView wanted);
/// Whether every field of `wanted` is in the name, in any order.
bool has_fields(ByteView name, ByteView wanted);

}  // namespace nezu::ike
