#include "services/mgmt/framing.h"

namespace nezu::mgmt {
namespace {
constexpr std::string_view kMark = "]]>]]>";
constexpr std::string_view kEndOfChunks = "\n##\n";
constexpr size_t kMaxChunk = 4294967295;  // RFC 6242 section 4.2

// The longest proper border of the mark's first `matched` bytes: what still counts as matched when
// the byte after them does not fit ("]]]>": the second and third bracket may begin a mark).
size_t border(size_t matched) {
  for (size_t length = matched - 1; length > 0; --length)
    if (kMark.substr(0, length) == kMark.substr(matched - length, length)) return length;
  return 0;
}
}  // namespace

std::string frame(Framing framing, std::string_view piece) {
  if (piece.empty()) return {};
  if (framing == Framing::kEndOfMessage) return std::string(piece);
  std::string framed = "\n#" + std::to_string(piece.size()) + "\n";
  framed += piece;
  return framed;
}

std::string_view frame_end(Framing framing) {
  return framing == Framing::kEndOfMessage ? kMark : kEndOfChunks;
}

void Unframer::expect(Framing framing) {
  framing_ = framing;
  matched_ = 0;
  state_ = State::kFirstLf;
}

Unframer::Event Unframer::next(std::string_view& input, std::string_view& data) {
  if (!error_.empty()) return Event::kError;
  return framing_ == Framing::kEndOfMessage ? next_marked(input, data) : next_chunked(input, data);
}

Unframer::Event Unframer::next_marked(std::string_view& input, std::string_view& data) {
  if (input.empty()) return Event::kNeedMore;
  if (matched_ == 0 && input[0] != kMark[0]) {
    data = input.substr(0, input.find(kMark[0]));
    input.remove_prefix(data.size());
    return piece(data);
  }
  while (matched_ < kMark.size() && !input.empty() && input[0] == kMark[matched_]) {
    ++matched_;
    input.remove_prefix(1);
  }
  if (matched_ == kMark.size()) return end();
  if (input.empty()) return Event::kNeedMore;
  const size_t kept = border(matched_);
  data = kMark.substr(0, matched_ - kept);  // held back, and no mark after all
  matched_ = kept;
  return piece(data);
}

Unframer::Event Unframer::next_chunked(std::string_view& input, std::string_view& data) {
  while (!input.empty()) {
    if (state_ == State::kData) {
      data = input.substr(0, chunk_);
      input.remove_prefix(data.size());
      chunk_ -= data.size();
      if (chunk_ == 0) state_ = State::kFirstLf;
      return piece(data);
    }
    const char byte = input[0];
    input.remove_prefix(1);
    if (const Event event = header_byte(byte); event != Event::kNeedMore) return event;
  }
  return Event::kNeedMore;
}

Unframer::Event Unframer::header_byte(char byte) {
  switch (state_) {
    case State::kFirstLf:
      if (byte != '\n') return fail("a chunk must begin with a line feed");
      state_ = State::kHash;
      return Event::kNeedMore;
    case State::kHash:
      if (byte != '#') return fail("a chunk header must begin with '#'");
      state_ = State::kSizeFirst;
      chunk_ = 0;
      return Event::kNeedMore;
    case State::kEndLf:
      if (byte != '\n') return fail("the end of chunks must be a line of its own");
      return end();
    default:
      return size_byte(byte);
  }
}

Unframer::Event Unframer::size_byte(char byte) {
  const bool first = state_ == State::kSizeFirst;
  if (first && byte == '#') {
    if (!in_message_) return fail("a message must have a chunk");
    state_ = State::kEndLf;
    return Event::kNeedMore;
  }
  if (!first && byte == '\n') {
    state_ = State::kData;
    return Event::kNeedMore;
  }
  if (byte < (first ? '1' : '0') || byte > '9') return fail("a chunk size must be a number from 1");
  chunk_ = chunk_ * 10 + static_cast<size_t>(byte - '0');
  if (chunk_ > kMaxChunk) return fail("a chunk must be smaller than 4294967296 bytes");
  state_ = State::kSize;
  return Event::kNeedMore;
}

Unframer::Event Unframer::piece(std::string_view data) {
  in_message_ = true;
  seen_ += data.size();
  if (seen_ > limit_)
    return fail("the message is longer than " + std::to_string(limit_) + " bytes");
  return Event::kData;
}

Unframer::Event Unframer::end() {
  state_ = State::kFirstLf;
  matched_ = seen_ = 0;
  in_message_ = false;
  return Event::kEnd;
}

Unframer::Event Unframer::fail(std::string message) {
  error_ = std::move(message);
  return Event::kError;
}

}  // namespace nezu::mgmt
