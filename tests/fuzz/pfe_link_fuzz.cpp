// What the RE hears from a forwarding plane that has gone mad.
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <QCoreApplication>
#include <cstring>

#include "chassis/pfe_link.h"
#include "pfe-model/api.pb.h"

using namespace nezu;

namespace {

/// The plane's end: a socket that the link connects to.
class Plane {
 public:
  Plane() : path_("/tmp/nezu-fuzz-link-" + std::to_string(::getpid())) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, path_.c_str(), sizeof address.sun_path - 1);
    ::unlink(path_.c_str());
    listener_ = ::socket(AF_UNIX, SOCK_STREAM, 0);
    ::bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address);
    ::listen(listener_, 16);
  }
  ~Plane() {
    ::close(listener_);
    ::unlink(path_.c_str());
  }
  const std::string& path() const { return path_; }
  int accept() const { return ::accept(listener_, nullptr, nullptr); }

 private:
  std::string path_;
  int listener_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static int count = 0;
  static QCoreApplication application(count, nullptr);
  static const Plane plane;
  if (size > 65536) return 0;
  chassis::Forwarding forwarding;
  forwarding.subscribe([](const pfe::api::Event& event) { (void)event.ByteSizeLong(); });
  chassis::PfeLink link(plane.path(), forwarding);
  link.on_error = [](const std::string&) {};
  link.start();
  if (!link.connected()) return 0;
  pfe::api::GetStatistics wanted;
  link.statistics(wanted, [](const pfe::api::Statistics* statistics) {
    if (statistics != nullptr) (void)statistics->ByteSizeLong();
  });
  const int socket = plane.accept();
  const size_t half = size / 2;
  (void)!::send(socket, data, half, MSG_DONTWAIT | MSG_NOSIGNAL);
  QCoreApplication::processEvents();
  (void)!::send(socket, data + half, size - half, MSG_DONTWAIT | MSG_NOSIGNAL);
  QCoreApplication::processEvents();
  ::close(socket);
  QCoreApplication::processEvents();
  return 0;
}
