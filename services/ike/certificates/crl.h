// Lists of revoked certificates, RFC 5280 section 5.
#pragma once

#include <openssl/types.h>

#include <ctime>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "services/ike/certificates/certificate.h"

namespace nezu::ike {

constexpr std::size_t kMaxCrl = 16 << 20;  // octets
/// Seconds that an authority's clock may be ahead of ours.
constexpr std::time_t kClockSkew = 300;

/// Unchanged from when it is read; for any thread.
class Crl {
 public:
  /// PEM or DER. Nothing when it is none or too large, is limited to a part of the certificates
  /// (delta, indirect, reasons) or has a critical extension that is not understood here.
  static std::optional<Crl> read(ByteView file);

  /// By its key and its name, with a hash that is_strong().
  bool is_signed_by(const Certificate& authority) const;
  /// Of two lists of one authority: by thisUpdate; when that is equal, by the CRL number.
  bool is_older_than(const Crl& other) const;
  /// Whether the certificate stands on it; issuer and serial count.
  bool lists(const Certificate& certificate) const;
  std::time_t this_update() const;
  std::time_t next_update() const;  // 0: none
  /// Neither of tomorrow nor out of date. One that does not say when the next comes is current for
  /// a day: the authorities of RFC 5280 all say it.
  bool is_current(std::time_t now) const;
  bool is_of_future(std::time_t now) const;

  bool operator==(const Crl& other) const;  // the same octets

  Bytes der() const;
  Bytes issuer() const;
  std::size_t size() const;  // entries
  struct Entry {
    std::string serial;
    std::time_t at;
  };
  std::vector<Entry> entries(std::size_t most) const;

 private:
  std::shared_ptr<X509_CRL> crl_;
};

}  // namespace nezu::ike
