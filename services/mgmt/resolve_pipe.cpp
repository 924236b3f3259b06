#include "services/mgmt/resolve_pipe.h"

#include <arpa/inet.h>

#include <fstream>
#include <sstream>

namespace nezu::mgmt {
namespace {

// An address as inet_ntop writes it; "" if it is none.
std::string canonical(const std::string& text) {
  unsigned char bytes[16];
  char out[INET6_ADDRSTRLEN];
  for (const int family : {AF_INET, AF_INET6})
    if (inet_pton(family, text.c_str(), bytes) == 1)
      return inet_ntop(family, bytes, out, sizeof out);
  return "";
}

bool is_of_address(char byte) {
  return isxdigit(static_cast<unsigned char>(byte)) || byte == '.' || byte == ':';
}

// What may stand beside an address without being of the same word.
bool is_of_word(char byte) {
  return isalnum(static_cast<unsigned char>(byte)) || byte == '-' || byte == '_';
}

class Resolve : public LineFilter {
 public:
  Resolve(std::unique_ptr<Filter> next, HostTable hosts, bool full_names)
      : LineFilter(std::move(next)), hosts_(std::move(hosts)), full_names_(full_names) {}

 protected:
  void line(std::string_view line) override {
    std::string out;
    for (size_t at = 0; at < line.size();) {
      size_t end = at;
      while (end < line.size() && is_of_address(line[end])) ++end;
      if (end == at) {
        out += line[at++];
        continue;
      }
      const bool alone =
          (at == 0 || !is_of_word(line[at - 1])) && (end == line.size() || !is_of_word(line[end]));
      out += alone ? name_or(std::string(line.substr(at, end - at)))
                   : std::string(line.substr(at, end - at));
      at = end;
    }
    pass(out);
  }

 private:
  std::string name_or(const std::string& text) const {
    // "10.0.0.1:" and "10.0.0.1.": the mark at the end is the sentence's.
    const size_t size = text.find_last_not_of(".:") + 1;
    const bool colons = text.ends_with("::");
    const std::string address = colons ? text : text.substr(0, size);
    std::string name = hosts_.name_of(address);
    if (name.empty()) return text;
    if (!full_names_) name.resize(std::min(name.find('.'), name.size()));
    return name + text.substr(address.size());
  }

  HostTable hosts_;
  bool full_names_;
};
}  // namespace

HostTable HostTable::read(const std::string& path) {
  HostTable table;
  std::ifstream in(path);
  std::string line;
  for (size_t used = 0; used < kMost && std::getline(in, line); used += line.size()) {
    std::istringstream words(line.substr(0, line.find('#')));
    std::string address, name;
    if (words >> address >> name && !canonical(address).empty())
      table.names_.emplace(canonical(address), name);
  }
  return table;
}

std::string HostTable::name_of(const std::string& address) const {
  const auto found = names_.find(canonical(address));
  return found == names_.end() ? "" : found->second;
}

std::unique_ptr<Filter> resolve_filter(HostTable hosts, bool full_names,
                                       std::unique_ptr<Filter> next) {
  return std::make_unique<Resolve>(std::move(next), std::move(hosts), full_names);
}

}  // namespace nezu::mgmt
