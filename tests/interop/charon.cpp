#include "tests/interop/charon.h"

#include <QDir>
#include <fstream>
#include <sstream>

#include "tests/services/ike/iked_rig.h"
#include "tests/services/ike/output.h"
#include "tests/services/state/loop.h"

namespace nezu::ike {

using state::run_until;

Charon::Charon(const std::string& name_space, const Setup& setup) : namespace_(name_space) {
  write("ipsec.conf", "config setup\nconn nezu\n keyexchange=ikev2\n" + setup.connection +
                          " installpolicy=no\n mobike=no\n");
  write("ipsec.secrets", setup.secrets);
  for (const char* place :
       {"cacerts", "certs", "private", "crls", "aacerts", "ocspcerts", "acerts"})
    QDir(directory_.path()).mkpath(QString("ipsec.d/") + place);
  for (const auto& [name, text] : setup.files) write("ipsec.d/" + name, text);
  write("strongswan.conf",
        "charon {\n load_modular = yes\n install_routes = no\n" + setup.options +
            " filelog {\n log {\n path = " + file("charon.log") +
            "\n default = 1\n ike = 2\n cfg = 2\n flush_line = yes\n }\n }\n plugins {\n include "
            "/etc/strongswan.d/charon/*.conf\n }\n}\n");
  // The wrapper's shell is the session to end; its pid is written first.
  const std::string inside =
      "echo $$ > " + file("pid") +
      "; mount -t tmpfs tmpfs /run; mkdir -p /run/lock; mount --bind " + file("ipsec.conf") +
      " /etc/ipsec.conf; mount --bind " + file("ipsec.secrets") +
      " /etc/ipsec.secrets; mount --bind " + file("ipsec.d") +
      " /etc/ipsec.d; export STRONGSWAN_CONF=" + file("strongswan.conf") +
      "; export LD_PRELOAD=" XFRM_STUB "; exec /usr/lib/ipsec/starter --nofork";
  run("setsid ip netns exec " + name_space + " unshare -m sh -c '" + inside + "' &");
  run_until([this] { return log().find("added configuration 'nezu'") != std::string::npos; },
            15'000);
}

Charon::~Charon() {
  const std::string pid = pid_text();
  if (pid.empty()) return;
  run("kill " + pid);
  run_until([&] { return !run("kill -0 " + pid); }, 5000);
  // starter may have left charon behind: it is the only program in this namespace.
  for (std::istringstream pids(output_of("ip netns pids " + namespace_)); pids;) {
    std::string each;
    if (pids >> each) run("kill -9 " + each);
  }
}

std::string Charon::log() const {
  return read("charon.log");
}

bool Charon::logged(const std::string& words) const {
  return run_until([&] { return log().find(words) != std::string::npos; }, 10'000);
}

std::string Charon::control(const std::string& words) const {
  return output_of("nsenter -t " + pid_text() + " -m -n ipsec stroke " + words);
}

std::string Charon::pid_text() const {
  const std::string text = read("pid");
  return text.substr(0, text.find('\n'));
}

std::string Charon::file(const std::string& name) const {
  return directory_.filePath(QString::fromStdString(name)).toStdString();
}

void Charon::write(const std::string& name, const std::string& text) const {
  std::ofstream(file(name)) << text;
}

std::string Charon::read(const std::string& name) const {
  std::ifstream in(file(name));
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

}  // namespace nezu::ike
