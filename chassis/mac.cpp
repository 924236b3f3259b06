#include "chassis/mac.h"

#include <sys/random.h>

#include <cstdio>
#include <fstream>

namespace nezu::chassis {
namespace {

bool read(const std::string& file, Mac& mac) {
  std::ifstream in(file);
  std::string line;
  std::getline(in, line);
  unsigned octets[6];
  if (std::sscanf(line.c_str(), "%2x:%2x:%2x:%2x:%2x:%2x", &octets[0], &octets[1], &octets[2],
                  &octets[3], &octets[4], &octets[5]) != 6)
    return false;
  for (size_t i = 0; i < mac.size(); ++i) mac[i] = static_cast<uint8_t>(octets[i]);
  return (mac[0] & 0x01) == 0;
}

}  // namespace

std::string text(const Mac& mac) {
  char words[18];
  std::snprintf(words, sizeof words, "%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2],
                mac[3], mac[4], mac[5]);
  return words;
}

Mac machine_mac(const std::string& file, std::string& error) {
  Mac mac{};
  if (read(file, mac)) return mac;
  if (::getrandom(mac.data(), mac.size(), 0) != static_cast<ssize_t>(mac.size()))
    error = "no random numbers";
  mac[0] = static_cast<uint8_t>((mac[0] | 0x02) & ~0x01);
  mac[5] = 0;
  std::ofstream out(file);
  if (!(out << text(mac) << '\n').flush()) error = file + " cannot be written";
  return mac;
}

}  // namespace nezu::chassis
