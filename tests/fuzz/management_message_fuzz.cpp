// Framing and XML of the management socket: the first byte says in which framing and in what
// pieces the rest comes. Whatever is written must come back as it was.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "services/mgmt/framing.h"
#include "services/mgmt/message.h"

using namespace nezu::mgmt;

namespace {
void read_back(const std::string& text) {
  XmlReader reader;
  reader.feed("<a>" + xml_escape(text) + "</a>");
  for (auto event = reader.next(); event != XmlReader::Event::kDone; event = reader.next())
    if (event == XmlReader::Event::kError || event == XmlReader::Event::kNeedMore) abort();
}
}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  if (size == 0) return 0;
  const size_t step = 1 + (bytes[0] >> 1);
  const std::string_view stream(reinterpret_cast<const char*>(bytes) + 1, size - 1);
  Unframer unframer(1 << 16);
  if (bytes[0] & 1) unframer.expect(Framing::kChunked);
  MessageReader message;
  for (size_t at = 0; at < stream.size(); at += step) {
    std::string_view input = stream.substr(at, step), data;
    for (auto event = Unframer::Event::kData; event != Unframer::Event::kNeedMore;) {
      event = unframer.next(input, data);
      if (event == Unframer::Event::kData) message.feed(data);
      if (event == Unframer::Event::kEnd) {
        if (message.finish()) read_back(message.root().text);
        message.reset();
      }
      if (event == Unframer::Event::kError) return 0;
    }
  }
  read_back(std::string(stream));
  return 0;
}
