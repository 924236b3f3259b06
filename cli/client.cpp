#include "cli/client.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "cli/signals.h"
#include "services/mgmt/message.h"

namespace nezu::cli {
namespace {
constexpr size_t kPiece = 65536;
constexpr size_t kMaxField = 1 << 20;
constexpr size_t kMostWords = 256;
constexpr int kGreetTime = 5000;  // milliseconds

std::string hello() {
  return "<hello xmlns=\"" + std::string(mgmt::kNetconf) + "\"><capabilities><capability>" +
         std::string(mgmt::kBase11) + "</capability></capabilities></hello>";
}

int open_socket(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) {
    errno = ENAMETOOLONG;
    return -1;
  }
  memcpy(address.sun_path, path.c_str(), path.size());
  const int made = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (made < 0) return -1;
  if (::connect(made, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0) return made;
  const int kept = errno;
  ::close(made);
  errno = kept;
  return -1;
}
}  // namespace

std::string Client::connect() {
  close();
  socket_ = given_ >= 0 ? std::exchange(given_, -1) : open_socket(path_);
  if (socket_ < 0) return path_ + ": " + strerror(errno);
  framing_ = mgmt::Framing::kEndOfMessage;
  unframer_ = mgmt::Unframer(kMaxAnswer);
  received_.clear();
  used_ = 0;
  skip_ = 0;
  std::string error = greet();
  if (!error.empty()) close();
  return error;
}

std::string Client::greet() {
  std::string ours = hello();
  ours += mgmt::frame_end(framing_);
  if (!write(ours)) return path_ + ": the server has closed";
  mgmt::MessageReader reader;
  while (true) {
    std::string_view input(received_), data;
    const auto event = unframer_.next(input, data);
    if (event == mgmt::Unframer::Event::kData) reader.feed(data);
    received_ = std::string(input);
    if (event == mgmt::Unframer::Event::kEnd) break;
    if (event == mgmt::Unframer::Event::kError) return path_ + ": " + unframer_.error();
    if (event != mgmt::Unframer::Event::kNeedMore) continue;
    pollfd ready{socket_, POLLIN, 0};
    if (poll(&ready, 1, kGreetTime) <= 0) return path_ + ": no answer";
    if (receive() == Event::kGone) return path_ + ": the server has closed";
  }
  if (!reader.finish() || reader.root().name != "hello")
    return path_ + ": this is no management server";
  framing_ = mgmt::Framing::kChunked;
  unframer_.expect(framing_);
  return "";
}

void Client::close() {
  if (socket_ >= 0) ::close(socket_);
  socket_ = -1;
}

bool Client::write(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t done = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (done < 0 && errno == EINTR) continue;
    if (done <= 0) return false;
    bytes.remove_prefix(static_cast<size_t>(done));
  }
  return true;
}

bool Client::send(std::string_view name, const std::string& content) {
  if (socket_ < 0) return false;
  const std::string tag(name);
  const std::string rpc = "<rpc xmlns=\"" + std::string(mgmt::kNetconf) + "\" message-id=\"" +
                          std::to_string(++sent_) + "\"><" + tag + " xmlns=\"" +
                          std::string(mgmt::kCli) + "\">" + content + "</" + tag + "></rpc>";
  begin_answer();
  return write(mgmt::frame(framing_, rpc).append(mgmt::frame_end(framing_)));
}

void Client::begin_answer() {
  xml_ = mgmt::XmlReader();
  answer_ = Answer();
  pager_ = true;
  hold_ = ends_itself_ = waits_ = false;
  inside_.clear();
}

void Client::begin_output() {
  for (const auto& each : xml_.attributes()) {
    if (each.name == "more") pager_ = each.value != "no";
    if (each.name == "hold") hold_ = each.value == "yes";
    if (each.name == "interrupt") ends_itself_ = each.value == "ends";
    if (each.name == "interrupt") waits_ = each.value == "waits";
  }
}

void Client::interrupt() {
  const std::string rpc = "<rpc xmlns=\"" + std::string(mgmt::kNetconf) + "\" message-id=\"" +
                          std::to_string(++sent_) + "\"><interrupt xmlns=\"" +
                          std::string(mgmt::kCli) + "\"/></rpc>";
  if (write(mgmt::frame(framing_, rpc).append(mgmt::frame_end(framing_)))) ++skip_;
}

Client::Event Client::next(std::string& text, int milliseconds) {
  while (socket_ >= 0) {
    switch (take(text)) {
      case Taken::kText:
        return Event::kText;
      case Taken::kEnd:
        return Event::kEnd;
      case Taken::kBroken:
        close();
        return Event::kGone;
      case Taken::kNothing:
        break;
    }
    const Event event = wait(milliseconds);
    if (event != Event::kText) return event;
  }
  return Event::kGone;
}

Client::Event Client::finish() {
  std::string text;
  while (true) {
    const Event event = next(text);
    if (event == Event::kEnd || event == Event::kGone) return event;
    if (event == Event::kSignal && signals::ending()) return Event::kGone;
    signals::take_interrupt();
  }
}

// More bytes (kText), a signal, or the end of the server.
Client::Event Client::wait(int milliseconds) {
  pollfd ready[2] = {{socket_, POLLIN, 0}, {signals::descriptor(), POLLIN, 0}};
  const int some = poll(ready, 2, milliseconds);
  if (some == 0) return Event::kNothing;
  if (some < 0 && errno != EINTR) return Event::kGone;
  if (ready[1].revents & POLLIN) return Event::kSignal;
  return ready[0].revents ? receive() : Event::kText;
}

Client::Event Client::receive() {
  received_.erase(0, used_);
  used_ = 0;
  const size_t before = received_.size();
  received_.resize(before + kPiece);
  const ssize_t got = recv(socket_, received_.data() + before, kPiece, 0);
  received_.resize(before + static_cast<size_t>(got > 0 ? got : 0));
  if (got > 0 || (got < 0 && errno == EINTR)) return Event::kText;
  close();
  return Event::kGone;
}

// What the bytes that are here already say.
Client::Taken Client::take(std::string& text) {
  while (true) {
    const Taken taken = element(text);
    if (taken != Taken::kNothing) return taken;
    std::string_view input = std::string_view(received_).substr(used_), data;
    const auto event = unframer_.next(input, data);
    used_ = received_.size() - input.size();
    if (event == mgmt::Unframer::Event::kData) xml_.feed(data);
    if (event == mgmt::Unframer::Event::kNeedMore) return Taken::kNothing;
    if (event == mgmt::Unframer::Event::kError) return Taken::kBroken;
    if (event == mgmt::Unframer::Event::kEnd && skip_ == 0) return Taken::kEnd;
    if (event == mgmt::Unframer::Event::kEnd) {
      // The answer to the request came first; what follows answers the interrupts.
      --skip_;
      const Answer kept = answer_;
      begin_answer();
      answer_ = kept;
    }
  }
}

Client::Taken Client::element(std::string& text) {
  while (true) {
    switch (xml_.next()) {
      case mgmt::XmlReader::Event::kNeedMore:
      case mgmt::XmlReader::Event::kDone:
        return Taken::kNothing;
      case mgmt::XmlReader::Event::kError:
        return Taken::kBroken;
      case mgmt::XmlReader::Event::kEnd:
        inside_.clear();
        break;
      case mgmt::XmlReader::Event::kStart:
        inside_ = xml_.name();
        if (inside_ == "output") begin_output();
        if (inside_ == "word" && answer_.words.size() < kMostWords) answer_.words.emplace_back();
        break;
      case mgmt::XmlReader::Event::kText:
        if (inside_ == "output") {
          text = xml_.text();
          return Taken::kText;
        }
        if (std::string* kept = field(inside_); kept && kept->size() < kMaxField)
          *kept += xml_.text();
        break;
    }
  }
}

std::string* Client::field(const std::string& name) {
  if (name == "outcome") return &answer_.outcome;
  if (name == "word") return answer_.words.empty() ? nullptr : &answer_.words.back();
  if (name == "account") return &answer_.account;
  if (name == "question") return &answer_.question;
  if (name == "echo") return &answer_.echo;
  if (name == "standard") return &answer_.standard;
  if (name == "banner") return &answer_.banner;
  if (name == "prompt") return &answer_.prompt;
  if (name == "rows") return &answer_.rows;
  if (name == "idle") return &answer_.idle;
  if (name == "terminal") return &answer_.terminal;
  if (name == "announcement") return &answer_.announcement;
  if (name == "insert") return &answer_.insert;
  return name == "error-message" ? &answer_.error : nullptr;
}

}  // namespace nezu::cli
