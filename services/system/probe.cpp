#include "services/system/probe.h"

#include <fmt/format.h>

#include <QProcess>
#include <QTimer>
#include <csignal>
#include <cstdlib>
#include <functional>
#include <regex>

namespace nezu::system {
namespace {

using mgmt::Input;
using ReplyPtr = std::shared_ptr<mgmt::Reply>;
using Words = std::vector<std::string>;
using LineText = std::function<std::optional<std::string>(const std::string&)>;

constexpr int kLookMs = 100;               // how often the reader is looked for
constexpr qint64 kMaxLine = 4096;          // a line of the program; more is cut
constexpr char kRapidInterval[] = "0.01";  // seconds

std::string value(const Input& input, std::string_view name) {
  const auto it = input.find(name);
  return it == input.end() ? "" : it->second;
}

// An option of the program for each argument that is there.
void translate(const Input& input, std::initializer_list<std::pair<const char*, const char*>> table,
               Words& words) {
  for (const auto& [name, option] : table) {
    const auto it = input.find(name);
    if (it == input.end()) continue;
    words.emplace_back(option);
    if (!it->second.empty()) words.push_back(it->second);
  }
}

std::string without_end(const QByteArray& line) {
  std::string text = line.toStdString();
  text.erase(text.find_last_not_of(" \r\n") + 1);
  return text;
}

/// A running program and whoever reads it.
class Probe : public std::enable_shared_from_this<Probe> {
 public:
  Probe(ReplyPtr reply, LineText text) : reply_(std::move(reply)), text_(std::move(text)) {}

  void start(const Words& words) {
    QStringList arguments;
    for (size_t i = 1; i < words.size(); ++i) arguments << QString::fromStdString(words[i]);
    process_.setProcessChannelMode(QProcess::MergedChannels);
    const auto self = shared_from_this();
    QObject::connect(&process_, &QProcess::readyRead, [self] { self->read(); });
    QObject::connect(&process_, &QProcess::finished, [self] { self->finish(); });
    QObject::connect(&process_, &QProcess::errorOccurred, [self](QProcess::ProcessError error) {
      if (error == QProcess::FailedToStart) self->finish("the program is not installed");
    });
    QObject::connect(&look_, &QTimer::timeout, [self] {
      if (self->reply_ && self->reply_->cancelled()) self->process_.kill();
    });
    look_.start(kLookMs);
    // The programs print what they know when ^C ends them.
    reply_->on_interrupt([weak = weak_from_this()] {
      const auto probe = weak.lock();
      if (probe && probe->process_.processId() > 0)
        ::kill(static_cast<pid_t>(probe->process_.processId()), SIGINT);
    });
    process_.start(QString::fromStdString(words.front()), arguments);
  }

 private:
  void read() {
    while (process_.canReadLine()) show(without_end(process_.readLine(kMaxLine)));
  }

  void show(const std::string& line) {
    if (const auto text = text_(line); text && reply_) reply_->message(*text);
  }

  void finish(const char* problem = nullptr) {
    const ReplyPtr reply = std::exchange(reply_, nullptr);
    if (!reply) return;
    look_.stop();
    problem ? reply->fail(problem) : reply->finish();
    // Its signals hold it; they may not be cut from within one of them.
    QTimer::singleShot(0, [self = shared_from_this()] {
      self->process_.disconnect();
      self->look_.disconnect();
    });
  }

  ReplyPtr reply_;
  LineText text_;
  QProcess process_;
  QTimer look_;
};

std::string replaced(const std::string& line, const char* pattern, const char* by) {
  return std::regex_replace(line, std::regex(pattern), by);
}

constexpr size_t kRapidCount = 5;

size_t rapid_count(const Input& input) {
  const std::string count = value(input, "count");
  return count.empty() ? kRapidCount : std::strtoull(count.c_str(), nullptr, 10);
}

LineText ping_text(const Input& input) {
  if (!input.contains("rapid")) return ping_line;
  return RapidPing(rapid_count(input));
}

}  // namespace

std::vector<std::string> ping_command(const Input& input) {
  Words words = {"ping", "-n"};
  translate(input,
            {{"count", "-c"},
             {"size", "-s"},
             {"ttl", "-t"},
             {"interval", "-i"},
             {"source", "-I"},
             {"inet", "-4"},
             {"inet6", "-6"}},
            words);
  if (input.contains("do-not-fragment")) words.insert(words.end(), {"-M", "do"});
  if (input.contains("rapid")) {
    words.insert(words.end(), {"-i", kRapidInterval});
    if (!input.contains("count")) words.insert(words.end(), {"-c", std::to_string(kRapidCount)});
  }
  words.insert(words.end(), {"--", value(input, "host")});
  return words;
}

std::vector<std::string> traceroute_command(const Input& input) {
  Words words = {"traceroute"};
  translate(input,
            {{"no-resolve", "-n"},
             {"source", "-s"},
             {"ttl", "-m"},
             {"wait", "-w"},
             {"inet", "-4"},
             {"inet6", "-6"}},
            words);
  words.insert(words.end(), {"--", value(input, "host")});
  return words;
}

namespace {
// "HOST: why", of a name that is no address; the program may say its own name first.
std::optional<std::string> unknown_host(const std::string& line) {
  static const std::regex kUnknown(
      R"(^(?:\S*ping: )?(\S+): (Temporary failure in name resolution|Name or service not known|)"
      R"(No address associated with hostname|Address family for hostname not supported)$)");
  std::smatch match;
  if (!std::regex_match(line, match, kUnknown)) return std::nullopt;
  return match.str(1) +
         (match.str(2).starts_with("Temporary") ? ": Host name lookup failure" : ": Unknown host");
}
}  // namespace

// Its second line about a name says how it reads its arguments.
std::optional<std::string> traceroute_line(const std::string& line) {
  if (line.starts_with("Cannot handle \"host\"")) return std::nullopt;
  if (const auto unknown = unknown_host(line))
    return "traceroute: unknown host " + unknown->substr(0, unknown->find(": "));
  return line;
}

std::optional<std::string> ping_line(const std::string& line) {
  static const std::regex kHead(
      R"(^PING (\S+?) ?\((\S+)\) (?:from (\S+).*?: )?(\d+)(\(\d+\))? .*)");
  static const std::regex kAnswer(R"(^(\d+ bytes from \S+ icmp_seq=)(\d+)( .*)$)");
  std::smatch match;
  if (std::regex_match(line, match, kHead))
    return fmt::format("PING {} ({}): {} data bytes", match.str(1), match.str(2), match.str(4));
  if (std::regex_match(line, match, kAnswer))
    return fmt::format("{}{}{}", match.str(1), std::atoll(match.str(2).c_str()) - 1, match.str(3));
  if (line.find(" packets transmitted, ") != line.npos)
    return replaced(
        replaced(replaced(line, R"((\d+) received)", "$1 packets received"), ", time .*", ""),
        R"( \+\d+ errors,)", "");
  if (line.rfind("rtt ", 0) == 0)
    return replaced(replaced(line, "^rtt min/avg/max/mdev", "round-trip min/avg/max/stddev"),
                    "ms, .*", "ms");
  if (const auto unknown = unknown_host(line)) return "ping: cannot resolve " + *unknown;
  if (line.find("ping: local error: message too long") != line.npos)
    return "ping: sendto: Message too long";
  if (line.find("ping: ") != line.npos)
    return replaced(replaced(line, "^.*ping: (connect|sendmsg|sendto): ", "ping: sendto: "),
                    "Network is unreachable", "No route to host");
  return line;
}

std::optional<std::string> RapidPing::operator()(const std::string& line) {
  if (line.find(" bytes from ") != line.npos) return ++answers_, std::nullopt;
  if (line.empty() && answers_ + asked_ > 0) return std::nullopt;
  if (line.rfind("--- ", 0) != 0) return ping_line(line);
  const std::string lost(asked_ > answers_ ? asked_ - answers_ : 0, '.');
  return std::string(answers_, '!') + lost + "\n" + line;
}

void add_probes(mgmt::Registry& registry) {
  registry.add({"ping",
                [](const Input& input, const ReplyPtr& reply) {
                  std::make_shared<Probe>(reply, ping_text(input))->start(ping_command(input));
                },
                [](const Input&) -> const grammar::Layout* { return nullptr; }});
  registry.add({"traceroute",
                [](const Input& input, const ReplyPtr& reply) {
                  std::make_shared<Probe>(reply, traceroute_line)->start(traceroute_command(input));
                },
                [](const Input&) -> const grammar::Layout* { return nullptr; }});
}

}  // namespace nezu::system
