// What a stranger may say to the management socket, and what it costs (RFC 6241, RFC 6242).
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <QCoreApplication>
#include <QElapsedTimer>
#include <filesystem>

#include "tests/services/mgmt/test_router.h"

namespace nezu::mgmt {
namespace {

constexpr char kHello[] =
    "<hello xmlns=\"urn:ietf:params:xml:ns:netconf:base:1.0\"><capabilities><capability>"
    "urn:ietf:params:netconf:base:1.1</capability></capabilities></hello>]]>]]>";

std::string chunk(std::string_view message) {
  return frame(Framing::kChunked, message).append(frame_end(Framing::kChunked));
}
std::string rpc(const std::string& operation, const std::string& attributes = "message-id=\"1\"") {
  return chunk("<rpc xmlns=\"urn:ietf:params:xml:ns:netconf:base:1.0\" " + attributes + ">" +
               operation + "</rpc>");
}
std::string execute(const std::string& line) {
  return rpc("<execute xmlns=\"urn:nezu:cli\"><line>" + line + "</line></execute>");
}

class ConnectionTest : public testing::Test {
 protected:
  int count_ = 0;
  QCoreApplication application_{count_, nullptr};
  TestRouter router_;

  void SetUp() override { ASSERT_EQ(router_.listen(router_.socket()), ""); }

  int connect() { return connect(router_.socket()); }
  static int connect(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    const int made = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
    EXPECT_EQ(::connect(made, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    return made;
  }
  static void spin(int milliseconds = 5) {
    QElapsedTimer timer;
    timer.start();
    do QCoreApplication::processEvents();
    while (timer.elapsed() < milliseconds);
  }
  // Sends all, and reads until `text` has come or the server has closed.
  std::string talk(int socket, std::string_view bytes, std::string_view text) {
    std::string answer;
    QElapsedTimer timer;
    timer.start();
    while (timer.elapsed() < 10'000) {
      if (!bytes.empty()) {
        const ssize_t sent =
            send(socket, bytes.data(), std::min<size_t>(bytes.size(), 65536), MSG_NOSIGNAL);
        if (sent > 0) bytes.remove_prefix(static_cast<size_t>(sent));
        if (sent < 0 && errno != EAGAIN) bytes = {};
      }
      spin(0);
      char piece[65536];
      const ssize_t got = recv(socket, piece, sizeof piece, 0);
      if (got > 0) answer.append(piece, static_cast<size_t>(got));
      if (got == 0) return answer + "<closed>";
      if (answer.find(text) != answer.npos) return answer;
    }
    return answer + "<no answer>";
  }
  std::string talk_once(const std::string& bytes, std::string_view text) {
    const int socket = connect();
    std::string answer = talk(socket, bytes, text);
    close(socket);
    spin();
    return answer;
  }
};

TEST_F(ConnectionTest, SocketIsItsOwnersOnly) {
  using std::filesystem::perms;
  const auto mode = std::filesystem::status(router_.socket()).permissions();
  EXPECT_EQ(mode & (perms::group_all | perms::others_all), perms::none);
}

TEST_F(ConnectionTest, AnswersWithoutChunksToAClientOfBase10) {
  const std::string hello =
      "<hello xmlns=\"urn:ietf:params:xml:ns:netconf:base:1.0\"><capabilities><capability>"
      "urn:ietf:params:netconf:base:1.0</capability></capabilities></hello>]]>]]>";
  const auto answer = talk_once(
      hello +
          "<rpc xmlns=\"urn:ietf:params:xml:ns:netconf:base:1.0\" message-id=\"a&amp;b\">"
          "<get-test-interfaces><interface-name>st0</interface-name></get-test-interfaces>"
          "</rpc>]]>]]>",
      "</rpc-reply>]]>]]>");
  EXPECT_NE(answer.find("message-id=\"a&amp;b\""), answer.npos) << answer;
  EXPECT_NE(answer.find("<name>st0</name>"), answer.npos) << answer;
}

TEST_F(ConnectionTest, ClosesOnBrokenFraming) {
  for (const char* bytes :
       {"#4\nabcd", "\n#0\n", "\n#4294967296\n", "\n#04\nabcd", "\n##\n", "\n#5\n<rpc>\nx"})
    EXPECT_TRUE(talk_once(std::string(kHello) + bytes, "never").ends_with("<closed>")) << bytes;
  EXPECT_EQ(router_.clients(), 0u);
}

TEST_F(ConnectionTest, ClosesOnAHelloThatIsNone) {
  for (const std::string& bytes :
       {std::string("]]>]]>"), std::string("<rpc/>]]>]]>"), std::string("<hello/>]]>]]>"),
        std::string("<hello><capabilities><capability>x</capability></capabilities></hello>]]>]]>"),
        std::string(17 << 20, 'x')})
    EXPECT_TRUE(talk_once(bytes, "never").ends_with("<closed>")) << bytes.substr(0, 100);
}

TEST_F(ConnectionTest, RefusesInWordsAndLives) {
  const std::string base = "xmlns=\"urn:ietf:params:xml:ns:netconf:base:1.0\"";
  const struct {
    std::string request, error;
  } cases[] = {
      {chunk("<rpc>"), "malformed-message"},
      {chunk("<rpc></rpd>"), "malformed-message"},
      {chunk("<!DOCTYPE a [<!ENTITY b \"b\">]><rpc>&b;</rpc>"), "malformed-message"},
      {chunk("<rpc>\xFF</rpc>"), "malformed-message"},
      {chunk("<a/><b/>"), "malformed-message"},
      {chunk("<hello " + base + "/>"), "malformed-message"},
      {chunk("<rpc " + base + "><close-session/></rpc>"), "missing-attribute"},
      {chunk("<rpc message-id=\"1\"><close-session/></rpc>"), "unknown-namespace"},
      {rpc(""), "malformed-message"},
      {rpc("<a/><b/>"), "malformed-message"},
      {rpc("<no-such-thing/>"), "operation-not-supported"},
      {rpc("<no-such-thing xmlns=\"urn:nezu:cli\"/>"), "operation-not-supported"},
      {rpc("<request-test-failure/>"), "it did not work"},
      {chunk(std::string(100000, '<')), "malformed-message"},
  };
  const int socket = connect();
  talk(socket, kHello, "</hello>");
  for (const auto& [request, error] : cases) {
    const auto answer = talk(socket, request, "\n##\n");
    EXPECT_NE(answer.find("<rpc-error>"), answer.npos) << request.substr(0, 100) << "\n" << answer;
    EXPECT_NE(answer.find(error), answer.npos) << request.substr(0, 100) << "\n" << answer;
  }
  EXPECT_NE(talk(socket, execute("show test interfaces st0"), "\n##\n").find("st0 "),
            std::string::npos);
  EXPECT_TRUE(talk(socket, rpc("<close-session/>"), "never").ends_with("<closed>"));
  close(socket);
}

// The rpc needs what its command needs, and a client that may not be a user is nobody.
TEST_F(ConnectionTest, AnRpcHasTheRightsOfItsUser) {
  const std::string setup = rpc("<open xmlns=\"urn:nezu:cli\"/>") + execute("configure") +
                            execute("set system login user eve class unauthorized") +
                            execute("set system login user ann class read-only") +
                            execute("commit");
  EXPECT_NE(talk_once(kHello + setup, "commit complete").find("commit complete"),
            std::string::npos);
  const auto as = [&](const std::string& user) {
    return talk_once(
        kHello + rpc("<open xmlns=\"urn:nezu:cli\"><user>" + user + "</user></open>") +
            rpc("<get-test-lines><count>1</count></get-test-lines>", "message-id=\"last\""),
        "message-id=\"last\"");
  };
  const std::string answer = as("ann");
  EXPECT_EQ(answer.find("rpc-error"), std::string::npos) << answer;
  EXPECT_NE(answer.find("<number>1<"), std::string::npos) << answer;
  EXPECT_NE(as("eve").find("permission denied"), std::string::npos) << as("eve");
  EXPECT_NE(as("nobody").find("unknown user"), std::string::npos);
}

TEST_F(ConnectionTest, BoundsDepthAndElements) {
  std::string deep, many;
  for (int i = 0; i < 100000; ++i) deep += "<a>";
  for (int i = 0; i < 200000; ++i) many += "<a/>";
  const int socket = connect();
  talk(socket, kHello, "</hello>");
  for (const auto& content : {deep, many})
    EXPECT_NE(talk(socket, rpc(content), "\n##\n").find("malformed-message"), std::string::npos);
  EXPECT_NE(talk(socket, rpc("<request-test-message/>"), "\n##\n").find("offline"),
            std::string::npos);
  close(socket);
}

TEST_F(ConnectionTest, AnswersInOrderWhatWasSentAtOnce) {
  std::string requests = kHello;
  for (int i = 0; i < 500; ++i)
    requests += rpc("<request-test-message/>", "message-id=\"id" + std::to_string(i) + "\"");
  const auto answer = talk_once(requests, "\"id499\"");
  size_t at = 0;
  for (int i = 0; i < 500 && at != answer.npos; ++i)
    at = answer.find("\"id" + std::to_string(i) + "\"", at);
  EXPECT_NE(at, answer.npos);
}

TEST_F(ConnectionTest, AClientThatLeavesInTheMiddleCostsNothing) {
  for (int i = 0; i < 20; ++i) {
    const int socket = connect();
    talk(socket, std::string(kHello) + execute("show test lines 20000"), "line 1");
    close(socket);
    spin(20);
  }
  EXPECT_EQ(router_.clients(), 0u);
  const int socket = connect();
  talk(socket, std::string(kHello) + execute("configure"), "Entering");
  EXPECT_EQ(router_.database().sessions().size(), 1u);
  close(socket);
  spin(50);
  EXPECT_EQ(router_.database().sessions().size(), 0u);
}

TEST_F(ConnectionTest, OutputThatIsNotReadDoesNotStandInMemory) {
  const auto resident = [] {
    long pages = 0, kept = 0;
    FILE* file = fopen("/proc/self/statm", "r");
    if (fscanf(file, "%ld %ld", &pages, &kept) != 2) kept = 0;
    fclose(file);
    return kept * sysconf(_SC_PAGESIZE);
  };
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
  GTEST_SKIP() << "the sanitizer keeps what was freed";
#endif
#endif
  const int socket = connect();
  talk(socket, kHello, "</hello>");
  talk(socket, execute("show test interfaces"), "\n##\n");
  const long before = resident();
  const std::string request = execute("show test lines 800000");  // 10 MB
  ASSERT_EQ(send(socket, request.data(), request.size(), 0), static_cast<ssize_t>(request.size()));
  spin(200);
  EXPECT_LT(resident() - before, 6 << 20);
  close(socket);
  spin(50);
}

TEST_F(ConnectionTest, AnInterruptStopsWhatIsUnderWay) {
  const int socket = connect();
  talk(socket, kHello, "</hello>");
  const std::string silence = execute("request test silence");
  send(socket, silence.data(), silence.size(), 0);
  spin(50);
  const auto answer = talk(socket, rpc("<interrupt xmlns=\"urn:nezu:cli\"/>"), "<ok/>");
  EXPECT_NE(answer.find("refused"), answer.npos) << answer;
  close(socket);
}

// RFC 6241 upon the configuration: the same candidate, locks and rights as at the prompt.
class NetconfTest : public ConnectionTest {
 protected:
  int client() {
    const int made = connect();
    talk(made, kHello, "</hello>");
    return made;
  }
  std::string ask(int socket, const std::string& operation) {
    return talk(socket, rpc(operation), "</rpc-reply>");
  }
  std::string edit(int socket, const std::string& content, const std::string& options = "") {
    return ask(socket, "<edit-config><target><candidate/></target>" + options +
                           "<config xmlns:nc=\"urn:ietf:params:xml:ns:netconf:base:1.0\">"
                           "<configuration>" +
                           content + "</configuration></config></edit-config>");
  }
  std::string get(int socket, const std::string& store, const std::string& filter = "") {
    return ask(socket, "<get-config><source><" + store + "/></source>" + filter + "</get-config>");
  }
  static bool has(const std::string& text, const std::string& part) {
    return text.find(part) != text.npos;
  }
  const std::string kLock = "<lock><target><candidate/></target></lock>";
  const std::string kUnlock = "<unlock><target><candidate/></target></unlock>";
};

TEST_F(NetconfTest, EditsChecksCommitsAndDiscards) {
  const int one = client();
  EXPECT_TRUE(has(edit(one, "<system><host-name>r1</host-name></system>"), "<ok/>"));
  EXPECT_FALSE(has(get(one, "running"), "r1"));
  EXPECT_TRUE(has(get(one, "candidate"), "<host-name>r1</host-name>"));
  EXPECT_TRUE(has(ask(one, "<discard-changes/>"), "<ok/>"));
  EXPECT_FALSE(has(get(one, "candidate"), "r1"));
  edit(one, "<system><host-name>r2</host-name></system>");
  EXPECT_TRUE(has(ask(one, "<validate><source><candidate/></source></validate>"), "<ok/>"));
  EXPECT_FALSE(has(get(one, "running"), "r2"));
  EXPECT_TRUE(has(ask(one, "<commit/>"), "<ok/>"));
  EXPECT_TRUE(has(get(one, "running"), "<host-name>r2</host-name>"));
  EXPECT_TRUE(has(talk(one, execute("run show system commit"), "</rpc-reply>"), "via netconf"));
  EXPECT_TRUE(has(ask(one, "<commit><confirmed/></commit>"), "operation-not-supported"));
  close(one);
}

// Warns of everything, and takes the disk away before the commit is written.
class FullDisk : public configdb::Service {
 public:
  ~FullDisk() override { give_back(); }
  std::string_view name() const override { return "full-disk"; }
  std::vector<std::string> claims() const override { return {}; }
  void check(const configdb::Delta&, std::function<void(configdb::Problems)> done) override {
    struct rlimit none {
      0, before_.rlim_max
    };
    setrlimit(RLIMIT_FSIZE, &none);
    done({{{"system"}, "host-name", "an odd name", true}});
  }
  void apply(const configdb::Delta&, std::function<void()> done) override { done(); }
  void give_back() { setrlimit(RLIMIT_FSIZE, &before_); }

 private:
  struct rlimit before_ = [] {
    signal(SIGXFSZ, SIG_IGN);
    struct rlimit limit {};
    getrlimit(RLIMIT_FSIZE, &limit);
    return limit;
  }();
};

TEST_F(NetconfTest, ACommitThatFailsSaysSoBesideItsWarnings) {
  FullDisk service;
  router_.database().add(service);
  const int one = client();
  edit(one, "<system><host-name>r1</host-name></system>");
  const std::string answer = ask(one, "<commit/>");
  service.give_back();
  EXPECT_TRUE(has(answer, "an odd name")) << answer;
  EXPECT_TRUE(has(answer, "<error-severity>error</error-severity>")) << answer;
  EXPECT_TRUE(has(answer, "<error-message>commit failed: ")) << answer;
  EXPECT_FALSE(has(answer, "<ok/>") || has(get(one, "running"), "r1")) << answer;
  close(one);
}

TEST_F(NetconfTest, AnEditIsDoneWholeOrNotAtAll) {
  const int one = client();
  const std::string wrong =
      edit(one, "<system><host-name>r1</host-name><no-such>1</no-such></system>");
  EXPECT_TRUE(has(wrong, "<error-tag>invalid-value</error-tag>")) << wrong;
  EXPECT_TRUE(has(wrong, "no-such")) << wrong;
  EXPECT_FALSE(has(get(one, "candidate"), "r1"));
  EXPECT_TRUE(
      has(edit(one, "<system><host-name nc:operation=\"delete\"/></system>"), "data-missing"));
  EXPECT_TRUE(has(edit(one, "<system><host-name nc:operation=\"remove\"/></system>"), "<ok/>"));
  EXPECT_TRUE(has(edit(one, "<system/>", "<default-operation>none</default-operation>"),
                  "operation-not-supported"));
  EXPECT_TRUE(has(ask(one, "<edit-config><target><running/></target></edit-config>"),
                  "operation-not-supported"));
  EXPECT_TRUE(has(ask(one, "<edit-config/>"), "missing-element"));
  close(one);
}

TEST_F(NetconfTest, AnEditSaysItsWarningsInsteadOfOk) {
  const int one = client();
  const std::string answer =
      edit(one, "<system><host-name>r1</host-name><domain-name delete=\"delete\"/></system>");
  EXPECT_TRUE(has(answer, "<error-severity>warning</error-severity>")) << answer;
  EXPECT_TRUE(has(answer, "statement not found") && !has(answer, "<ok/>")) << answer;
  EXPECT_TRUE(has(get(one, "candidate"), "r1"));
  close(one);
}

TEST_F(NetconfTest, AnEditThatIsTestedIsDoneIfTheCheckAllowsIt) {
  const int one = client();
  const std::string test = "<test-option>test-then-set</test-option>";
  EXPECT_TRUE(has(edit(one, "<system><host-name>r1</host-name></system>", test), "<ok/>"));
  const std::string wrong =
      edit(one,
           "<system><host-name>r2</host-name></system><protocols><bgp><group><name>g</name>"
           "<export>nowhere</export></group></bgp></protocols>",
           test);
  EXPECT_TRUE(has(wrong, "<error-severity>error</error-severity>")) << wrong;
  EXPECT_TRUE(has(wrong, "nowhere") && !has(wrong, "<ok/>")) << wrong;
  const std::string candidate = get(one, "candidate");
  EXPECT_TRUE(has(candidate, "r1") && !has(candidate, "nowhere")) << candidate;
  for (const char* line : {"configure", "commit confirmed 5"})
    talk(one, execute(line), "</rpc-reply>");
  EXPECT_TRUE(has(edit(one, "<system><host-name>r3</host-name></system>", test), "confirmed"));
  EXPECT_TRUE(has(edit(one, "<system/>", "<test-option>test-only</test-option>"),
                  "operation-not-supported"));
  EXPECT_FALSE(has(get(one, "candidate"), "r3"));
  EXPECT_TRUE(router_.database().timed().confirmation());
  close(one);
}

TEST_F(NetconfTest, ALockIsOnesAloneAndEndsWithItsHolder) {
  const int one = client(), other = client(), prompt = client();
  EXPECT_TRUE(has(ask(one, kLock), "<ok/>"));
  const std::string denied = ask(other, kLock);
  EXPECT_TRUE(has(denied, "lock-denied")) << denied;
  EXPECT_TRUE(has(denied, "<session-id>1</session-id>")) << denied;
  EXPECT_TRUE(has(denied, "locked by") && has(ask(one, kLock), "locked by")) << denied;
  EXPECT_TRUE(has(edit(other, "<system><host-name>x</host-name></system>"), "in-use"));
  talk(prompt, execute("configure"), "</rpc-reply>");
  EXPECT_TRUE(has(talk(prompt, execute("set system host-name x"), "</rpc-reply>"), "locked by"));
  EXPECT_TRUE(has(ask(other, kUnlock), "operation-failed"));
  EXPECT_TRUE(has(edit(one, "<system><host-name>mine</host-name></system>"), "<ok/>"));
  close(one);
  spin(50);
  EXPECT_FALSE(has(get(other, "candidate"), "mine")) << "what was not committed goes with the lock";
  talk(prompt, execute("exit"), "</rpc-reply>");
  EXPECT_TRUE(has(ask(other, kLock), "<ok/>"));
  EXPECT_TRUE(has(ask(other, kUnlock), "<ok/>"));
  talk(prompt, execute("configure exclusive"), "</rpc-reply>");
  EXPECT_TRUE(has(ask(other, kLock), "<session-id>0</session-id>"));
  // The prompt is the third client.
  for (const char* id : {"2", "9", "0", "x"})
    EXPECT_TRUE(has(
        ask(other, std::string("<kill-session><session-id>") + id + "</session-id></kill-session>"),
        "invalid-value"))
        << id;
  EXPECT_TRUE(has(ask(other, "<kill-session><session-id>3</session-id></kill-session>"), "<ok/>"));
  EXPECT_TRUE(has(ask(other, kLock), "<ok/>"));
  close(other);
  close(prompt);
}

TEST_F(NetconfTest, AFilterSelectsASubtree) {
  const int one = client();
  edit(one,
       "<system><host-name>r1</host-name><login><user><name>ann</name><class>read-only</class>"
       "</user><user><name>bob</name><class>operator</class></user></login></system>");
  const auto filtered = [&](const std::string& wanted) {
    return get(one, "candidate",
               "<filter type=\"subtree\"><configuration>" + wanted + "</configuration></filter>");
  };
  const std::string bob = filtered("<system><login><user><name>bob</name></user></login></system>");
  EXPECT_TRUE(has(bob, "operator") && !has(bob, "ann") && !has(bob, "r1")) << bob;
  const std::string names = filtered("<system><login><user><name/></user></login></system>");
  EXPECT_TRUE(has(names, "ann") && has(names, "bob") && !has(names, "operator")) << names;
  EXPECT_TRUE(has(filtered("<system/>"), "r1"));
  EXPECT_TRUE(has(filtered("<snmp/>"), "<data></data>"));
  EXPECT_TRUE(has(get(one, "candidate", "<filter type=\"xpath\"/>"), "operation-not-supported"));
  close(one);
}

TEST_F(NetconfTest, AFilterMayNameEveryEntry) {
  const int one = client();
  std::string users, names;
  for (int i = 0; i < 2'000; ++i)
    users += "<user><name>u" + std::to_string(i) + "</name><class>operator</class></user>";
  for (int i = 0; i < 20'000; ++i)
    names += "<user><name>u" + std::to_string(i % 2'000) + "</name></user>";
  edit(one, "<system><login>" + users + "</login></system>");
  const std::string all = get(one, "candidate",
                              "<filter type=\"subtree\"><configuration><system><login>" + names +
                                  "</login></system></configuration></filter>");
  EXPECT_TRUE(has(all, "<name>u0</name>") && has(all, "<name>u1999</name>")) << all.size();
  close(one);
}

TEST_F(NetconfTest, AFilterThatIsTooMuchWorkIsRefused) {
  const int one = client();
  std::string users, each;
  for (int i = 0; i < 300; ++i)
    users += "<user><name>u" + std::to_string(i) + "</name><class>operator</class></user>";
  for (int i = 0; i < 4'000; ++i) each += "<user><class>no</class></user>";
  edit(one, "<system><login>" + users + "</login></system>");
  const auto filtered = [&](const std::string& wanted) {
    return get(one, "candidate",
               "<filter><configuration><system><login>" + wanted +
                   "</login></system></configuration></filter>");
  };
  const std::string refused = filtered(each);
  EXPECT_TRUE(has(refused, "<error-tag>too-big</error-tag>")) << refused.size();
  EXPECT_TRUE(has(filtered("<user><class>operator</class></user>"), "u299"));
  close(one);
}

TEST_F(NetconfTest, ALockTakesNobodysPrivateEdits) {
  const int one = client();
  talk(one, execute("configure private"), "</rpc-reply>");
  talk(one, execute("set system host-name mine"), "</rpc-reply>");
  EXPECT_TRUE(has(ask(one, kLock), "private candidate"));
  EXPECT_TRUE(has(get(one, "candidate"), "<host-name>mine</host-name>"));
  close(one);
}

TEST_F(NetconfTest, AnEditOfWhatIsProtectedIsNotHalfDone) {
  const int one = client();
  edit(one, "<system><host-name>r1</host-name><domain-name>a.net</domain-name></system>");
  for (const char* line : {"configure", "protect system host-name"})
    talk(one, execute(line), "</rpc-reply>");
  for (const char* content :
       {"<host-name nc:operation=\"delete\"/><domain-name nc:operation=\"delete\"/>",
        "<domain-name>b.net</domain-name><host-name>r2</host-name>"}) {
    const std::string answer = edit(one, "<system>" + std::string(content) + "</system>");
    EXPECT_TRUE(has(answer, "<rpc-error>") && has(answer, "is protected")) << answer;
    EXPECT_TRUE(has(get(one, "candidate"), "<domain-name>a.net</domain-name>"));
  }
  close(one);
}

TEST_F(NetconfTest, GivesNobodyMoreThanThePrompt) {
  const int root = client();
  edit(root,
       "<system><login><class><name>dull</name><permissions>view-configuration</permissions>"
       "<permissions>configure</permissions></class><user><name>eve</name>"
       "<class>dull</class></user><user><name>ann</name><class>read-only</class></user>"
       "</login></system><snmp><community><name>c</name></community></snmp>"
       "<security><ike><policy><name>p</name><pre-shared-key><ascii-text>verysecret"
       "</ascii-text></pre-shared-key></policy></ike></security>");
  ask(root, "<commit/>");
  close(root);
  const auto as = [&](const std::string& user) {
    const int made = client();
    talk(made, rpc("<open xmlns=\"urn:nezu:cli\"><user>" + user + "</user></open>"),
         "</rpc-reply>");
    return made;
  };
  const int eve = as("eve"), ann = as("ann");
  const std::string seen = get(eve, "running");
  EXPECT_FALSE(has(seen, "$9$") || has(seen, "verysecret")) << seen;
  EXPECT_TRUE(has(edit(eve, "<system><host-name>x</host-name></system>"), "access-denied"));
  EXPECT_TRUE(has(edit(ann, "<system><host-name>x</host-name></system>"), "access-denied"));
  EXPECT_TRUE(has(ask(ann, kLock), "access-denied"));
  EXPECT_TRUE(
      has(ask(eve, "<kill-session><session-id>3</session-id></kill-session>"), "access-denied"));
  close(eve);
  close(ann);
}

// The socket of the router's users: who they are is the kernel's word.
class UsersDoor : public ConnectionTest {
 protected:
  static constexpr uid_t kDaemon = 1, kNobody = 65534;  // accounts that every Debian has

  void SetUp() override {
    if (::geteuid() != 0) GTEST_SKIP() << "only root can be somebody else";
    ConnectionTest::SetUp();
    ASSERT_EQ(router_.listen_to_all(door_), "");
    std::filesystem::permissions(router_.path(""), std::filesystem::perms{0755});
    const int root = connect();
    talk(root, kHello, "</hello>");
    for (const char* line : {"configure", "set system login user nobody class read-only",
                             "set system login user daemon class super-user", "commit"})
      EXPECT_NE(talk(root, execute(line), "</rpc-reply>").find("done"), std::string::npos) << line;
    close(root);
    spin();
  }
  // What a program of this number is told.
  std::string told(uid_t uid, const std::string& what) {
    EXPECT_EQ(::seteuid(uid), 0);
    const int socket = connect(door_);
    EXPECT_EQ(::seteuid(0), 0);
    talk(socket, kHello, "</hello>");
    const std::string answer = talk(socket, what, "</rpc-reply>");
    close(socket);
    spin();
    return answer;
  }
  static std::string open_as(const std::string& user) {
    return rpc("<open xmlns=\"urn:nezu:cli\"><user>" + user + "</user></open>");
  }

  const std::string door_ = router_.path("users.sock");
};

TEST_F(UsersDoor, LetsNobodyBeSomebodyElse) {
  const std::string own = told(kNobody, execute("show cli authorization"));
  EXPECT_NE(own.find("Current user: 'nobody"), own.npos) << own;
  EXPECT_NE(told(kNobody, open_as("nobody")).find("nobody&gt; "), std::string::npos);
  for (const char* other : {"root", "daemon", "65534", "stranger"})
    EXPECT_NE(told(kNobody, open_as(other)).find("access-denied"), std::string::npos) << other;
  EXPECT_NE(told(0, open_as("nobody")).find("nobody&gt; "), std::string::npos);
}

// Programs of the router run as the machine's accounts, and are no users whatever is configured.
TEST_F(UsersDoor, IsNotForProgramsOfTheMachine) {
  EXPECT_NE(told(kDaemon, execute("show version")).find("access-denied"), std::string::npos);
  EXPECT_NE(told(kDaemon, open_as("daemon")).find("access-denied"), std::string::npos);
}

TEST_F(UsersDoor, UsersDoNotKeepRootOut) {
  std::vector<int> users;
  for (size_t i = 0; i < Server::kMaxUsers; ++i) {
    users.push_back(connect(door_));
    spin(0);
  }
  EXPECT_EQ(talk(users.back(), kHello, "</hello>").find("<closed>"), std::string::npos);
  const int one_more = connect(door_);
  EXPECT_EQ(talk(one_more, "", "</hello>"), "<closed>");
  EXPECT_EQ(router_.clients(), Server::kMaxUsers);
  EXPECT_NE(talk_once(kHello + execute("show test lines 1"), "</rpc-reply>").find("line 1"),
            std::string::npos);
  close(one_more);
  for (const int user : users) close(user);
}

}  // namespace
}  // namespace nezu::mgmt
