#include "configdb/revision.h"

#include "configdb/sqlite.h"

namespace nezu::configdb {

using sqlite::crc32;

uint32_t checksum(const Revision& revision, bool whole, std::string_view content) {
  const std::string head = std::to_string(revision.number) + '\n' + std::to_string(revision.time) +
                           '\n' + revision.user + '\n' + revision.via + '\n' + revision.comment +
                           '\n' + (whole ? "1" : "0");
  return crc32(crc32(0, head), content);
}

uint32_t checksum(uint64_t step, uint64_t revision, std::string_view content) {
  return crc32(crc32(0, std::to_string(step) + '\n' + std::to_string(revision)), content);
}

uint32_t checksum(std::string_view item, std::string_view content) {
  return crc32(crc32(0, std::string(item) + '\n'), content);
}

}  // namespace nezu::configdb
