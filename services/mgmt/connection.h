#pragma once
#include <QLocalSocket>
#include <QTimer>
#include <deque>
#include <functional>
#include <memory>
#include <string>

#include "services/mgmt/message.h"
#include "services/mgmt/outbox.h"
#include "services/mgmt/session.h"

namespace nezu::mgmt {

/// The socket a client came by: the one that only the machine's root (and who runs the router) can
/// reach, or that of the router's users.
enum class Door : std::uint8_t { kOwner, kUsers };

/// One client: framing, hello, its requests one after the other, its command line.
///
/// Bounds: kMaxRequest bytes a request, kMaxPending requests waiting (more are left in the socket),
/// kHelloTime until its hello, an Outbox for the answer.
class Connection {
 public:
  static constexpr size_t kMaxRequest = 16 << 20;
  static constexpr size_t kMaxPending = 16;
  static constexpr int kHelloTime = 30'000;  ///< milliseconds

  /// Takes the socket; `gone` is called once when the client has left, from the event loop.
  Connection(QLocalSocket* socket, Door door, uint32_t id, const Registry& registry,
             OpenSession open_session, std::function<void()> gone);
  ~Connection();
  Door door() const { return door_; }
  /// Ends the session of another client (RFC 6241 section 7.9); false: there is none.
  void set_kill(std::function<bool(uint32_t id)> kill) { kill_ = std::move(kill); }
  void close();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

 private:
  class ClientScreen;
  class XmlReply;
  friend class ClientScreen;
  friend class XmlReply;

  void read();
  void take(std::string_view bytes);
  void message();
  void hello(const Element& root);
  void proceed();
  void proceed_soon();
  void dispatch(const Element& rpc);
  void command_line(const Element& request, const std::string& id);
  void complete(const Element& request, const std::string& id);
  void call(const Rpc& rpc, const Element& request, const std::string& id);
  void interrupt();

  Session* session();
  void configuration(const Element& request, const std::string& id);
  void refuse_user(const std::string& id);
  void open(const Element& request, const std::string& id);
  ScreenPtr screen(const std::string& id);
  std::string state() const;

  void begin(const std::string& id, const std::string& body_head, Outbox::Body kind);
  void reply(const std::string& id, const std::string& content);
  void refuse(const std::string& id, const RpcError& error);
  void write(std::string_view body);
  void end(const std::string& tail);
  void flush();
  void look();
  void kill(const Element& request, const std::string& id);

  std::unique_ptr<QLocalSocket> socket_;
  const Door door_;
  const uint32_t id_;
  const Registry& registry_;
  OpenSession open_session_;
  std::function<void()> gone_;
  std::function<bool(uint32_t id)> kill_;
  QTimer hello_timer_;

  Framing framing_ = Framing::kEndOfMessage;
  Unframer unframer_{kMaxRequest};
  MessageReader reader_;
  bool greeted_ = false;
  std::deque<Element> pending_;

  Outbox outbox_;
  size_t unserved_ = 0;                ///< bytes of the answer since the socket was last served
  bool running_ = false;               ///< a request is being answered
  bool leaving_ = false;               ///< the answer under way is the last
  std::shared_ptr<bool> cancelled_;    ///< of the request being answered
  std::shared_ptr<Connection*> self_;  ///< null once this is gone; screens outlive it
  std::unique_ptr<Session> session_;
  bool nobody_ = false;  ///< it asked to be a user that it may not be: it is not its own one then
};

}  // namespace nezu::mgmt
