#pragma once
#include <string>
#include <string_view>

namespace nezu::grammar {

/// Cuts JSON (RFC 8259) into tokens. Cheap to copy, to look ahead with.
class JsonScanner {
 public:
  enum class Kind {
    kString,       ///< text(): decoded
    kNumber,       ///< text(): as written
    kWord,         ///< text(): true, false or null
    kPunctuation,  ///< text(): one of {}[]:,
    kEnd,
    kError,  ///< text(): what is wrong
  };

  explicit JsonScanner(std::string_view text) : text_(text) {}

  Kind next();
  /// The first byte of the next token; NUL at the end of the text.
  char peek();

  const std::string& text() const { return token_; }
  size_t offset() const { return at_; }  ///< one past the last token

 private:
  void skip_blanks();
  Kind string();
  Kind number();
  Kind word();
  bool escape();
  bool unicode_escape();
  bool hex4(unsigned& code);
  Kind fail(const char* message);

  std::string_view text_;
  size_t at_ = 0;
  std::string token_;
};

}  // namespace nezu::grammar
