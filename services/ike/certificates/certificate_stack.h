// Certificates as OpenSSL's functions take many of them.
#pragma once

#include <openssl/x509.h>

#include <memory>

#include "services/ike/certificates/certificate.h"

namespace nezu::ike {

/// Borrows: who pushes one keeps it for as long as this is there.
class CertificateStack {
 public:
  void push(const Certificate& certificate) {
    if (stack_) sk_X509_push(stack_.get(), certificate.get());
  }
  STACK_OF(X509) * get() const { return stack_.get(); }  // null: no memory

 private:
  static void drop(STACK_OF(X509) * stack) { sk_X509_free(stack); }
  std::unique_ptr<STACK_OF(X509), decltype(&drop)> stack_{sk_X509_new_null(), drop};
};

}  // namespace nezu::ike
