#include "services/routing/vty.h"

#include <chrono>

namespace nezu::routing {
namespace {

using namespace std::chrono_literals;
constexpr size_t kMostAnswerBytes = 256 << 20;
constexpr std::string_view kMark("\0\0\0", 3);

}  // namespace

Vty::Vty(std::string path) : path_(std::move(path)) {
  patience_.setSingleShot(true);
  QObject::connect(&patience_, &QTimer::timeout, [this] { finish(); });
  QObject::connect(&socket_, &QLocalSocket::connected, [this] { write(); });
  QObject::connect(&socket_, &QLocalSocket::readyRead, [this] { read(); });
  QObject::connect(&socket_, &QLocalSocket::disconnected, [this] { finish(); });
  QObject::connect(&socket_, &QLocalSocket::errorOccurred, [this] { finish(); });
}

void Vty::run(std::vector<std::string> commands, Done done) {
  commands_ = std::move(commands);
  answers_.clear();
  incoming_.clear();
  done_ = std::move(done);
  wait();
  socket_.abort();
  socket_.connectToServer(QString::fromStdString(path_));
}

void Vty::wait() {
  patience_.start(5s + std::chrono::milliseconds(commands_.size()));
}

void Vty::write() {
  for (const std::string& command : commands_)
    socket_.write(command.c_str(), static_cast<qint64>(command.size()) + 1);
}

void Vty::read() {
  incoming_ += socket_.readAll().toStdString();
  wait();
  while (take_answer()) continue;
  if (answers_.size() >= commands_.size() || incoming_.size() > kMostAnswerBytes) finish();
}

bool Vty::take_answer() {
  const size_t mark = incoming_.find(kMark);
  if (mark == incoming_.npos || incoming_.size() <= mark + kMark.size()) return false;
  const int status = static_cast<unsigned char>(incoming_[mark + kMark.size()]);
  answers_.push_back({status, incoming_.substr(0, mark)});
  incoming_.erase(0, mark + kMark.size() + 1);
  return true;
}

void Vty::finish() {
  if (!done_) return;
  // Taken out first: aborting calls here again, and `done` may start the next run.
  const Done done = std::exchange(done_, nullptr);
  patience_.stop();
  socket_.abort();
  done(std::move(answers_));
}

}  // namespace nezu::routing
