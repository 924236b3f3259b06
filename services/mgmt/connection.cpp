#include "services/mgmt/connection.h"

#include <pwd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <charconv>

#include "services/mgmt/client_screen.h"
#include "services/mgmt/configuration_rpcs.h"
#include "services/mgmt/terminals.h"

namespace nezu::mgmt {
namespace {
constexpr qint64 kReadPiece = 65536;
constexpr qint64 kWriteAhead = 262144;  // bytes in the socket's own buffer

constexpr size_t kPushSize = 65536;
constexpr size_t kLongestConnection = 128;

std::string greeting(uint32_t id) {
  std::string out = "<hello xmlns=\"" + std::string(kNetconf) + "\"><capabilities>";
  for (const auto capability : {kBase10, kBase11, kCandidate, kRollbackOnError, kValidate, kCli})
    out += "<capability>" + std::string(capability) + "</capability>";
  return out + "</capabilities><session-id>" + std::to_string(id) + "</session-id></hello>";
}

bool offers(const Element& hello, std::string_view capability) {
  const Element* list = hello.child("capabilities");
  if (!list) return false;
  for (const Element& each : list->children)
    if (each.name == "capability" && each.text == capability) return true;
  return false;
}

constexpr uid_t kFirstPerson = 1000;

// Who is at the other end, by the kernel's word.
void identify(qintptr descriptor, Door door, Terminal& terminal) {
  ucred peer{};
  socklen_t size = sizeof peer;
  terminal.owner = false;
  terminal.on_machine = door == Door::kOwner;
  terminal.user.clear();
  if (getsockopt(static_cast<int>(descriptor), SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return;
  terminal.process = peer.pid;
  // Programs of the router run under numbers below: no user of its is one of them.
  if (door == Door::kUsers && peer.uid != 0 && peer.uid < kFirstPerson) return;
  const passwd* entry = getpwuid(peer.uid);
  if (entry || door == Door::kOwner)
    terminal.user = entry ? entry->pw_name : std::to_string(peer.uid);
  terminal.owner = peer.uid == 0 || peer.uid == geteuid();
}

// A user of the router could name somebody else's, and lines would come to that.
bool is_own_terminal(qintptr descriptor, const std::string& tty) {
  ucred peer{};
  socklen_t size = sizeof peer;
  struct stat status {};
  return getsockopt(static_cast<int>(descriptor), SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 &&
         Terminals::is_terminal_name(tty) && ::stat(("/dev/" + tty).c_str(), &status) == 0 &&
         status.st_uid == peer.uid;
}

size_t number(std::string_view text, size_t otherwise, size_t most) {
  size_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() ? std::min(value, most)
                                                                  : otherwise;
}

Trigger trigger_of(std::string_view word) {
  if (word == "space") return Trigger::kSpace;
  if (word == "tab") return Trigger::kTab;
  return word == "enter" ? Trigger::kEnter : Trigger::kQuestion;
}

std::string tag(std::string_view name, std::string_view text) {
  const std::string element = "cli:" + std::string(name);
  return "<" + element + ">" + xml_escape(text) + "</" + element + ">";
}
}  // namespace

Connection::Connection(QLocalSocket* socket, Door door, uint32_t id, const Registry& registry,
                       OpenSession open_session, std::function<void()> gone)
    : socket_(socket),
      door_(door),
      id_(id),
      registry_(registry),
      open_session_(std::move(open_session)),
      gone_(std::move(gone)),
      self_(std::make_shared<Connection*>(this)) {
  socket_->setParent(nullptr);
  socket_->setReadBufferSize(kReadPiece);
  QObject::connect(socket_.get(), &QLocalSocket::readyRead, &hello_timer_, [this] { read(); });
  QObject::connect(socket_.get(), &QLocalSocket::bytesWritten, &hello_timer_, [this] { flush(); });
  QObject::connect(socket_.get(), &QLocalSocket::disconnected, &hello_timer_, [this] { close(); });
  QObject::connect(&hello_timer_, &QTimer::timeout, &hello_timer_, [this] { close(); });
  hello_timer_.setSingleShot(true);
  hello_timer_.start(kHelloTime);
  const std::string hello = greeting(id_) + std::string(frame_end(Framing::kEndOfMessage));
  socket_->write(hello.data(), static_cast<qint64>(hello.size()));
}

Connection::~Connection() {
  *self_ = nullptr;
  if (cancelled_) *cancelled_ = true;
  socket_->disconnect();
}

void Connection::close() {
  if (cancelled_) *cancelled_ = true;
  socket_->disconnect();
  if (auto gone = std::exchange(gone_, nullptr)) QTimer::singleShot(0, socket_.get(), gone);
}

void Connection::read() {
  while (gone_ && pending_.size() < kMaxPending) {
    const QByteArray bytes = socket_->read(kReadPiece);
    if (bytes.isEmpty()) return;
    take({bytes.data(), static_cast<size_t>(bytes.size())});
  }
}

void Connection::take(std::string_view bytes) {
  std::string_view data;
  while (gone_) {
    switch (unframer_.next(bytes, data)) {
      case Unframer::Event::kNeedMore:
        return;
      case Unframer::Event::kData:
        reader_.feed(data);
        break;
      case Unframer::Event::kEnd:
        message();
        break;
      // The stream cannot be found again: RFC 6242 section 4.2 ends the session.
      case Unframer::Event::kError:
        return close();
    }
  }
}

void Connection::message() {
  const bool good = reader_.finish();
  Element root = good ? reader_.root() : Element{"", "", reader_.error(), {}, {}};
  reader_.reset();
  if (!greeted_) return hello(root);
  const bool stop = root.name == "rpc" && root.child("interrupt");
  pending_.push_back(std::move(root));
  if (stop) interrupt();
  proceed_soon();
}

void Connection::hello(const Element& root) {
  const bool chunks = offers(root, kBase11);
  if (root.name != "hello" || !(chunks || offers(root, kBase10))) return close();
  hello_timer_.stop();
  greeted_ = true;
  if (!chunks) return;
  framing_ = Framing::kChunked;
  unframer_.expect(framing_);
}

// The request that is being answered is not to go on. Unless it ends in its own way, what it has
// said already is thrown away too.
void Connection::interrupt() {
  if (running_ && session_ && session_->end_softly()) return;
  if (cancelled_) *cancelled_ = true;
  outbox_.discard();
  if (running_ && session_) session_->interrupt();
}

void Connection::proceed() {
  while (gone_ && !running_ && !pending_.empty()) {
    const Element next = std::move(pending_.front());
    pending_.pop_front();
    running_ = true;
    cancelled_ = std::make_shared<bool>(false);
    dispatch(next);
  }
}

void Connection::dispatch(const Element& rpc) {
  if (rpc.name.empty()) return refuse("", {"rpc", "malformed-message", rpc.text, ""});
  const std::string* id = rpc.attribute("message-id");
  if (rpc.name != "rpc") return refuse("", {"rpc", "malformed-message", "not an rpc", ""});
  if (!id)
    return refuse("", {"rpc", "missing-attribute", "an rpc must have a message-id",
                       "<bad-attribute>message-id</bad-attribute><bad-element>rpc</bad-element>"});
  if (rpc.space != kNetconf)
    return refuse(*id, {"protocol", "unknown-namespace", "an rpc must be in the NETCONF namespace",
                        "<bad-element>rpc</bad-element>"});
  if (rpc.children.size() != 1)
    return refuse(*id, {"protocol", "malformed-message", "an rpc must hold one operation", ""});
  const Element& request = rpc.children.front();
  if (request.space == kCli) return command_line(request, *id);
  if (request.name == "close-session") {
    leaving_ = true;
    return reply(*id, "<ok/>");
  }
  if (const Rpc* found = registry_.find(request.name)) return call(*found, request, *id);
  if (ConfigurationRpcs::knows(request.name)) return configuration(request, *id);
  if (request.name == "kill-session") return kill(request, *id);
  refuse(*id, {"protocol", "operation-not-supported", "there is no rpc " + request.name,
               "<bad-element>" + xml_escape(request.name) + "</bad-element>"});
}

void Connection::kill(const Element& request, const std::string& id) {
  if (!session()) return refuse_user(id);
  if (!session_->may_call("kill-session", {}))
    return refuse(id, {"protocol", "access-denied", "permission denied", ""});
  const size_t other = number(request.value("session-id"), 0, UINT32_MAX);
  const bool killed = other != 0 && other != id_ && kill_ && kill_(static_cast<uint32_t>(other));
  if (killed) return reply(id, "<ok/>");
  refuse(id, {"protocol", "invalid-value", "there is no other session of this number",
              "<bad-element>session-id</bad-element>"});
}

void Connection::configuration(const Element& request, const std::string& id) {
  if (!session()) return refuse_user(id);
  const auto begun = std::make_shared<bool>(false);
  session_->configuration_rpc(id_, request,
                              [self = self_, id, begun](std::string_view xml, bool last) {
                                if (!*self) return;
                                if (!std::exchange(*begun, true))
                                  (*self)->begin(id, "", Outbox::Body::kXml);
                                (*self)->write(xml);
                                if (last) (*self)->end("");
                              });
}

void Connection::command_line(const Element& request, const std::string& id) {
  if (request.name == "open") return open(request, id);
  if (request.name == "interrupt") return reply(id, "<ok/>");
  if (!session()) return refuse_user(id);
  if (request.name == "complete") return complete(request, id);
  if (request.name == "execute") return session_->execute(request.value("line"), screen(id));
  if (request.name == "answer") return session_->answer(request.text, screen(id));
  if (request.name == "input") return session_->input(request.text, screen(id));
  if (request.name == "append")
    return session_->append(std::string(request.value("file")), request.value("text"), screen(id));
  refuse(id, {"protocol", "operation-not-supported", "there is no rpc " + request.name, ""});
}

void Connection::open(const Element& request, const std::string& id) {
  Terminal terminal;
  identify(socket_->socketDescriptor(), door_, terminal);
  // A client outside of the router's process namespace has no number here but its own.
  if (terminal.process == 0)
    terminal.process = static_cast<int>(number(request.value("process"), 0, 1 << 22));
  terminal.tty = request.value("tty");
  if (door_ == Door::kUsers && !is_own_terminal(socket_->socketDescriptor(), terminal.tty))
    terminal.tty.clear();
  terminal.connection = request.value("connection").substr(0, kLongestConnection);
  terminal.directory = request.value("directory");
  terminal.height = number(request.value("height"), terminal.height, 10'000);
  terminal.width = number(request.value("width"), terminal.width, 10'000);
  if (const auto type = request.value("terminal"); !type.empty()) terminal.type = type;
  terminal.programs = request.value("programs") == "yes";
  terminal.interactive = request.value("interactive") != "false";
  // Root may be any user of the router, and has no more rights than that user then.
  if (const auto user = request.value("user"); !user.empty() && user != terminal.user) {
    nobody_ = !terminal.owner;
    if (nobody_) return session_.reset(), refuse_user(id);
    terminal.user = user;
    terminal.owner = user == "root";
  }
  session_.reset();  // its locks go before the new one looks
  session_ = open_session_(terminal);
  nobody_ = !session_;
  if (nobody_) return refuse_user(id);
  const std::string said = session_->announcement();
  reply(id, (said.empty() ? "" : tag("announcement", said)) + state());
}

// Null: the router does not know who it is.
Session* Connection::session() {
  if (session_ || nobody_) return session_.get();
  Terminal terminal;
  identify(socket_->socketDescriptor(), door_, terminal);
  session_ = open_session_(terminal);
  return session_.get();
}

void Connection::refuse_user(const std::string& id) {
  refuse(id, {"protocol", "access-denied", "unknown user, or not permitted to be that user", ""});
}

std::string Connection::state() const {
  const Prompt prompt = session_->prompt();
  std::string out = tag("banner", prompt.banner) + tag("prompt", prompt.text);
  if (prompt.rows > 0) out += tag("rows", std::to_string(prompt.rows));
  if (prompt.idle_minutes > 0) out += tag("idle", std::to_string(prompt.idle_minutes * 60));
  return out + tag("terminal", prompt.terminal);
}

void Connection::complete(const Element& request, const std::string& id) {
  const Completion found =
      session_->complete(request.value("line"), trigger_of(request.value("trigger")));
  reply(id, tag("insert", found.insert) + tag("output", found.output));
}

ScreenPtr Connection::screen(const std::string& id) {
  return std::make_shared<ClientScreen>(self_, id, cancelled_);
}

void Connection::call(const Rpc& rpc, const Element& request, const std::string& id) {
  Input input;
  for (const Element& argument : request.children) input[argument.name] = argument.text;
  if (!session()) return refuse_user(id);
  if (!session_->may_call(rpc.name, input))
    return refuse(id, {"protocol", "access-denied", "permission denied", ""});
  session_->place_files(rpc.name, input);
  rpc.call(input, std::make_shared<XmlReply>(self_, id, cancelled_));
}

void Connection::begin(const std::string& id, const std::string& body_head, Outbox::Body kind) {
  std::string head =
      "<rpc-reply xmlns=\"" + std::string(kNetconf) + "\" xmlns:cli=\"" + std::string(kCli) + "\"";
  if (!id.empty()) head += " message-id=\"" + xml_escape(id) + "\"";
  outbox_.begin(framing_, head + ">" + body_head, kind);
}

// A producer may write for long without returning to the event loop, so the socket is served here
// now and then: what it has room for goes out, and an interrupt comes in.
void Connection::write(std::string_view body) {
  outbox_.write(body);
  unserved_ += body.size();
  if (unserved_ < kPushSize) {
    if (socket_->bytesToWrite() == 0) flush();
    return;
  }
  look();
}

void Connection::look() {
  unserved_ = 0;
  socket_->waitForReadyRead(0);
  socket_->flush();
  flush();
}

void Connection::end(const std::string& tail) {
  outbox_.end(tail + "</rpc-reply>");
  flush();
}

void Connection::reply(const std::string& id, const std::string& content) {
  begin(id, "", Outbox::Body::kXml);
  end(content);
}

void Connection::refuse(const std::string& id, const RpcError& error) {
  reply(id, error.xml());
}

void Connection::flush() {
  while (gone_ && outbox_.active() && socket_->bytesToWrite() < kWriteAhead) {
    const std::string bytes = outbox_.next();
    if (bytes.empty()) return;
    socket_->write(bytes.data(), static_cast<qint64>(bytes.size()));
  }
  if (!running_ || outbox_.active()) return;
  running_ = false;
  if (leaving_) {
    socket_->flush();
    return close();
  }
  proceed_soon();
}

// From the event loop: a thousand requests in one read do not nest, and a request that is carried
// out may read the socket to see an interrupt.
void Connection::proceed_soon() {
  QTimer::singleShot(0, &hello_timer_, [this] {
    proceed();
    read();
  });
}

}  // namespace nezu::mgmt
