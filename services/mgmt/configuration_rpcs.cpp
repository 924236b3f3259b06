#include "services/mgmt/configuration_rpcs.h"

#include <algorithm>
#include <utility>

#include "configdb/text.h"
#include "services/mgmt/subtree_filter.h"

namespace nezu::mgmt {
namespace {
using Editing = configdb::Session::Mode;
using Load = configdb::Session::Load;
constexpr char kOk[] = "<ok/>";
constexpr size_t kPiece = 65536;  // octets of an answer

std::string wrong(const char* tag, const std::string& message, const std::string& info = {}) {
  return RpcError{"protocol", tag, message, info}.xml();
}

std::string denied() {
  return RpcError{"application", "access-denied", "permission denied", ""}.xml();
}

// Of a text for a terminal: "error: …" and its line end taken away.
std::string bare(std::string text) {
  if (text.starts_with("error: ")) text.erase(0, 7);
  text.erase(text.find_last_not_of('\n') + 1);
  return text;
}

// What a session says that does not do something.
std::string refused(const std::string& text) {
  const auto says = [&](const char* words) { return text.find(words) != text.npos; };
  const char* tag = says("permission denied") ? "access-denied"
                    : says("locked by")       ? "in-use"
                    : says("data-exists")     ? "data-exists"
                    : says("syntax error")    ? "invalid-value"
                                              : "operation-failed";
  return RpcError{"application", tag, bare(text), ""}.xml();
}

// Each warning of a load; "" if there is none. What is not there to be removed is none (RFC 6241
// section 7.2).
std::string warnings_xml(std::string_view text, bool removes) {
  constexpr std::string_view kBegins = "warning: ";
  std::string xml;
  while (!text.empty()) {
    std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    if (!line.starts_with(kBegins)) continue;
    line.remove_prefix(kBegins.size());
    if (removes && line == configdb::kStatementNotFound) continue;
    xml +=
        "<rpc-error><error-type>application</error-type><error-tag>operation-failed"
        "</error-tag><error-severity>warning</error-severity><error-message>" +
        xml_escape(line) + "</error-message></rpc-error>";
  }
  return xml;
}

std::string problem_xml(const configdb::Problem& problem) {
  std::string path = "[edit";
  for (const std::string& word : problem.path) path += " " + word;
  std::string xml =
      "<rpc-error><error-type>application</error-type><error-tag>operation-failed"
      "</error-tag><error-severity>";
  xml += problem.warning ? "warning" : "error";
  return xml + "</error-severity><error-path>" + xml_escape(path) + "]</error-path>" +
         "<error-message>" + xml_escape(problem.message) + "</error-message><error-info>" +
         "<bad-element>" + xml_escape(problem.statement) +
         "</bad-element></error-info></rpc-error>";
}

// Of what is said of a commit: the line that says why it failed, and what is below it. All, if none
// does.
std::string failure_of(const std::string& text) {
  if (text.starts_with("error: ")) return text;
  const size_t at = text.find("\nerror: ");
  return at == text.npos ? text : text.substr(at + 1);
}

// Warnings stand alone: <ok/> would say that there are none (RFC 6241 section 4.4). A failure that
// is none of the problems (the disk is full) is an error beside them.
std::string result_xml(const configdb::CommitResult& result) {
  std::string xml;
  bool fails = false;
  for (const configdb::Problem& problem : result.problems) {
    xml += problem_xml(problem);
    fails |= !problem.warning;
  }
  if (!result.ok && !fails) xml += refused(xml.empty() ? result.text : failure_of(result.text));
  return xml.empty() ? kOk : xml;
}

// The datastore that an operation names: the one child of its <source> or <target>.
std::string datastore(const Element& operation, const char* where) {
  const Element* at = operation.child(where);
  return at && at->children.size() == 1 ? at->children.front().name : "";
}

// Configuration as its reader takes it; prefixes of attributes have done their work.
void write_element(const Element& element, std::string& xml) {
  xml += "<" + element.name;
  for (const auto& each : element.attributes)
    if (!each.name.starts_with("xmlns"))
      xml +=
          " " + each.name.substr(each.name.find(':') + 1) + "=\"" + xml_escape(each.value) + "\"";
  if (element.children.empty() && element.text.empty()) {
    xml += "/>";
    return;
  }
  xml += ">";
  if (element.children.empty()) xml += xml_escape(element.text);
  for (const Element& each : element.children) write_element(each, xml);
  xml += "</" + element.name + ">\n";
}

bool asks_for(const Element& element, std::string_view operation) {
  for (const auto& each : element.attributes)
    if (each.name.substr(each.name.find(':') + 1) == "operation" && each.value == operation)
      return true;
  return std::any_of(element.children.begin(), element.children.end(),
                     [&](const Element& each) { return asks_for(each, operation); });
}

// What is not understood is refused, and never passed over.
std::string refuse_options(const Element& operation) {
  const auto is_one_of = [&](const char* option, std::initializer_list<std::string_view> words) {
    const std::string_view said = operation.value(option);
    return said.empty() || std::find(words.begin(), words.end(), said) != words.end();
  };
  const auto unknown = [](const char* option) {
    return wrong("operation-not-supported", std::string("this ") + option + " is not supported",
                 "<bad-element>" + std::string(option) + "</bad-element>");
  };
  if (!is_one_of("default-operation", {"merge", "replace"})) return unknown("default-operation");
  if (!is_one_of("test-option", {"set", "test-then-set"})) return unknown("test-option");
  if (!is_one_of("error-option", {"stop-on-error", "rollback-on-error"}))
    return unknown("error-option");
  return "";
}

// Why an edit cannot be tried before it is done; "" if it can.
std::string refuse_test(Context& context) {
  if (!context.authorization().may_give("commit check", true)) return denied();
  if (context.candidate()->mode() == Editing::kPrivate)
    return wrong("operation-not-supported", "an edit of a private candidate is not tested");
  // A check within its window would confirm it.
  if (context.database().timed().confirmation())
    return refused("error: no edit is tested while a commit waits to be confirmed\n");
  return "";
}

// Until the check allows it the candidate stays as it was, and nobody sees or commits the edit.
void test_then_set(Context& context, const configdb::NodePtr& after, const std::string& warnings,
                   const std::function<void(const std::string&)>& answer) {
  configdb::CommitRequest request;
  request.check_only = true;
  request.candidate = after;
  const auto done = [weak = context.weak_from_this(), before = context.candidate()->tree(), after,
                     warnings, answer](const configdb::CommitResult& result) {
    const std::string said = result_xml(result);
    if (!result.ok) return answer(said);
    const auto still = weak.lock();
    configdb::Session* candidate = still ? still->candidate() : nullptr;
    if (!candidate || candidate->tree() != before || !candidate->locked().empty())
      return answer(
          RpcError{"application", "in-use", "the candidate was changed meanwhile", ""}.xml());
    if (const std::string why = candidate->put(after); !why.empty()) return answer(refused(why));
    still->save_later();
    answer(warnings.empty() ? said : warnings + (said == kOk ? "" : said));
  };
  context.candidate()->commit(std::move(request), std::nullopt, done);
}
}  // namespace

ConfigurationRpcs::ConfigurationRpcs(std::weak_ptr<Context> context, uint32_t id)
    : context_(std::move(context)), id_(id) {}

ConfigurationRpcs::~ConfigurationRpcs() {
  if (const auto context = context_.lock()) context->router().locks->erase(id_);
}

bool ConfigurationRpcs::knows(std::string_view operation) {
  constexpr std::string_view kAll[] = {"get-config", "edit-config", "lock",           "unlock",
                                       "validate",   "commit",      "discard-changes"};
  return std::find(std::begin(kAll), std::end(kAll), operation) != std::end(kAll);
}

void ConfigurationRpcs::call(const Element& operation, const Session::Body& body) {
  const Answer answer = [body](const std::string& xml) { body(xml, true); };
  const auto context = context_.lock();
  if (!context) return;
  const std::string& name = operation.name;
  const bool reads = name == "get-config" || name == "validate";
  const char* where = reads ? "source" : "target";
  const std::string store = datastore(operation, where);
  context->database().record(
      "UI_NETCONF_CMD",
      "User '" + context->terminal().user + "' used NETCONF client to run command '" + name + "'");
  if (name == "get-config") return get(*context, operation, body);
  if (!context->authorization().may_give("configure", false)) return answer(denied());
  if (name != "commit" && name != "discard-changes" && store != "candidate")
    return answer(store.empty()
                      ? wrong("missing-element", std::string("no datastore is named"),
                              std::string("<bad-element>") + where + "</bad-element>")
                      : wrong("operation-not-supported", "only the candidate can be: " + store,
                              "<bad-element>" + xml_escape(store) + "</bad-element>"));
  if (name == "edit-config") return edit(*context, operation, answer);
  if (name == "lock") return lock(*context, answer);
  if (name == "unlock") return unlock(*context, answer);
  if (name == "discard-changes") return discard(*context, answer);
  // <confirmed/> that is passed over would make for good what is only tried.
  if (!operation.children.empty() && name == "commit")
    return answer(
        wrong("operation-not-supported", "a commit has no options here",
              "<bad-element>" + xml_escape(operation.children.front().name) + "</bad-element>"));
  commit(*context, name == "validate", answer);
}

void ConfigurationRpcs::get(Context& context, const Element& operation, const Session::Body& body) {
  const Answer answer = [&body](const std::string& xml) { body(xml, true); };
  if (!context.authorization().may_give("show configuration", false)) return answer(denied());
  const std::string store = datastore(operation, "source");
  if (store != "running" && store != "candidate")
    return answer(wrong(store.empty() ? "missing-element" : "operation-not-supported",
                        "the source is <running/> or <candidate/>",
                        "<bad-element>source</bad-element>"));
  const Element* filter = operation.child("filter");
  const std::string* type = filter ? filter->attribute("type") : nullptr;
  if (type && *type != "subtree")
    return answer(wrong("operation-not-supported", "filters are subtrees",
                        "<bad-attribute>type</bad-attribute><bad-element>filter</bad-element>"));
  const configdb::NodePtr tree = store == "running"    ? context.database().active()
                                 : context.candidate() ? context.candidate()->tree()
                                                       : context.database().candidate();
  configdb::NodePtr shown = context.authorization().visible(tree);
  if (filter) {
    auto found = selected(shown, *filter);
    if (!found)
      return answer(RpcError{"application", "too-big", "the filter is too much work", ""}.xml());
    shown = std::move(*found);
  }
  // Never whole in memory: it may be very large.
  std::string piece = "<data>";
  const auto take = [&](std::string_view xml) {
    piece += xml;
    if (piece.size() >= kPiece) body(std::exchange(piece, {}), false);
  };
  if (shown) configdb::write(shown, {}, *configdb::writer(configdb::Form::kXml, {}, take));
  body(piece + "</data>", true);
}

// The candidate is entered by the first operation that needs one, and left with the session.
std::string ConfigurationRpcs::enter(Context& context) {
  if (!context.candidate()) context.enter_configuration(Editing::kShared, "netconf");
  return context.candidate()->locked();
}

void ConfigurationRpcs::edit(Context& context, const Element& operation, const Answer& answer) {
  if (const std::string error = refuse_options(operation); !error.empty()) return answer(error);
  const Element* config = operation.child("config");
  if (!config || config->children.size() != 1 || config->children.front().name != "configuration")
    return answer(wrong("missing-element", "<config> holds one <configuration>",
                        "<bad-element>config</bad-element>"));
  const bool whole = operation.value("default-operation") == "replace";
  if (!context.authorization().may_give(whole ? "load override" : "load merge", true))
    return answer(denied());
  if (const std::string held = enter(context); !held.empty()) return answer(refused(held));
  const bool tested = operation.value("test-option") == "test-then-set";
  if (const std::string error = tested ? refuse_test(context) : ""; !error.empty())
    return answer(error);
  std::string xml;
  write_element(config->children.front(), xml);
  configdb::Session& candidate = *context.candidate();
  const configdb::NodePtr before = candidate.tree();
  auto loading = candidate.load(whole ? Load::kOverride : Load::kMerge, xml, "edit-config", {},
                                grammar::TextForm::kXml);
  loading.text.erase(std::min(loading.text.find("load complete"), loading.text.size()));
  const auto says = [&](const char* words) {
    return loading.text.find(words) != loading.text.npos;
  };
  // A delete of nothing is an error, a remove is not (section 7.2).
  const bool missing = says("statement not found") && asks_for(*config, "delete");
  // At the prompt a warning: the rest is done.
  const bool held = says("] is protected, '");
  if (loading.errors == 0 && !missing && !held) {
    const std::string warnings = warnings_xml(loading.text, asks_for(*config, "remove"));
    if (tested) {
      const configdb::NodePtr after = candidate.tree();
      candidate.put(before);
      return test_then_set(context, after, warnings, answer);
    }
    context.save_later();
    return answer(warnings.empty() ? kOk : warnings);
  }
  candidate.put(before);
  answer(missing && loading.errors == 0
             ? RpcError{"application", "data-missing", bare(loading.text), ""}.xml()
             : refused(loading.text));
}

// Held by another protocol session: its number; by a command line: 0.
void ConfigurationRpcs::lock(Context& context, const Answer& answer) {
  auto& locks = *context.router().locks;
  const configdb::Session* holder = context.database().exclusive();
  const configdb::Session* own = context.candidate();
  if (!holder && own && own->mode() == Editing::kShared && !own->modified())
    context.drop_candidate();  // it may have it alone instead
  std::string refusal = configdb::Session::refusal(context.database(), Editing::kExclusive);
  if (refusal.empty() && context.candidate())
    refusal = "error: this session edits a private candidate\n";
  if (!refusal.empty()) {
    uint32_t id = 0;
    for (const auto& [session, held] : locks)
      if (held == holder && holder) id = session;
    return answer(
        wrong("lock-denied", bare(refusal), "<session-id>" + std::to_string(id) + "</session-id>"));
  }
  context.enter_configuration(Editing::kExclusive, "netconf");
  locks[id_] = context.candidate();
  answer(kOk);
}

void ConfigurationRpcs::unlock(Context& context, const Answer& answer) {
  auto& locks = *context.router().locks;
  const auto held = locks.find(id_);
  const bool ours = held != locks.end() && held->second == context.candidate() && held->second;
  if (!ours)
    return answer(wrong("operation-failed", "the candidate is not locked by this session"));
  locks.erase(held);
  context.drop_candidate();
  answer(kOk);
}

void ConfigurationRpcs::commit(Context& context, bool check_only, const Answer& answer) {
  if (!context.authorization().may_give(check_only ? "commit check" : "commit", true))
    return answer(denied());
  if (const std::string held = enter(context); !held.empty()) return answer(refused(held));
  configdb::CommitRequest request;
  request.check_only = check_only;
  context.candidate()->commit(
      std::move(request), std::nullopt,
      [answer](const configdb::CommitResult& result) { answer(result_xml(result)); });
}

void ConfigurationRpcs::discard(Context& context, const Answer& answer) {
  if (!context.authorization().may_give("rollback 0", true)) return answer(denied());
  if (const std::string held = enter(context); !held.empty()) return answer(refused(held));
  const std::string text = context.candidate()->rollback(0);
  context.save_later();
  answer(text.find("error:") == text.npos ? kOk : refused(text));
}

}  // namespace nezu::mgmt
