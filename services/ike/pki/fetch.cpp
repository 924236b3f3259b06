#include "services/ike/pki/fetch.h"

#include <openssl/err.h>
#include <openssl/http.h>

#include <memory>

namespace nezu::ike {
namespace {
using Bio = std::unique_ptr<BIO, decltype(&BIO_free)>;

struct Place {
  std::string host, port, path;
};

struct Freed {
  char* text = nullptr;
  ~Freed() { OPENSSL_free(text); }
};

bool split(const std::string& url, Place& place) {
  Freed host, port, path;
  int ssl = 0;
  if (OSSL_HTTP_parse_url(url.c_str(), &ssl, nullptr, &host.text, &port.text, nullptr, &path.text,
                          nullptr, nullptr) != 1 ||
      ssl != 0)
    return false;
  place = {host.text, port.text, path.text};
  return true;
}

Bytes all_of(BIO* in, std::size_t most) {
  Bytes content;
  unsigned char buffer[8192];
  for (int length; (length = BIO_read(in, buffer, sizeof buffer)) > 0;) {
    content.insert(content.end(), buffer, buffer + length);
    if (content.size() > most) return {};
  }
  return content;
}

std::string last_error() {
  const unsigned long code = ERR_peek_last_error();
  const char* reason = code ? ERR_reason_error_string(code) : nullptr;
  return reason ? reason : "no answer";
}
}  // namespace

Fetched fetch(const std::string& url, const Bytes& body, const char* body_type, std::size_t most,
              int seconds) {
  Place place;
  if (!split(url, place)) return {{}, url + ": not a URL of plain HTTP"};
  ERR_clear_error();
  Bio request(nullptr, BIO_free);
  if (!body.empty()) request.reset(BIO_new_mem_buf(body.data(), static_cast<int>(body.size())));
  const Bio answer(OSSL_HTTP_transfer(nullptr, place.host.c_str(), place.port.c_str(),
                                      place.path.c_str(), 0, "", nullptr, nullptr, nullptr, nullptr,
                                      nullptr, 0, nullptr, request ? body_type : nullptr,
                                      request.get(), nullptr, 1, most, seconds, 0),
                   BIO_free);
  Fetched fetched;
  if (answer) fetched.content = all_of(answer.get(), most);
  if (fetched.content.empty()) fetched.error = url + ": " + last_error();
  ERR_clear_error();
  return fetched;
}

}  // namespace nezu::ike
