#include "services/ike/pki/vault.h"

#include <dirent.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "services/ike/pki/file.h"

namespace nezu::ike {
namespace {
using Bio = std::unique_ptr<BIO, decltype(&BIO_free)>;

struct ShelfFact {
  const char* directory;
  const char* ending;
};
constexpr ShelfFact kShelves[] = {{"key-pair", ".pem"},
                                  {"local-certificate", ".pem"},
                                  {"certificate-request", ".pem"},
                                  {"ca-certificate", ".pem"},
                                  {"crl", ".der"}};

const ShelfFact& fact(Vault::Shelf shelf) {
  return kShelves[static_cast<std::size_t>(shelf)];
}

// Asked for by PEM when there is a passphrase; there is no terminal to ask on.
int give_passphrase(char* buffer, int size, int, void* passphrase) {
  const auto& text = *static_cast<const std::string*>(passphrase);
  if (text.empty() || static_cast<int>(text.size()) > size) return -1;
  std::memcpy(buffer, text.data(), text.size());
  return static_cast<int>(text.size());
}

struct Wiped : Bytes {
  ~Wiped() {
    if (!empty()) OPENSSL_cleanse(data(), size());
  }
};

Wiped pem_of(EVP_PKEY* key) {
  Wiped pem;
  const Bio out(BIO_new(BIO_s_secmem()), BIO_free);
  if (!out || PEM_write_bio_PrivateKey(out.get(), key, nullptr, nullptr, 0, nullptr, nullptr) != 1)
    return pem;
  const char* text = nullptr;
  const long length = BIO_get_mem_data(out.get(), &text);
  pem.assign(text, text + length);
  return pem;
}

bool is_request(ByteView der) {
  const unsigned char* at = der.data();
  X509_REQ* request = d2i_X509_REQ(nullptr, &at, static_cast<long>(der.size()));
  X509_REQ_free(request);
  return request != nullptr;
}

Bytes unwrapped(const Bytes& pem) {
  const Bio in(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), BIO_free);
  char *name = nullptr, *header = nullptr;
  unsigned char* data = nullptr;
  long length = 0;
  if (!in || PEM_read_bio(in.get(), &name, &header, &data, &length) != 1) return {};
  Bytes der(data, data + length);
  OPENSSL_free(name);
  OPENSSL_free(header);
  OPENSSL_free(data);
  return der;
}
}  // namespace

PrivateKey read_private_key(ByteView file, const std::string& passphrase) {
  const Bio in(BIO_new_mem_buf(file.data(), static_cast<int>(file.size())), BIO_free);
  if (!in) return nullptr;
  EVP_PKEY* key = PEM_read_bio_PrivateKey(in.get(), nullptr, give_passphrase,
                                          const_cast<std::string*>(&passphrase));
  if (!key) {
    const unsigned char* at = file.data();
    key = d2i_AutoPrivateKey(nullptr, &at, static_cast<long>(file.size()));
  }
  return {key, EVP_PKEY_free};
}

Bytes sealed_key(EVP_PKEY* key, const std::string& passphrase, bool der) {
  const Bio out(BIO_new(BIO_s_mem()), BIO_free);
  const auto write = der ? i2d_PKCS8PrivateKey_bio : PEM_write_bio_PKCS8PrivateKey;
  if (!out || write(out.get(), key, EVP_aes_256_cbc(), passphrase.data(),
                    static_cast<int>(passphrase.size()), nullptr, nullptr) != 1)
    return {};
  const char* text = nullptr;
  const long length = BIO_get_mem_data(out.get(), &text);
  return {text, text + length};
}

std::string pem_text(const char* type, ByteView der) {
  const Bio out(BIO_new(BIO_s_mem()), BIO_free);
  if (!out || PEM_write_bio(out.get(), type, "", der.data(), static_cast<long>(der.size())) <= 0)
    return {};
  const char* text = nullptr;
  const long length = BIO_get_mem_data(out.get(), &text);
  return {text, static_cast<std::size_t>(length)};
}

Vault::Vault(std::string directory) : directory_(std::move(directory)) {
  mkdir(directory_.c_str(), 0700);
  for (std::size_t i = 0; i < std::size(kShelves); ++i) {
    mkdir(path(static_cast<Shelf>(i)).c_str(), 0700);
    read(static_cast<Shelf>(i));
  }
}

bool Vault::is_name(std::string_view name) {
  return !name.empty() && name.size() <= 32 && std::all_of(name.begin(), name.end(), [](char c) {
    return c > 0x20 && c != 0x7f && c != '/' && c != '%' && c != '.';
  });
}

std::string Vault::path(Shelf shelf, const std::string& name) const {
  const std::string directory = directory_ + '/' + fact(shelf).directory;
  return name.empty() ? directory : directory + '/' + name + fact(shelf).ending;
}

void Vault::read(Shelf shelf) {
  DIR* directory = opendir(path(shelf).c_str());
  if (!directory) return problems_.push_back(path(shelf) + ": " + std::strerror(errno));
  while (const dirent* entry = readdir(directory)) {
    const std::string file = entry->d_name;
    const auto dot = file.rfind('.');
    if (dot == file.npos || file.substr(dot) != fact(shelf).ending) continue;
    const std::string name = file.substr(0, dot);
    if (!is_name(name) || names(shelf).size() >= kMost) continue;
    std::string error;
    auto content = read_file(path(shelf, name), kMaxCrl, error);
    if (content && !take(shelf, name, *content)) error = path(shelf, name) + ": cannot be read";
    if (content && shelf == Shelf::kKeys) OPENSSL_cleanse(content->data(), content->size());
    if (!error.empty()) problems_.push_back(error);
  }
  closedir(directory);
}

bool Vault::take(Shelf shelf, const std::string& name, const Bytes& content) {
  const auto first = [&]() -> std::optional<Certificate> {
    const auto all = read_certificates(content);
    return all.empty() ? std::nullopt : std::optional(all.front());
  };
  switch (shelf) {
    case Shelf::kKeys: {
      auto key = read_private_key(content, {});
      return key && (keys_[name] = std::move(key), true);
    }
    case Shelf::kCertificates: {
      const auto one = first();
      return one && (certificates_.insert_or_assign(name, *one), true);
    }
    case Shelf::kRequests: {
      Bytes der = unwrapped(content);
      return is_request(der) && (requests_[name] = std::move(der), true);
    }
    case Shelf::kAuthorities: {
      const auto one = first();
      return one && (authorities_.insert_or_assign(name, *one), true);
    }
    case Shelf::kLists: {
      const auto crl = Crl::read(content);
      return crl && (lists_.insert_or_assign(name, *crl), true);
    }
  }
  return false;
}

std::string Vault::write(Shelf shelf, const std::string& name, ByteView content) {
  if (!is_name(name)) return "'" + name + "' is no name";
  const auto taken = names(shelf);
  if (taken.size() >= kMost && std::find(taken.begin(), taken.end(), name) == taken.end())
    return "There are " + std::to_string(kMost) + " already";
  return replace_file(path(shelf, name), content);
}

std::string Vault::put_key(const std::string& name, PrivateKey key) {
  const Wiped pem = pem_of(key.get());
  if (pem.empty()) return "the key cannot be written";
  std::string error = write(Shelf::kKeys, name, pem);
  if (error.empty()) keys_[name] = std::move(key);
  return error;
}

std::string Vault::put_certificate(const std::string& name, const Certificate& certificate) {
  const std::string pem = pem_text(PEM_STRING_X509, certificate.der());
  std::string error = write(Shelf::kCertificates, name, view_of(pem));
  if (error.empty()) certificates_.insert_or_assign(name, certificate);
  return error;
}

std::string Vault::put_request(const std::string& name, const Bytes& der) {
  const std::string pem = pem_text(PEM_STRING_X509_REQ, der);
  std::string error = write(Shelf::kRequests, name, view_of(pem));
  if (error.empty()) requests_[name] = der;
  return error;
}

std::string Vault::put_authority(const std::string& name, const Certificate& certificate) {
  const std::string pem = pem_text(PEM_STRING_X509, certificate.der());
  std::string error = write(Shelf::kAuthorities, name, view_of(pem));
  if (!error.empty()) return error;
  authorities_.insert_or_assign(name, certificate);
  const auto list = lists_.find(name);
  if (list != lists_.end() && !list->second.is_signed_by(certificate)) remove(Shelf::kLists, name);
  return error;
}

std::string Vault::put_list(const std::string& name, const Crl& crl) {
  std::string error = write(Shelf::kLists, name, crl.der());
  if (error.empty()) lists_.insert_or_assign(name, crl);
  return error;
}

std::vector<std::string> Vault::names(Shelf shelf) const {
  std::vector<std::string> all;
  const auto collect = [&](const auto& map) {
    for (const auto& [name, _] : map) all.push_back(name);
  };
  switch (shelf) {
    case Shelf::kKeys:
      collect(keys_);
      break;
    case Shelf::kCertificates:
      collect(certificates_);
      break;
    case Shelf::kRequests:
      collect(requests_);
      break;
    case Shelf::kAuthorities:
      collect(authorities_);
      break;
    case Shelf::kLists:
      collect(lists_);
      break;
  }
  return all;
}

bool Vault::remove(Shelf shelf, const std::string& name) {
  if (!is_name(name)) return false;
  std::size_t gone = 0;
  switch (shelf) {
    case Shelf::kKeys:
      gone = keys_.erase(name);
      break;
    case Shelf::kCertificates:
      gone = certificates_.erase(name);
      break;
    case Shelf::kRequests:
      gone = requests_.erase(name);
      break;
    case Shelf::kAuthorities:
      gone = authorities_.erase(name);
      break;
    case Shelf::kLists:
      gone = lists_.erase(name);
      break;
  }
  if (shelf == Shelf::kAuthorities) remove(Shelf::kLists, name);
  if (gone == 0) return false;
  remove_file(path(shelf, name));
  return true;
}

}  // namespace nezu::ike
