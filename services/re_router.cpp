#include "services/re_router.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <QCoreApplication>
#include <QTimer>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "chassis/chassis.h"
#include "chassis/interface_table.h"
#include "chassis/mac.h"
#include "chassis/pfe_link.h"
#include "configdb/database.h"
#include "configdb/machine.h"
#include "configdb/secrets.h"
#include "configdb/session.h"
#include "grammar/schema.h"
#include "services/chassis/service.h"
#include "services/chassis/show_trace.h"
#include "services/chassis/unified_services.h"
#include "services/ike/engine/service.h"
#include "services/interfaces/link_traps.h"
#include "services/interfaces/service.h"
#include "services/interfaces/show.h"
#include "services/mgmt/cli_session.h"
#include "services/mgmt/commit_timer.h"
#include "services/mgmt/server.h"
#include "services/routing/routing.h"
#include "services/state/server.h"
#include "services/system/boot.h"
#include "services/system/log.h"
#include "services/system/messages.h"
#include "services/system/processes.h"
#include "services/system/service.h"
#include "services/system/show.h"
#include "services/system/storage.h"
#include "services/system/users.h"

namespace nezu::re {
namespace {

constexpr char kStartup[] = "startup-config";
// A first commit finds the daemons there; one that does not start keeps nobody out.
constexpr std::chrono::milliseconds kPatience{2'000};

void log(const std::string& text) {
  fmt::print(stderr, "nezu-re: {}\n", text);
}

// What iked wants in for the far ends of its traffic selectors.
routing::StaticRoutes selector_routes(const state::Tables& tables) {
  routing::StaticRoutes routes;
  for (const auto& row : tables.rows("selector-route")) {
    const auto& [prefix, interface] = std::pair(row.route().prefix(), row.route().interface());
    routing::StaticRoute& route = routes[prefix];
    route.inet6 = prefix.find(':') != prefix.npos;
    route.table = route.inet6 ? "inet6.0" : "inet.0";
    route.preference = row.route().preference();
    if (row.route().metric()) route.metric = row.route().metric();
    route.next_hops.push_back({interface, route.preference});
  }
  return routes;
}

std::string read_file(const std::string& path, std::string& error) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  if (!in) error = path + " cannot be read";
  return text.str();
}

// Set form begins with a set line; anything else is taken for braces.
bool is_set_form(std::string_view text) {
  std::istringstream in{std::string(text)};
  for (std::string line; std::getline(in, line);) {
    const size_t word = line.find_first_not_of(" \t\r");
    if (word == std::string::npos || line[word] == '#') continue;
    for (const char* verb : {"set ", "delete ", "deactivate "})
      if (line.compare(word, std::char_traits<char>::length(verb), verb) == 0) return true;
    return false;
  }
  return true;
}

}  // namespace

// What was taken offline by hand stays so while the machine runs, also over a death of this
// process; the file goes with a reboot.
void keep_offline_slots(chassis::Chassis& machine, const std::string& file) {
  std::ifstream in(file);
  for (std::string slot; in >> slot;) {
    unsigned fpc = 0, pic = 0;
    const int numbers = std::sscanf(slot.c_str(), "%u/%u", &fpc, &pic);
    if (numbers == 2) machine.take_pic_offline(fpc, pic);
    if (numbers == 1 && machine.has_fpc(fpc)) machine.take_offline(fpc);
  }
  machine.watch([&machine, file] {
    std::ofstream out(file, std::ios::trunc);
    for (uint32_t fpc = 0; fpc < machine.model().fpcs.size(); ++fpc)
      if (machine.fpc_state(fpc) == chassis::SlotState::kOffline)
        out << fpc << '\n';
      else
        for (uint32_t pic = 0; pic < machine.model().fpcs[fpc].pics.size(); ++pic)
          if (machine.pic_state(fpc, pic) == chassis::SlotState::kOffline)
            out << fpc << '/' << pic << '\n';
  });
}

// Where a text has errors. What is wrong may quote a key, and is not for the log.
void log_places(const std::string& problems) {
  std::istringstream in(problems);
  for (std::string line; std::getline(in, line);)
    if (const size_t end = line.find(") "); line.starts_with(kStartup) && end != std::string::npos)
      log(line.substr(0, end + 1) + " error");
}

system::LoginPlaces login_places(const std::string& data) {
  system::LoginPlaces places;
  places.host_keys = data + "/ssh";
  std::error_code none;
  const auto program = std::filesystem::read_symlink("/proc/self/exe", none);
  places.command_line = (program.parent_path() / "nezu").string();
  return places;
}

/// The alarm about the startup configuration is over when something was committed.
class StartupAlarm final : public configdb::Service {
 public:
  explicit StartupAlarm(chassis::Chassis& machine) : machine_(machine) {}
  std::string_view name() const override { return "startup"; }
  std::vector<std::string> claims() const override { return {}; }
  void check(const configdb::Delta&, std::function<void(configdb::Problems)> done) override {
    done({});
  }
  void apply(const configdb::Delta&, std::function<void()> done) override {
    machine_.clear_alarm("startup");
    machine_.clear_alarm("configuration");
    done();
  }

 private:
  chassis::Chassis& machine_;
};

/// In the order of their making; each stands on those above it.
struct Router::Parts {
  explicit Parts(Options wanted)
      : options(std::move(wanted)), link(options.run + "/pfe.sock", forwarding) {}

  std::string open();
  std::string open_database();
  void make_services(const chassis::ChassisModel& model, const chassis::Mac& mac);
  void add_commands(const chassis::Mac& mac);
  std::string add_services();
  std::string listen();
  std::vector<system::LoggedIn> logged_in() const;
  void boot();
  void commit_startup();
  void refuse_startup(const std::string& why);
  void booted();
  bool reboot();
  void serve();

  Options options;
  std::function<void()> ready;
  chassis::Forwarding forwarding;
  chassis::PfeLink link;
  chassis_service::PlaneLoad load{"nezu-pfe"};
  std::unique_ptr<chassis::InterfaceTable> table;
  std::unique_ptr<chassis_service::UnifiedServices> unified;
  std::unique_ptr<chassis::Chassis> machine;
  std::unique_ptr<interfaces::InitClient> init;
  state::Server state;
  std::unique_ptr<system::Messages> messages;  // before those who speak to the last
  std::unique_ptr<configdb::Database> database;
  std::unique_ptr<mgmt::CommitTimer> commit_timer;
  std::string notice;  ///< what was amiss with the stored configuration

  std::unique_ptr<system::SystemService> system;
  std::unique_ptr<chassis_service::ChassisService> chassis_service;
  std::unique_ptr<interfaces::InterfacesService> interfaces;
  interfaces::LinkTraps link_traps;
  std::unique_ptr<routing::Routing> routing;
  QTimer changed_routes;
  std::unique_ptr<StartupAlarm> startup_alarm;
  system::Boot this_boot;

  std::shared_ptr<const grammar::Schema> schema;
  mgmt::Registry registry;
  std::unique_ptr<mgmt::Router> commands;
  std::unique_ptr<mgmt::Server> management;
};

std::string Router::Parts::open() {
  const chassis::ChassisModel* model = chassis::find_model(options.model);
  if (!model) return "unknown chassis model '" + options.model + "'";
  std::string error;
  const chassis::Mac mac = chassis::machine_mac(options.data + "/mac-address", error);
  if (!error.empty()) return error;
  schema = grammar::Schema::open(grammar::schema_file());
  configdb::this_machine().model = model->name;
  configdb::this_machine().routing_engines = model->routing_engines;
  if (error = open_database(); !error.empty()) return error;
  make_services(*model, mac);
  std::string problem = add_services();
  if (problem.empty()) add_commands(mac);  // of services that are there
  return problem;
}

std::string Router::Parts::open_database() {
  this_boot = system::boot_of(options.run + "/boot");
  configdb::name_boot(this_boot.name);
  auto opened = configdb::Database::open_or_salvage(options.data + "/configuration.db", schema);
  if (!opened.database) return opened.error;
  database = std::move(opened.database);
  messages = std::make_unique<system::Messages>(options.run + "/log", [this] {
    return database->effective()["system"]["host-name"].value();
  });
  database->set_recorder(
      [this](std::string_view tag, const std::string& text) { messages->write("mgd", tag, text); });
  database->set_broadcast([this](const std::string& text) {
    if (commands) commands->broadcast(text);
  });
  if (opened.warning.empty()) return {};
  notice = opened.warning;
  log(notice);
  database->record("UI_DBASE_OPEN_FAILED", notice);
  return {};
}

void Router::Parts::make_services(const chassis::ChassisModel& model, const chassis::Mac& mac) {
  table = std::make_unique<chassis::InterfaceTable>(options.data + "/interface-index");
  machine = std::make_unique<chassis::Chassis>(model, forwarding);
  machine->on_alarm = [this](const chassis::Alarm& alarm, bool set) {
    messages->write("alarmd", set ? "Alarm set" : "Alarm cleared",
                    fmt::format("color={}, class=CHASSIS, reason={}",
                                alarm.major ? "RED" : "YELLOW", alarm.description));
  };
  // What holds until a reboot; nezu-init empties it then.
  const std::string files = options.run + "/boot";
  unified = std::make_unique<chassis_service::UnifiedServices>(options.data + "/unified-services",
                                                               files + "/unified-services");
  machine->set_unified_services(unified->enabled());
  keep_offline_slots(*machine, files + "/fpc-offline");
  const std::string init_socket = options.run + "/init.sock";
  init = std::make_unique<interfaces::InitClient>(init_socket);
  system = std::make_unique<system::SystemService>(::access(init_socket.c_str(), F_OK) == 0);
  if (::access("/run/accounts/machine", R_OK) == 0)
    system->keep(std::make_unique<system::Logins>(
        login_places(options.data),
        [this](const std::string& text) { messages->write("sshd", "SSHD", text); }));
  chassis_service = std::make_unique<chassis_service::ChassisService>(*machine);
  interfaces = std::make_unique<interfaces::InterfacesService>(
      interfaces::Surroundings{*machine, forwarding, *table, *init, state.tables(), mac});
  interfaces->on_error = log;
  interfaces->on_reconciled = [this] {
    link_traps.look(*interfaces, [this](std::string_view tag, const std::string& text) {
      messages->write("mib2d", tag, text);
    });
  };
  startup_alarm = std::make_unique<StartupAlarm>(*machine);
  routing =
      std::make_unique<routing::Routing>(*machine, forwarding, *table, routing::Routing::Paths());
  // Many tunnels come up in one turn of the event loop: their routes are read once.
  changed_routes.setSingleShot(true);
  changed_routes.callOnTimeout([this] { routing->insert(selector_routes(state.tables())); });
  state.tables().subscribe(this, "selector-route",
                           [this](const channel::Table&) { changed_routes.start(0); });
}

// In the order of the applies: what is there (chassis, interfaces) before who uses it.
std::string Router::Parts::add_services() {
  database->add(*system);
  database->add(*chassis_service);
  database->add(*interfaces);
  database->add(*routing);
  database->add(ike::add_service(state));
  state.on_restart([this](const std::string& daemon) {
    log(daemon + " is stuck and is restarted");
    if (init->restart("nezu-" + daemon) != 0) log(daemon + " could not be restarted");
  });
  state.on_log([this](const std::string& daemon, const channel::LogLine& line) {
    messages->write(daemon, line.tag(), line.text());
  });
  database->add(*startup_alarm);
  if (const auto lost = database->unclaimed(); !lost.empty())
    return fmt::format("statements that nobody acts upon: {}", fmt::join(lost, ", "));
  return {};
}

void Router::Parts::add_commands(const chassis::Mac& mac) {
  const chassis_service::Machine shown{
      *machine,
      link,
      load,
      mac,
      [this](const chassis::PortName& port) -> std::string {
        if (!interfaces->present(port)) return "";
        return interfaces->link(port) ? "Up" : "Down";
      },
      [this](uint32_t tunnel) -> std::string {
        for (const auto* row : state.tables().rows_under("tunnel", ""))
          if (row->tunnel().id() == tunnel) return row->tunnel().vpn();
        return "";
      }};
  chassis_service::add_chassis_rpcs(registry, shown);
  chassis_service::add_pfe_rpcs(registry, shown);
  chassis_service::add_trace_rpcs(registry, shown);
  chassis_service::add_mode_rpcs(registry, *unified, [this] { return reboot(); });
  interfaces::add_rpcs(registry, *interfaces, link);
  system::add_rpcs(registry, {*system, options.model,
                              [this] {
                                system::Configured last;
                                const configdb::Revision& newest = database->log().front();
                                if (newest.number == 0) return last;  // nobody has yet
                                last.when = std::chrono::system_clock::from_time_t(newest.time);
                                last.user = newest.user;
                                return last;
                              },
                              this_boot.since});
  system::add_log_rpcs(registry, messages->directory());
  system::add_process_rpcs(registry,
                           [this](const std::string& program) { return init->restart(program); });
  system::add_storage_rpcs(registry, {"/", options.data, options.run, "/tmp"});
  system::add_user_rpcs(registry, [this] { return logged_in(); });
  routing->add_rpcs(registry);
  ike::add_commands(state, registry);
}

std::vector<system::LoggedIn> Router::Parts::logged_in() const {
  std::vector<system::LoggedIn> all;
  const auto moment = std::chrono::system_clock::now();
  const time_t now = mgmt::Terminals::now();
  for (const auto& [terminal, since, last] : commands->terminals->all())
    all.push_back({terminal->user, terminal->tty,
                   terminal->connection.substr(0, terminal->connection.find(' ')),
                   moment - std::chrono::seconds(now - since), std::chrono::seconds(now - last)});
  return all;
}

// Who asks is answered only once the configuration is in force.
std::string Router::Parts::listen() {
  commands = std::make_unique<mgmt::Router>(mgmt::Router{schema, *database, registry});
  commands->homes = options.data + "/home";
  commands->logs = messages->directory();
  management = std::make_unique<mgmt::Server>(registry, mgmt::open_command_lines(*commands));
  const std::string error = management->listen(options.run + "/mgmt.sock");
  // Where only the router's own users come.
  const bool own = ::access("/run/accounts/machine", R_OK) == 0;
  return own && error.empty() ? management->listen_to_all("/run/users.sock") : error;
}

void Router::Parts::boot() {
  // The plane keeps forwarding with what a predecessor told it until everything was named again.
  forwarding.hold();
  link.on_error = [](const std::string& text) { log("forwarding plane: " + text); };
  link.on_change = [](bool connected) {
    log(connected ? "forwarding plane connected" : "forwarding plane is away");
  };
  link.start();
  database->start([this] {
    routing->start();
    if (database->revision() > 0 || options.startup_config.empty()) return booted();
    if (!database->modified()) return commit_startup();
    // The user has begun to mend what failed at an earlier boot.
    refuse_startup("Startup configuration not loaded: there are uncommitted changes");
  });
}

void Router::Parts::refuse_startup(const std::string& why) {
  log(why);
  machine->raise_alarm("startup", true, why);
  booted();
}

// All or nothing. One that has errors or fails is left in the candidate, for the user to mend.
void Router::Parts::commit_startup() {
  std::string error;
  const std::string text = read_file(options.startup_config, error);
  if (!error.empty()) {
    log(error);
    return booted();
  }
  auto session = std::make_shared<configdb::Session>(
      *database, configdb::Session::Who{"root", "", ::getpid(), 0, "other"});
  const auto mode = is_set_form(text) ? configdb::Session::Load::kSet  //
                                      : configdb::Session::Load::kMerge;
  const auto loaded = session->load(mode, text, kStartup);
  if (loaded.errors > 0) {
    log_places(loaded.text);
    return refuse_startup(fmt::format("Startup configuration has {} errors", loaded.errors));
  }
  session->commit("startup-config", false, [this, session](const configdb::CommitResult& result) {
    if (!result.text.empty()) log(configdb::without_secrets(result.text, database->candidate()));
    if (!result.ok) return refuse_startup("Startup configuration not committed");
    booted();
  });
}

void Router::Parts::booted() {
  forwarding.release();
  state.when_present(kPatience, [this] { serve(); });
}

// Every program of the router begins again, and none remembers what it had in memory.
bool Router::Parts::reboot() {
  if (init->reboot() != 0) return false;
  database->record("UI_REBOOT", "System is rebooted");
  return true;
}

void Router::Parts::serve() {
  if (const std::string error = listen(); !error.empty()) {
    log(error);
    // Nobody could ask anything of this process; nezu-init starts the next.
    return QTimer::singleShot(0, [] { QCoreApplication::exit(1); });
  }
  if (!notice.empty()) machine->raise_alarm("configuration", true, notice);
  commit_timer = std::make_unique<mgmt::CommitTimer>(*database);
  ready();
}

Router::Router(Options options) : parts_(std::make_unique<Parts>(std::move(options))) {}
Router::~Router() = default;

std::string Router::start(std::function<void()> ready) {
  parts_->ready = std::move(ready);
  std::string error = parts_->open();
  if (error.empty()) error = parts_->state.listen(parts_->options.run + "/re.sock");
  if (error.empty()) parts_->boot();
  return error;
}

}  // namespace nezu::re
