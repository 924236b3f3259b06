#include "services/state/frame.h"

#include <google/protobuf/message_lite.h>

#include <QTimer>
#include <array>
#include <cstdint>

namespace nezu::state {
namespace {

constexpr size_t kPrefix = 4;

std::array<char, kPrefix> prefix_of(size_t length) {
  return {char(length), char(length >> 8), char(length >> 16), char(length >> 24)};
}

size_t length_at(const char* at) {
  size_t length = 0;
  for (size_t i = 0; i < kPrefix; ++i) length |= size_t(uint8_t(at[i])) << (8 * i);
  return length;
}

}  // namespace

FramedSocket::FramedSocket(std::unique_ptr<QLocalSocket> socket) : socket_(std::move(socket)) {
  socket_->setParent(nullptr);
  QObject::connect(socket_.get(), &QLocalSocket::readyRead, &context_, [this] { read(); });
  QObject::connect(socket_.get(), &QLocalSocket::disconnected, &context_, [this] { gone(); });
  // What arrived before we listened raises no signal again.
  QTimer::singleShot(0, &context_, [this] { read(); });
}

FramedSocket::~FramedSocket() {
  socket_->disconnect();
  socket_->flush();
  socket_->abort();
  // Destruction may happen inside one of the socket's own signals.
  socket_.release()->deleteLater();
}

bool FramedSocket::send(std::string_view frame) {
  if (frame.size() > kMaxFrame || socket_->state() != QLocalSocket::ConnectedState) return false;
  if (socket_->bytesToWrite() > kMaxUnsent) {
    QTimer::singleShot(0, &context_, [this] { gone(); });
    return false;
  }
  const auto prefix = prefix_of(frame.size());
  socket_->write(prefix.data(), prefix.size());
  socket_->write(frame.data(), qint64(frame.size()));
  return true;
}

bool FramedSocket::send(const google::protobuf::MessageLite& message) {
  return send(message.SerializeAsString());
}

void FramedSocket::close() {
  on_gone_ = nullptr;
  on_frame_ = nullptr;
  socket_->disconnectFromServer();
}

void FramedSocket::read() {
  const std::weak_ptr<bool> alive = alive_;
  const QByteArray bytes = socket_->readAll();
  input_.append(bytes.constData(), size_t(bytes.size()));
  while (deliver_one(alive)) {
  }
  if (alive.expired() || taken_ == 0) return;
  input_.erase(0, taken_);
  taken_ = 0;
}

// True if there may be another message and this object still exists.
bool FramedSocket::deliver_one(const std::weak_ptr<bool>& alive) {
  if (input_.size() - taken_ < kPrefix) return false;
  const size_t length = length_at(input_.data() + taken_);
  if (length > kMaxFrame) {
    gone();
    return false;
  }
  if (input_.size() - taken_ - kPrefix < length) return false;
  const size_t start = taken_ + kPrefix;
  taken_ = start + length;
  if (!on_frame_) return true;
  const auto callback = on_frame_;  // the callback may replace itself
  callback(std::string_view(input_).substr(start, length));
  return !alive.expired();
}

void FramedSocket::gone() {
  const auto callback = std::move(on_gone_);
  on_gone_ = nullptr;
  on_frame_ = nullptr;
  socket_->disconnect();
  socket_->abort();
  if (callback) callback();
}

}  // namespace nezu::state
