#include "services/mgmt/file_pipes.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace nezu::mgmt {
namespace {
constexpr size_t kPiece = 65536;

class ToFile : public Filter {
 public:
  ToFile(int file, std::string name, bool pass, std::unique_ptr<Filter> next)
      : file_(file), name_(std::move(name)), pass_(pass), next_(std::move(next)) {}
  ~ToFile() override {
    if (file_ >= 0) close(file_);
  }

  void write(std::string_view text) override {
    if (pass_) next_->write(text);
    lines_ += static_cast<size_t>(std::count(text.begin(), text.end(), '\n'));
    if (!text.empty()) open_line_ = text.back() != '\n';
    held_ += text;
    if (held_.size() >= kPiece) put();
  }

  void remark(std::string_view text) override { next_->remark(text); }
  void end() override {
    put();
    if (close(file_) != 0 && error_ == 0) error_ = errno;
    file_ = -1;
    next_->remark(error_ ? "error: could not write file '" + name_ + "': " + strerror(error_) + "\n"
                         : "Wrote " + std::to_string(lines_ + open_line_) +
                               " lines of output to '" + name_ + "'\n");
    next_->end();
  }

 private:
  // After an error the rest is not kept.
  void put() {
    std::string_view rest = held_;
    while (!rest.empty() && error_ == 0) {
      const ssize_t done = ::write(file_, rest.data(), rest.size());
      if (done < 0 && errno != EINTR) error_ = errno;
      if (done > 0) rest.remove_prefix(static_cast<size_t>(done));
    }
    held_.clear();
  }

  int file_;
  std::string name_;
  bool pass_;
  std::unique_ptr<Filter> next_;
  std::string held_;
  size_t lines_ = 0;
  bool open_line_ = false;
  int error_ = 0;
};

FilterError cannot_open(const std::string& name, int error) {
  return {"could not open file '" + name + "': " + strerror(error)};
}
}  // namespace

std::variant<std::unique_ptr<Filter>, FilterError> file_filter(std::string_view word,
                                                               const std::string& name,
                                                               const std::string& path,
                                                               std::unique_ptr<Filter> next) {
  // Without O_TRUNC and without waiting: what is there may be no file that should be emptied.
  const int flags =
      O_WRONLY | O_CREAT | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | (word == "append" ? O_APPEND : 0);
  const int file = open(path.c_str(), flags, 0600);
  if (file < 0) return cannot_open(name, errno);
  struct stat status {};
  const bool regular = fstat(file, &status) == 0 && S_ISREG(status.st_mode);
  int error = regular ? 0 : EINVAL;
  if (regular && word != "append" && ftruncate(file, 0) != 0) error = errno;
  if (error == 0) return std::make_unique<ToFile>(file, name, word == "tee", std::move(next));
  close(file);
  return cannot_open(name, error);
}

}  // namespace nezu::mgmt
