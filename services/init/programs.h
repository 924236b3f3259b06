#pragma once
#include <sys/types.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

/// The programs of a router: started, restarted with back-off, logged in bounded files.
namespace nezu::init {

struct Program {
  const char* name;
  std::vector<std::string> command;
  uint64_t capabilities = ~0ull;  ///< mask; what it may not have it cannot gain
  bool memory = false;            ///< gets a memfd as kMemoryDescriptor
  const char* follows = nullptr;  ///< started after that one, and again with it
  const char* awaits = nullptr;   ///< started once this file exists; without follows: or in time

  pid_t pid = 0;  ///< 0: not running
  int memory_descriptor = -1;
  const char* boot_files = nullptr;  ///< directory of what it keeps until the router is rebooted
  bool forgets = false;              ///< its next start gets new memory, and no boot files
  int log_pipe = -1;                 ///< its stdout and stderr
  int64_t started_ms = 0;
  int64_t start_at_ms = 0;  ///< when it is next due, if it is not running
  int64_t kill_at_ms = 0;   ///< when SIGTERM becomes SIGKILL; 0: never
  int failures = 0;         ///< short lives in a row
  int waits = 0;            ///< for the awaited file
};

class Programs {
 public:
  /// `re_arguments` are nezu-re's own, after --run.
  explicit Programs(const std::vector<std::string>& re_arguments);

  /// Starts, and kills, what is due. Returns how long to sleep until the next is, -1 for ever.
  int run(int64_t now_ms);
  /// Takes note of every child that has ended.
  void reap(int64_t now_ms);
  /// 0, or ENOENT.
  int restart(std::string_view name, int64_t now_ms);
  /// Restarts all, in a moment: who asked has told its own client by then. Each begins with new
  /// memory. 0.
  int reboot(int64_t now_ms);
  /// Moves what the program wrote into /run/nezu/log/NAME.log.
  void drain(Program& program);

  std::vector<Program>& all() { return programs_; }

 private:
  Program* find(std::string_view name);
  bool may_start(Program& program, int64_t now_ms);
  void start(Program& program, int64_t now_ms);
  void renew_memory(Program& program);
  void reboot_all(int64_t now_ms);
  void ended(Program& program, int status, int64_t now_ms);

  std::vector<Program> programs_;
  int64_t reboot_at_ms_ = 0;  ///< 0: none is due
};

}  // namespace nezu::init
