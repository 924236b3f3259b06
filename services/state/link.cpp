#include "services/state/link.h"

#include <algorithm>

namespace nezu::state {

Link::Link(std::string path, Events events) : path_(std::move(path)), events_(std::move(events)) {
  timer_.setSingleShot(true);
  timer_.callOnTimeout([this] { attempt(); });
}

Link::~Link() {
  if (connecting_) connecting_->disconnect();
}

void Link::open() {
  attempt();
}

bool Link::send(const google::protobuf::MessageLite& message) {
  return socket_ && socket_->send(message);
}

void Link::reset() {
  if (socket_) went_down();
}

void Link::attempt() {
  connecting_ = std::make_unique<QLocalSocket>();
  QObject::connect(connecting_.get(), &QLocalSocket::connected, &timer_, [this] { connected(); });
  QObject::connect(connecting_.get(), &QLocalSocket::errorOccurred, &timer_,
                   [this] { retry(kLastRetry); });
  connecting_->connectToServer(QString::fromStdString(path_));
}

void Link::connected() {
  connecting_->disconnect();
  socket_ = std::make_unique<FramedSocket>(std::move(connecting_));
  socket_->on_frame([this](std::string_view frame) { events_.frame(frame); });
  socket_->on_gone([this] { went_down(); });
  events_.up();
}

void Link::retry(std::chrono::milliseconds longest) {
  if (connecting_) {
    connecting_->disconnect();
    connecting_.release()->deleteLater();  // we are inside its signal
  }
  timer_.start(delay_);
  delay_ = std::min(delay_ * 2, longest);
}

void Link::went_down() {
  socket_.reset();
  events_.down();
  retry(kLastReset);
}

}  // namespace nezu::state
