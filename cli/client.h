#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "services/mgmt/framing.h"
#include "services/mgmt/xml_reader.h"

namespace nezu::cli {

/// What an answer says besides its output.
struct Answer {
  std::string outcome;  ///< done, refused, question, input, program, closed; "": an rpc-error
  std::string question;
  std::string standard;  ///< what Enter alone answers
  std::string echo;      ///< "no": what is typed is not to be shown
  std::string banner;    ///< the new prompt, if the answer has one
  std::string prompt;
  // With a prompt; "" for none.
  std::string rows;          ///< lines of a screen as the user set them
  std::string idle;          ///< seconds without a key until the session closes
  std::string terminal;      ///< its type
  std::string announcement;  ///< what a user is told when he comes
  std::string insert;        ///< of a completion
  std::string error;         ///< of an rpc-error
  // Of a program that is to be run here.
  std::vector<std::string> words;
  std::string account;  ///< the router's user it runs as

  bool hidden() const { return echo == "no"; }
};

/// The terminal's end of the management socket (docs/management-protocol.md): one request at a
/// time, its output read piece by piece. Blocks, but never past a signal.
class Client {
 public:
  enum class Event {
    kText,     ///< output in `text`
    kEnd,      ///< the answer is complete: answer()
    kSignal,   ///< a signal came: look at signals::
    kGone,     ///< the server has closed
    kNothing,  ///< nothing came in the time that was given
  };

  explicit Client(std::string path) : path_(std::move(path)) {}
  /// On a socket that is connected already; `name` is what errors call it.
  Client(int descriptor, std::string name) : path_(std::move(name)), given_(descriptor) {}
  ~Client() { close(); }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  /// Opens command lines as this user of the router instead of the caller's own.
  void act_as(std::string user) { user_ = std::move(user); }
  const std::string& user() const { return user_; }
  /// The ends of ssh's connection that the user has come by, for the router's log.
  void come_by(std::string connection) { connection_ = std::move(connection); }
  const std::string& connection() const { return connection_; }

  /// Connects and exchanges hellos. Returns an error text, or "".
  std::string connect();
  void close();
  bool connected() const { return socket_ >= 0; }
  int descriptor() const { return socket_; }  ///< readable between requests: the server has gone

  /// Sends `<NAME>CONTENT</NAME>` of the private namespace; CONTENT is XML. False: the server has
  /// gone.
  bool send(std::string_view name, const std::string& content);
  /// The next of the answer to the request, within so many milliseconds (-1: however long).
  Event next(std::string& text, int milliseconds = -1);
  /// Throws the output away and waits for the end.
  Event finish();
  const Answer& answer() const { return answer_; }
  /// Puts an answer back, after requests that were made in between.
  void put_back(Answer answer) { answer_ = std::move(answer); }
  // What the beginning of the output says about it.
  bool pager() const { return pager_; }  ///< it may stop at a full screen
  bool hold() const { return hold_; }    ///< it stops at its end too
  /// The command ends in its own way when it is interrupted, and what it then says is wanted.
  bool ends_itself() const { return ends_itself_; }

  /// It goes on to its end, interrupted or not.
  bool waits() const { return waits_; }

  /// Tells the server to give up the request under way. next() goes on until its end.
  void interrupt();

 private:
  enum class Taken { kNothing, kText, kEnd, kBroken };

  std::string greet();
  bool write(std::string_view bytes);
  Event wait(int milliseconds);
  Event receive();
  Taken take(std::string& text);
  Taken element(std::string& text);
  void begin_answer();
  void begin_output();
  std::string* field(const std::string& name);

  std::string path_;
  std::string user_, connection_;
  int given_ = -1;  ///< used by the first connect()
  int socket_ = -1;
  unsigned sent_ = 0;
  unsigned skip_ = 0;  ///< answers to interrupts that are still to come after this one

  mgmt::Framing framing_ = mgmt::Framing::kEndOfMessage;
  mgmt::Unframer unframer_{kMaxAnswer};
  static constexpr size_t kMaxAnswer = size_t{1} << 40;  // streamed: size costs nothing
  std::string received_;
  size_t used_ = 0;
  mgmt::XmlReader xml_;
  Answer answer_;
  bool pager_ = true, hold_ = false, ends_itself_ = false, waits_ = false;
  std::string inside_;  ///< the element whose text comes
};

}  // namespace nezu::cli
