#include "tests/services/mgmt/test_router.h"

#include <QDir>
#include <filesystem>
#include <stdexcept>

#include "configdb/machine.h"

namespace nezu::mgmt {
namespace {
namespace fs = std::filesystem;

// The modules of the router and those of the tests, side by side.
void link_modules(const fs::path& to) {
  fs::create_directory(to);
  for (const char* from : {"grammar/yang", "tests/services/mgmt/yang"})
    for (const auto& entry : fs::directory_iterator(fs::path(NEZU_SOURCE_DIR) / from))
      fs::create_symlink(entry.path(), to / entry.path().filename());
}

const grammar::Layout kLines("{#line}\nline {number}\n{/line}\n");
const grammar::Layout kInterfaces(
    "Interface       Status\n{#interface}\n{name:15} {status}\n{/interface}\n");

void lines(const Input& input, const std::shared_ptr<Reply>& reply) {
  const auto count = std::stoul(input.at("count"));
  for (unsigned long i = 1; i <= count && !reply->cancelled(); ++i) {
    grammar::Element line(*reply, "line");
    reply->leaf_number("number", i);
  }
  reply->finish();
}

void interfaces(const Input& input, const std::shared_ptr<Reply>& reply) {
  for (const char* name : {"et-0/0/0", "et-0/2/10", "st0"}) {
    const auto wanted = input.find("interface-name");
    if (wanted != input.end() && wanted->second != name) continue;
    grammar::Element interface(*reply, "interface");
    reply->leaf("name", name);
    reply->leaf("status", "up");
  }
  reply->finish();
}
}  // namespace

TestRouter::TestRouter() {
  configdb::this_machine().routing_engines = 2;
  link_modules(path("yang"));
  schema_ = grammar::Schema::load(path("yang"));
  auto opened = configdb::Database::open(path("config.db"), schema_, nullptr, [] {
    return configdb::Now{1'800'000'000, 0, "boot"};
  });
  if (!opened.database) throw std::runtime_error(opened.error);
  database_ = std::move(opened.database);
  database_->start([] {});
  fill();
  router_ = std::make_unique<Router>(Router{schema_, *database_, registry_});
  router_->homes = path("home");
  open_session_ = open_command_lines(*router_);
}

std::string TestRouter::path(const std::string& name) const {
  return (directory_.path() + "/").toStdString() + name;
}

std::string TestRouter::listen(const std::string& socket) {
  server_ = std::make_unique<Server>(registry_, open_session_);
  return server_->listen(socket);
}

void TestRouter::fill() {
  using ReplyPtr = std::shared_ptr<Reply>;
  registry_.add({"get-test-lines", lines, [](const Input&) { return &kLines; }});
  registry_.add({"get-test-interfaces", interfaces, [](const Input&) { return &kInterfaces; }});
  registry_.add({"request-test-failure",
                 [](const Input&, const ReplyPtr& reply) { reply->fail("it did not work"); },
                 nullptr});
  registry_.add({"request-test-message",
                 [](const Input&, const ReplyPtr& reply) {
                   reply->message("FPC 0 offline initiated");
                   reply->finish();
                 },
                 nullptr});
  registry_.add({"request-test-probe",
                 [](const Input&, const ReplyPtr& reply) {
                   reply->on_interrupt([reply] {
                     reply->message("\n--- statistics ---");
                     reply->finish();
                   });
                   reply->message("probing");
                 },
                 nullptr});
  registry_.add({"request-test-silence",
                 [this](const Input&, const ReplyPtr& reply) { unanswered_.push_back(reply); },
                 nullptr});
  registry_.add({"request-test-read",
                 [](const Input& input, const ReplyPtr& reply) {
                   reply->message(input.at("filename"));
                   reply->finish();
                 },
                 nullptr,
                 {"filename"}});
  registry_.add_names("interface", [] {
    return std::vector<std::pair<std::string, std::string>>{
        {"et-0/0/0", ""}, {"et-0/2/10", ""}, {"st0", ""}};
  });
}

}  // namespace nezu::mgmt
