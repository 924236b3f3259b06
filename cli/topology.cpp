#include "cli/topology.h"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <filesystem>
#include <regex>
#include <set>

namespace nezu::cli {
namespace fs = std::filesystem;
namespace {

constexpr size_t kMostNodes = 1000;
constexpr uintmax_t kMostBytes = 4 << 20;
constexpr std::chrono::seconds kLongestDelay{10};
constexpr size_t kDeviceName = 15;  // IFNAMSIZ less the NUL

bool ends_with(const std::string& text, std::string_view end) {
  return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

bool topology_name(const std::string& name) {
  return ends_with(name, ".clab.yml") || ends_with(name, ".clab.yaml") || name == "topology.yml" ||
         name == "topology.yaml";
}

/// Reads one file; every mistake is noted and reading goes on.
class Reader {
 public:
  explicit Reader(const std::string& file) : file_(file) {}

  Topology read() {
    try {
      if (fs::file_size(file_) > kMostBytes) throw fs::filesystem_error("", {});
      read_root(YAML::LoadFile(file_));
    } catch (const YAML::BadFile&) {
      result_.errors.push_back(file_ + ": cannot be read");
    } catch (const fs::filesystem_error&) {
      result_.errors.push_back(file_ + ": cannot be read, or larger than 4 MB");
    } catch (const YAML::Exception& error) {
      result_.errors.push_back(place(error.mark) + ": " + error.msg);
    }
    return std::move(result_);
  }

 private:
  std::string place(const YAML::Mark& mark) const {
    return mark.is_null() ? file_ : file_ + ":" + std::to_string(mark.line + 1);
  }
  void error(const YAML::Node& at, const std::string& words) {
    result_.errors.push_back(place(at.Mark()) + ": " + words);
  }
  void warn(const YAML::Node& at, const std::string& words) {
    result_.warnings.push_back(place(at.Mark()) + ": warning: " + words);
  }

  bool is_map(const YAML::Node& node, const std::string& what) {
    if (node.IsMap()) return true;
    error(node, what + " must be a mapping (key: value)");
    return false;
  }
  bool is_list(const YAML::Node& node, const std::string& what) {
    if (node.IsSequence()) return true;
    error(node, what + " must be a list");
    return false;
  }
  std::string text(const YAML::Node& node, const std::string& what) {
    if (node.IsScalar()) return node.Scalar();
    error(node, what + " must be a single value");
    return "";
  }

  /// Calls `take(key, value)` for what is known, complains of the rest and of doubles.
  template <class Take>
  void each(const YAML::Node& map, const std::string& what, const std::set<std::string>& known,
            const std::set<std::string>& ignored, Take take) {
    if (!is_map(map, what)) return;
    std::set<std::string> seen;
    for (const auto& pair : map) {
      const std::string key = text(pair.first, "a key of " + what);
      if (!seen.insert(key).second)
        error(pair.first, "'" + key + "' is given twice in " + what);
      else if (known.contains(key))
        take(key, pair.second);
      else if (ignored.contains(key))
        warn(pair.first, "'" + key + "' has no effect");
      else
        error(pair.first,
              "'" + key + "' is not known in " + what + " (known: " + list(known) + ")");
    }
  }

  static std::string list(const std::set<std::string>& words) {
    std::string text;
    for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
    return text;
  }

  void read_root(const YAML::Node& root) {
    if (!root || root.IsNull()) {
      result_.errors.push_back(file_ + ": is empty");
      return;
    }
    YAML::Node nodes, links;
    each(root, "the file", {"name", "topology"}, {"prefix", "mgmt"},
         [&](const std::string& key, const YAML::Node& value) {
           if (key == "name")
             read_name(value);
           else
             read_topology_part(value, nodes, links);
         });
    if (result_.name.empty() && result_.errors.empty()) error(root, "'name' is missing");
    if (nodes.IsDefined() && !nodes.IsNull())
      read_nodes(nodes);
    else if (result_.errors.empty())
      error(root, "'topology' has no 'nodes'");
    if (links.IsDefined() && !links.IsNull()) read_links(links);
  }

  void read_name(const YAML::Node& value) {
    result_.name = text(value, "'name'");
    if (!good_name(result_.name))
      error(value, "'" + result_.name +
                       "' cannot be a lab's name (letters, digits, '-', '_', '.'; at most 60)");
  }

  void read_topology_part(const YAML::Node& value, YAML::Node& nodes, YAML::Node& links) {
    each(value, "'topology'", {"nodes", "links"}, {},
         [&](const std::string& key, const YAML::Node& part) {
           (key == "nodes" ? nodes : links).reset(part);
         });
  }

  void read_nodes(const YAML::Node& nodes) {
    if (!is_map(nodes, "'nodes'")) return;
    for (const auto& pair : nodes) {
      const std::string name = text(pair.first, "a node's name");
      if (!good_name(name))
        error(
            pair.first,
            "'" + name + "' cannot be a node's name (letters, digits, '-', '_', '.'; at most 60)");
      else if (result_.nodes.contains(name))
        error(pair.first, "node '" + name + "' is there twice");
      else if (result_.nodes.size() >= kMostNodes)
        return error(pair.first, "more than " + std::to_string(kMostNodes) + " nodes");
      else
        result_.nodes[name] = read_node(name, pair.second);
    }
  }

  TopologyNode read_node(const std::string& name, const YAML::Node& value) {
    TopologyNode node;
    const std::string what = "node '" + name + "'";
    each(value, what, {"kind", "model", "startup-config", "exec"}, {"image"},
         [&](const std::string& key, const YAML::Node& part) {
           if (key == "kind")
             node.kind = read_kind(part);
           else if (key == "model")
             node.model = read_model(part);
           else if (key == "startup-config")
             node.startup_config = read_startup(part);
           else
             read_exec(part, what, node.exec);
         });
    if (value.IsMap() && !value["kind"]) error(value, what + " has no 'kind' (nezu or linux)");
    if (node.kind == "linux" && (!node.model.empty() || !node.startup_config.empty()))
      error(value, what + " is of kind linux: 'model' and 'startup-config' are a router's");
    if (node.kind == "nezu" && node.model.empty()) node.model = "mx304";
    return node;
  }

  std::string read_kind(const YAML::Node& value) {
    std::string kind = text(value, "'kind'");
    if (kind != "nezu" && kind != "linux")
      error(value, "kind '" + kind + "' is not known (nezu or linux)");
    return kind;
  }

  std::string read_model(const YAML::Node& value) {
    std::string model = text(value, "'model'");
    if (model != "mx304") error(value, "model '" + model + "' is not known (mx304)");
    return model;
  }

  std::string read_startup(const YAML::Node& value) {
    const fs::path path = text(value, "'startup-config'");
    const fs::path whole =
        fs::absolute(path.is_absolute() ? path : fs::path(file_).parent_path() / path);
    std::error_code none;
    if (!fs::is_regular_file(whole, none))
      error(value, "startup-config " + path.string() + " is not a file");
    return whole.lexically_normal();
  }

  void read_exec(const YAML::Node& value, const std::string& what, std::vector<std::string>& exec) {
    if (!is_list(value, "'exec' of " + what)) return;
    for (const auto& line : value) exec.push_back(text(line, "a command of " + what));
  }

  void read_links(const YAML::Node& links) {
    if (!is_list(links, "'links'")) return;
    for (const auto& link : links) read_link(link);
  }

  void read_link(const YAML::Node& value) {
    Link link;
    bool whole = false;
    each(value, "a link", {"endpoints", "delay"}, {"mtu"},
         [&](const std::string& key, const YAML::Node& part) {
           if (key == "delay")
             link.delay = read_delay(part);
           else
             whole = read_endpoints(part, link);
         });
    if (whole) result_.links.push_back(link);
  }

  bool read_endpoints(const YAML::Node& ends, Link& link) {
    if (!is_list(ends, "'endpoints'")) return false;
    if (ends.size() != 2) {
      error(ends, "a link has two endpoints, not " + std::to_string(ends.size()));
      return false;
    }
    return read_endpoint(ends[0], link.ends[0]) && read_endpoint(ends[1], link.ends[1]);
  }

  std::chrono::milliseconds read_delay(const YAML::Node& value) {
    static const std::regex kDelay("([1-9][0-9]{0,4})(ms|s)");
    const std::string words = text(value, "'delay'");
    std::smatch parts;
    std::chrono::milliseconds delay{0};
    if (std::regex_match(words, parts, kDelay))
      delay = std::chrono::milliseconds(std::stoi(parts[1]) * (parts[2] == "s" ? 1000 : 1));
    if (delay.count() == 0 || delay > kLongestDelay)
      error(value, "delay '" + words + "' is not a time of 1ms to 10s");
    return delay;
  }

  bool read_endpoint(const YAML::Node& value, Endpoint& end) {
    const std::string words = text(value, "an endpoint");
    const size_t colon = words.find(':');
    const size_t before = result_.errors.size();
    end.node = words.substr(0, colon);
    end.interface = colon == words.npos ? "" : words.substr(colon + 1);
    const auto node = result_.nodes.find(end.node);
    if (end.interface.empty())
      error(value, "endpoint '" + words + "' is not NODE:INTERFACE");
    else if (node == result_.nodes.end())
      error(value, "endpoint '" + words + "': there is no node '" + end.node + "'");
    else if (node->second.kind == "nezu")
      name_port(value, end);
    else
      name_device(value, end);
    if (result_.errors.size() == before && !used_.insert(end.node + ":" + end.device).second)
      error(value, "endpoint '" + words + "' is on two links");
    return result_.errors.size() == before;
  }

  void name_port(const YAML::Node& value, Endpoint& end) {
    static const std::regex kPort("(et|xe|ge)-[0-9]{1,2}/[0-9]{1,2}/[0-9]{1,2}(:[0-9])?");
    if (!std::regex_match(end.interface, kPort))
      return error(value, "'" + end.interface + "' is not a port of a router (et-FPC/PIC/PORT)");
    end.device = end.interface;
    std::replace(end.device.begin(), end.device.end(), '/', '_');
    std::replace(end.device.begin(), end.device.end(), ':', '+');
  }

  void name_device(const YAML::Node& value, Endpoint& end) {
    static const std::regex kDevice("[A-Za-z0-9][A-Za-z0-9_.-]*");
    end.device = end.interface;
    if (!std::regex_match(end.device, kDevice) || end.device.size() > kDeviceName ||
        end.device == "lo")
      error(value,
            "'" + end.interface + "' cannot be a Linux interface name (at most 15 characters)");
  }

  std::string file_;
  Topology result_;
  std::set<std::string> used_;
};

}  // namespace

std::string topology_file(const std::string& path, std::string& error) {
  std::error_code none;
  if (!fs::exists(path, none)) {
    error = path + ": no such file or directory";
    return "";
  }
  if (!fs::is_directory(path, none)) return path;
  std::vector<std::string> found;
  for (const auto& entry : fs::directory_iterator(path, none))
    if (topology_name(entry.path().filename())) found.push_back(entry.path());
  if (found.size() == 1) return found.front();
  error = path + (found.empty() ? ": has no topology (NAME.clab.yml)"
                                : ": has several topologies (*.clab.yml); name one");
  return "";
}

Topology read_topology(const std::string& file) {
  return Reader(file).read();
}

bool good_name(const std::string& name) {
  static const std::regex kName("[A-Za-z0-9][A-Za-z0-9_.-]{0,59}");
  return std::regex_match(name, kName);
}

}  // namespace nezu::cli
