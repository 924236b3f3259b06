#pragma once
#include <cstddef>
#include <string>
#include <string_view>

/// How NETCONF messages lie in a byte stream (RFC 6242). No I/O; both ends use it.
///
/// A session starts with end-of-message framing (one <hello> each way); if both sides announce
/// base:1.1 everything after the hellos is chunked.
namespace nezu::mgmt {

enum class Framing {
  kEndOfMessage,  ///< RFC 6242 section 4.3: "]]>]]>" after each message
  kChunked,       ///< RFC 6242 section 4.2: "\n#SIZE\n" before each piece, "\n##\n" at the end
};

/// A piece of a message as it goes on the wire. An empty piece is nothing.
std::string frame(Framing framing, std::string_view piece);
/// What closes a message that consisted of at least one piece.
std::string_view frame_end(Framing framing);

/// Takes a byte stream apart. Holds no message bytes, so its memory is constant.
class Unframer {
 public:
  enum class Event {
    kNeedMore,  ///< the input is used up
    kData,      ///< `data` is the next piece of the message
    kEnd,       ///< the message is complete
    kError,     ///< the stream is broken (error() says how); nothing more can be read from it
  };

  /// A message of more than `limit` bytes is an error.
  explicit Unframer(size_t limit) : limit_(limit) {}

  /// Everything after the message just ended is in this framing.
  void expect(Framing framing);

  /// Removes what it understood from the front of `input`. `data` points into `input` or static
  /// storage.
  Event next(std::string_view& input, std::string_view& data);

  const std::string& error() const { return error_; }

 private:
  enum class State { kFirstLf, kHash, kSizeFirst, kSize, kData, kEndLf };

  Event next_marked(std::string_view& input, std::string_view& data);
  Event next_chunked(std::string_view& input, std::string_view& data);
  Event header_byte(char byte);
  Event size_byte(char byte);
  Event piece(std::string_view data);
  Event end();
  Event fail(std::string message);

  size_t limit_;
  size_t seen_ = 0;  ///< bytes of the current message
  Framing framing_ = Framing::kEndOfMessage;
  size_t matched_ = 0;  ///< kEndOfMessage: bytes of the mark seen and held back
  State state_ = State::kFirstLf;
  size_t chunk_ = 0;         ///< kChunked: bytes of the chunk still to come
  bool in_message_ = false;  ///< kChunked: a chunk was read since the last end
  std::string error_;
};

}  // namespace nezu::mgmt
