#pragma once
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "services/mgmt/rpc.h"

/// A command line as one user has it open: its mode, its place in the configuration, what it is
/// waiting for. Knows nothing of sockets and XML.
namespace nezu::mgmt {

struct Element;

/// What is left to say when the output of a command is complete.
struct Outcome {
  enum class Kind {
    kDone,
    kRefused,   ///< nothing, or not all, was done; the reason is in the output
    kQuestion,  ///< `text` is a question; answer() goes on
    kInput,     ///< text until end of file is wanted; input() goes on
    kProgram,   ///< the client is to run `program`, as the user `text`
    kClosed,    ///< the user has left
  };
  Kind kind = Kind::kDone;
  std::string text = {};      ///< kQuestion: "Exit with uncommitted changes? [yes,no] (yes) "
  std::string standard = {};  ///< kQuestion: what Enter alone means
  bool hidden = false;        ///< kQuestion: what is typed is not to be shown
  std::vector<std::string> program = {};  ///< kProgram: its name and its arguments
};

/// Where a command's output goes. Held by shared_ptr until done(), which may come much later than
/// the call.
class Screen {
 public:
  virtual ~Screen() = default;
  virtual void write(std::string_view text) = 0;
  virtual void without_pager() = 0;  ///< before the first write()
  virtual void hold() {}             ///< before the first write(): stops at the end too
  /// An interrupt does not cancel: the command ends in its own way, and says so.
  virtual void ends_itself() {}
  /// The same, and nothing ends it before.
  virtual void sees_through() {}
  virtual bool cancelled() const = 0;
  /// Much was produced, whether any of it is shown or not: sees whether the user interrupts.
  virtual void look() {}
  virtual void done(Outcome outcome) = 0;
};
using ScreenPtr = std::shared_ptr<Screen>;

/// What a key for completion brings.
struct Completion {
  std::string insert;  ///< to be put in at the cursor
  std::string output;  ///< to be printed under the line; then prompt and line again
};
enum class Trigger { kSpace, kTab, kQuestion, kEnter };

struct Prompt {
  std::string banner;  ///< "[edit]", or ""
  std::string text;    ///< "root@peer1# "
  // What the terminal's own end has to do, by `set cli`.
  size_t rows = 0;            ///< lines of a screen; 0: as many as there are
  size_t idle_minutes = 0;    ///< after so long without a key it leaves; 0: never
  std::string terminal = {};  ///< its type
};

/// How a client opens its command line.
struct Terminal {
  std::string user = "root";
  bool owner = true;       ///< root, or the account the router runs as: may do everything
  bool on_machine = true;  ///< by the socket that only root of the machine reaches
  std::string tty;         ///< "pts/0"
  std::string directory;   ///< where its relative file names begin
  int process = 0;
  std::string connection;  ///< "10.0.0.2 50000 10.0.0.1 22": the ends of ssh's
  std::string type = "vt100";
  size_t height = 24, width = 80;
  bool programs = false;    ///< the client runs programs on it (Outcome::kProgram)
  bool interactive = true;  ///< errors point at the word below the prompt; else one line "error: …"
};

class Session {
 public:
  virtual ~Session() = default;
  /// One at a time: the next only after the screen is done.
  virtual void execute(std::string_view line, ScreenPtr screen) = 0;
  virtual void answer(std::string_view words, ScreenPtr screen) = 0;
  virtual void input(std::string_view text, ScreenPtr screen) = 0;
  /// Puts text that the user has on his screen behind what a file of his has.
  virtual void append(const std::string& file, std::string_view text, ScreenPtr screen) = 0;
  /// The command under way is to end. True: it does so in its own way, and what it still says is
  /// wanted. False: it is to be given up, as if nobody had asked.
  virtual bool end_softly() { return false; }
  /// The command under way is no longer wanted. It may end at once; its screen says cancelled().
  virtual void interrupt() = 0;
  virtual Completion complete(std::string_view line, Trigger trigger) = 0;
  virtual Prompt prompt() const = 0;
  virtual std::string announcement() const { return {}; }  ///< what is said to who comes
  /// Whether the user may call this rpc, with these inputs, without a command line.
  virtual bool may_call(std::string_view rpc, const Input& input) const = 0;
  /// Names the files among the inputs of such a call as the machine does.
  virtual void place_files(std::string_view rpc, Input& input) const = 0;
  /// Is told the body of a reply in pieces; `last` once.
  using Body = std::function<void(std::string_view xml, bool last)>;
  /// An operation of RFC 6241 upon the configuration, of the client with this number. False: it is
  /// none of those.
  virtual bool configuration_rpc(uint32_t client, const Element& operation, Body body) = 0;
};

/// Opens a command line for a client; null: the router knows no such user.
using OpenSession = std::function<std::unique_ptr<Session>(const Terminal&)>;

}  // namespace nezu::mgmt
