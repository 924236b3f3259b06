#pragma once
#include <QTemporaryDir>
#include <map>
#include <string>
#include <vector>

/// strongSwan's charon in a network namespace, with a stand-in for the kernel's XFRM
/// (xfrm_stub.cpp); what it negotiates, authenticates and derives is its own.
namespace nezu::ike {

class Charon {
 public:
  struct Setup {
    std::string connection;                    ///< lines of "conn nezu"
    std::string secrets;                       ///< ipsec.secrets
    std::string options;                       ///< of strongswan.conf, in charon { }
    std::map<std::string, std::string> files;  ///< in /etc/ipsec.d: "cacerts/root.pem"
  };

  /// Runs until the object goes; with its own /run and /etc/ipsec.d.
  Charon(const std::string& name_space, const Setup& setup);
  ~Charon();

  std::string log() const;
  /// Waits for words in the log.
  bool logged(const std::string& words) const;
  /// Runs a command of charon's control program inside.
  std::string control(const std::string& words) const;

 private:
  std::string pid_text() const;
  std::string file(const std::string& name) const;
  void write(const std::string& name, const std::string& text) const;
  std::string read(const std::string& name) const;

  std::string namespace_;
  QTemporaryDir directory_;
};

}  // namespace nezu::ike
