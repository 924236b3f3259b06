#pragma once
#include <filesystem>
#include <string>

namespace nezu::mgmt {

/// Where the files are that one user's commands read and write. The router opens them with its own
/// rights, so it is here that his are kept: a super-user on the machine itself has the whole of it,
/// everybody else what is below his home, /var/home/USER, where no link is followed.
class UserFiles {
 public:
  /// `homes`: the directory of the machine that users see as /var/home; "": nobody has a home.
  UserFiles(std::string homes, std::string user, bool everything);

  /// Where his relative names begin if he stands in `directory`.
  std::string directory(const std::string& directory) const;

  /// Where he then stands, as he sees it.
  std::string stand_in(const std::string& directory, const std::string& name) const;

  struct Place {
    std::string path;   ///< as the machine has it
    std::string error;  ///< "permission denied: NAME", "" if he may use it
  };
  /// A file as he names it, standing in `directory`. Makes his home if it is not there.
  Place find(const std::string& directory, const std::string& name) const;

 private:
  bool has_home() const;
  std::string real(const std::filesystem::path& seen) const;
  std::string of_a_home(const std::filesystem::path& seen) const;
  bool has_link(const std::string& path) const;

  std::string homes_, user_;
  bool everything_;
};

}  // namespace nezu::mgmt
