#pragma once
#include <string>
#include <vector>

/// `nezu lab`: labs of emulated routers and plain hosts on this machine.
namespace nezu::cli {

/// up, down, list and check, by the first word.
int lab(const std::vector<std::string>& arguments);

struct UpOptions {
  int ready_seconds = 60;  ///< how long a router may take; 0: it is not waited for
};
int lab_up(const std::string& path, const UpOptions& options);

/// Ends the lab and removes all of it, in whatever state it is; `keep`: but the configuration
/// databases.
int lab_down(const std::string& lab, bool keep);
int lab_list();
/// Runs the rows of checks.yaml, or of checks-VARIANT.yaml; 1 if one does not hold.
int lab_check(const std::string& path, const std::string& variant);

}  // namespace nezu::cli
