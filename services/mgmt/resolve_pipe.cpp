#include "services/mgmt/resolve_pipe.h"

#include <arpa/inet.h>

#include <QTimer>
#include <deque>
#include <optional>

namespace nezu::mgmt {
namespace {
using Clock = std::chrono::steady_clock;

constexpr size_t kMostHeld = 1 << 20;           // bytes of lines that wait for names
constexpr std::chrono::milliseconds kLook{20};  // between two looks at what is known

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
  Resolve(std::shared_ptr<Resolver> resolver, bool full_names, std::unique_ptr<Filter> next,
          std::chrono::milliseconds longest)
      : LineFilter(std::move(next)),
        resolver_(std::move(resolver)),
        full_names_(full_names),
        longest_(longest) {
    QObject::connect(&timer_, &QTimer::timeout, &timer_, [this] { give_known(); });
  }

 protected:
  void line(std::string_view line) override {
    waiting_.emplace_back(line);
    bytes_ += line.size();
    // A line that waits for nothing goes on at once.
    give_known();
  }
  bool finish() override {
    ended_ = true;
    return waiting_.empty();
  }

 private:
  // Lines from the front whose names are known, or have been waited for long enough.
  void give_known() {
    while (!waiting_.empty()) {
      const bool late = bytes_ > kMostHeld || (began_ && Clock::now() - *began_ >= longest_);
      const auto resolved = with_names(waiting_.front(), late);
      if (!resolved) return wait();
      bytes_ -= waiting_.front().size();
      waiting_.pop_front();
      pass(*resolved);
    }
    timer_.stop();
    if (ended_) pass_end();
  }

  void wait() {
    if (!began_) began_ = Clock::now();
    if (!timer_.isActive()) timer_.start(kLook);
  }

  // nullopt: a name is not known yet. `late`: it is done without then.
  std::optional<std::string> with_names(std::string_view line, bool late) {
    std::string out;
    bool all = true;
    for (size_t at = 0; at < line.size();) {
      size_t end = at;
      while (end < line.size() && is_of_address(line[end])) ++end;
      if (end == at) {
        out += line[at++];
        continue;
      }
      const bool alone =
          (at == 0 || !is_of_word(line[at - 1])) && (end == line.size() || !is_of_word(line[end]));
      const std::string text(line.substr(at, end - at));
      const auto name = alone ? name_or(text) : text;
      all = all && name;
      out += name.value_or(text);
      at = end;
    }
    return all || late ? std::optional(out) : std::nullopt;
  }

  std::optional<std::string> name_or(const std::string& text) {
    // "10.0.0.1:" and "10.0.0.1.": the mark at the end is the sentence's.
    const size_t size = text.find_last_not_of(".:") + 1;
    const bool colons = text.ends_with("::");
    const std::string address = colons ? text : text.substr(0, size);
    const std::string known_as = canonical(address);
    if (known_as.empty()) return text;
    auto name = resolver_->name_of(known_as);
    if (!name || name->empty()) return name ? std::optional(text) : std::nullopt;
    if (!full_names_) name->resize(std::min(name->find('.'), name->size()));
    return *name + text.substr(address.size());
  }

  std::shared_ptr<Resolver> resolver_;
  bool full_names_;
  std::chrono::milliseconds longest_;
  std::optional<Clock::time_point> began_;  ///< when the first line had to wait
  QTimer timer_;
  std::deque<std::string> waiting_;
  size_t bytes_ = 0;  ///< of what waits
  bool ended_ = false;
};
}  // namespace

std::unique_ptr<Filter> resolve_filter(std::shared_ptr<Resolver> resolver, bool full_names,
                                       std::unique_ptr<Filter> next,
                                       std::chrono::milliseconds longest) {
  return std::make_unique<Resolve>(std::move(resolver), full_names, std::move(next), longest);
}

}  // namespace nezu::mgmt
