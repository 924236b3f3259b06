#include "services/mgmt/program.h"

#include <QProcess>
#include <QTimer>
#include <memory>
#include <utility>

namespace nezu::mgmt {
namespace {
constexpr int kLookMs = 100;            // how often it is seen whether the user still wants it
constexpr qint64 kLongestLine = 65536;  // more is another line

class RunningProgram : public std::enable_shared_from_this<RunningProgram> {
 public:
  RunningProgram(RunPtr run, Program program)
      : run_(std::move(run)), program_(std::move(program)) {}

  void start() {
    QStringList arguments;
    for (size_t i = 1; i < program_.words.size(); ++i)
      arguments << QString::fromStdString(program_.words[i]);
    const auto self = shared_from_this();
    process_.setProcessChannelMode(QProcess::MergedChannels);
    process_.setStandardInputFile(program_.input.empty() ? QProcess::nullDevice()
                                                         : QString::fromStdString(program_.input));
    QObject::connect(&process_, &QProcess::readyRead, [self] { self->read(); });
    QObject::connect(&process_, &QProcess::finished, [self] { self->finish(); });
    QObject::connect(&process_, &QProcess::errorOccurred, [self](QProcess::ProcessError error) {
      if (error == QProcess::FailedToStart) self->finish();
    });
    QObject::connect(&look_, &QTimer::timeout, [self] {
      if (self->run_ && self->run_->cancelled()) self->process_.kill();
    });
    look_.start(kLookMs);
    process_.start(QString::fromStdString(program_.words.front()), arguments);
  }

 private:
  void read() {
    while (run_ && (process_.canReadLine() || process_.bytesAvailable() >= kLongestLine)) {
      std::string line = process_.readLine(kLongestLine).toStdString();
      line.erase(line.find_last_not_of('\n') + 1);
      if (line = program_.shown(line); !line.empty()) run_->write(line + "\n");
    }
  }

  void finish() {
    read();
    const RunPtr run = std::exchange(run_, nullptr);
    if (!run) return;
    look_.stop();
    const bool fine = process_.error() == QProcess::UnknownError &&
                      process_.exitStatus() == QProcess::NormalExit &&
                      process_.exitCode() <= program_.fine;
    const std::string failed = ended(fine);
    if (!fine)
      run->refuse(program_.failure);
    else
      failed.empty() ? run->done() : run->refuse(failed);
    // Its signals hold it; they may not be cut from within one of them.
    QTimer::singleShot(0, [self = shared_from_this()] {
      self->process_.disconnect();
      self->look_.disconnect();
    });
  }

  // What it holds goes before the user can look.
  std::string ended(bool fine) {
    const auto told = std::exchange(program_.ended, nullptr);
    return told ? told(fine) : "";
  }

  RunPtr run_;
  Program program_;
  QProcess process_;
  QTimer look_;
};
}  // namespace

void run_program(const RunPtr& run, Program program) {
  std::make_shared<RunningProgram>(run, std::move(program))->start();
}

}  // namespace nezu::mgmt
