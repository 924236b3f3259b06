#include "services/ike/distinguished_name.h"
#include "services/ike/der.h"

#include <openssl/bio.h>
#include <openssl/x509.h>

#include <algorithm>
#include <memory>
#include <vector>

namespace nezu::ike {
namespace {
using Name = std::unique_ptr<X509_NAME, decltype(&X509_NAME_free)>;
using Entry = std::unique_ptr<X509_NAME_ENTRY, decltype(&X509_NAME_ENTRY_free)>;

constexpr std::size_t kMaxFields = 64;

Name parse(ByteView der) {
  if (der.empty() || der.size() > kMaxName) return {nullptr, X509_NAME_free};
  const unsigned char* at = der.data();
  Name name(d2i_X509_NAME(nullptr, &at, static_cast<long>(der.size())), X509_NAME_free);
  if (at != der.data() + der.size()) name.reset();
  return name;
}

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(' ');
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(' ') - first + 1);
}

// A field as it is compared: its type, and its value as OpenSSL's canonical form has it.
std::vector<Bytes> fields_of(ByteView der) {
  std::vector<Bytes> fields;
  const Name name = parse(der);
  for (int i = 0; name && i < X509_NAME_entry_count(name.get()); ++i) {
    const Name single(X509_NAME_new(), X509_NAME_free);
    const Entry entry(X509_NAME_ENTRY_dup(X509_NAME_get_entry(name.get(), i)),
                      X509_NAME_ENTRY_free);
    if (!single || !entry || X509_NAME_add_entry(single.get(), entry.get(), -1, 0) != 1) return {};
    fields.push_back(name_der(single.get()));
  }
  return fields;
}

std::string long_field(std::string_view field) {
  if (field == "E" || field == "Email" || field == "email") return "emailAddress";
  return std::string(field);
}

// Up to the next comma that no backslash stands before; the backslashes go.
std::optional<std::string> take_field(std::string_view& text) {
  std::string field;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\') {
      if (++i == text.size()) return std::nullopt;
    } else if (text[i] == ',') {
      text.remove_prefix(i + 1);
      if (trimmed(text).empty()) return std::nullopt;
      return field;
    }
    field += text[i];
  }
  text = {};
  return field;
}

bool add_field(X509_NAME* name, std::string_view field) {
  const auto equals = field.find('=');
  if (equals == field.npos) return false;
  const std::string type = long_field(trimmed(field.substr(0, equals)));
  const std::string value(trimmed(field.substr(equals + 1)));
  if (type.empty() || value.empty() || value.find('\0') != value.npos) return false;
  return X509_NAME_add_entry_by_txt(name, type.c_str(), MBSTRING_UTF8,
                                    reinterpret_cast<const unsigned char*>(value.data()),
                                    static_cast<int>(value.size()), -1, 0) == 1;
}
}  // namespace

bool is_name_der(ByteView der) {
  return parse(der) != nullptr;
}

Bytes name_der(const X509_NAME* name) {
  return encoded(name, i2d_X509_NAME);
}

std::string name_text(const X509_NAME* name) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> out(BIO_new(BIO_s_mem()), BIO_free);
  constexpr unsigned long kStyle = ASN1_STRFLGS_ESC_2253 | ASN1_STRFLGS_ESC_CTRL |
                                   ASN1_STRFLGS_ESC_MSB | ASN1_STRFLGS_UTF8_CONVERT |
                                   XN_FLAG_SEP_CPLUS_SPC | XN_FLAG_FN_SN;
  if (!out || !name || X509_NAME_print_ex(out.get(), name, 0, kStyle) < 0) return {};
  const char* text = nullptr;
  const long length = BIO_get_mem_data(out.get(), &text);
  return length > 0 ? std::string(text, static_cast<std::size_t>(length)) : std::string();
}

std::string name_text(ByteView der) {
  const Name name = parse(der);
  return name ? name_text(name.get()) : std::string();
}

std::optional<Bytes> name_of_text(std::string_view text) {
  const Name name(X509_NAME_new(), X509_NAME_free);
  std::size_t fields = 0;
  do {
    const auto field = take_field(text);
    if (!name || !field || ++fields > kMaxFields || !add_field(name.get(), *field))
      return std::nullopt;
  } while (!text.empty());
  Bytes der = name_der(name.get());
  if (der.empty() || der.size() > kMaxName) return std::nullopt;
  return der;
}

bool is_same_name(ByteView a, ByteView b) {
  const Name left = parse(a), right = parse(b);
  return left && right && X509_NAME_cmp(left.get(), right.get()) == 0;
}

bool has_container(ByteView name, ByteView wanted) {
  const auto all = fields_of(name), part = fields_of(wanted);
  if (part.empty()) return false;
  const auto found = std::search(all.begin(), all.end(), part.begin(), part.end(),
                                 [](const Bytes& a, const Bytes& b) { return is_same_name(a, b); });
  return found != all.end();
}

bool has_fields(ByteView name, ByteView wanted) {
  const auto all = fields_of(name), part = fields_of(wanted);
  return !part.empty() && std::all_of(part.begin(), part.end(), [&](const Bytes& field) {
    return std::any_of(all.begin(), all.end(),
                       [&](const Bytes& each) { return is_same_name(each, field); });
  });
}

}  // namespace nezu::ike
