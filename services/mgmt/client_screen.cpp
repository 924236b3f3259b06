#include "services/mgmt/client_screen.h"

namespace nezu::mgmt {
namespace {
const char* word_of(Outcome::Kind kind) {
  switch (kind) {
    case Outcome::Kind::kDone:
      return "done";
    case Outcome::Kind::kRefused:
      return "refused";
    case Outcome::Kind::kQuestion:
      return "question";
    case Outcome::Kind::kInput:
      return "input";
    case Outcome::Kind::kProgram:
      return "program";
    case Outcome::Kind::kClosed:
      return "closed";
  }
  return "done";
}

std::string outcome_xml(const Outcome& outcome) {
  std::string out = "<cli:outcome>" + std::string(word_of(outcome.kind)) + "</cli:outcome>";
  if (outcome.kind == Outcome::Kind::kQuestion)
    out += "<cli:question>" + xml_escape(outcome.text) + "</cli:question><cli:standard>" +
           xml_escape(outcome.standard) + "</cli:standard>" +
           (outcome.hidden ? "<cli:echo>no</cli:echo>" : "");
  if (outcome.kind == Outcome::Kind::kProgram) {
    out += "<cli:account>" + xml_escape(outcome.text) + "</cli:account>";
    for (const std::string& word : outcome.program)
      out += "<cli:word>" + xml_escape(word) + "</cli:word>";
  }
  return out;
}
}  // namespace

void Connection::ClientScreen::begin() {
  if (std::exchange(begun_, true)) return;
  std::string head = "<cli:output";
  if (!pager_) head += " more=\"no\"";
  if (hold_) head += " hold=\"yes\"";
  if (*interrupt_) head += std::string(" interrupt=\"") + interrupt_ + "\"";
  (*connection_)->begin(id_, head + ">", Outbox::Body::kText);
}

// Said at once: the user may interrupt before there is any output.
void Connection::ClientScreen::end_by(const char* interrupt) {
  if (!*connection_ || begun_ || done_) return;
  interrupt_ = interrupt;
  begin();
  (*connection_)->flush();
}

void Connection::ClientScreen::write(std::string_view text) {
  if (!*connection_ || *cancelled_ || done_ || text.empty()) return;
  begin();
  (*connection_)->write(text);
}

void Connection::ClientScreen::look() {
  if (*connection_) (*connection_)->look();
}

void Connection::ClientScreen::done(Outcome outcome) {
  if (!*connection_ || std::exchange(done_, true)) return;
  begin();
  Connection& connection = **connection_;
  if (connection.outbox_.lost() && outcome.kind == Outcome::Kind::kDone)
    outcome.kind = Outcome::Kind::kRefused;
  connection.end("</cli:output>" + outcome_xml(outcome) + connection.state());
}

Connection::XmlReply::XmlReply(std::shared_ptr<Connection*> connection, std::string id,
                               std::shared_ptr<bool> cancelled)
    : connection_(std::move(connection)),
      id_(std::move(id)),
      cancelled_(std::move(cancelled)),
      output_(grammar::xml_output([this](std::string_view xml) { write(xml); }, 2)) {}

void Connection::XmlReply::write(std::string_view xml) {
  if (!*connection_ || *cancelled_ || done_) return;
  if (!std::exchange(begun_, true)) (*connection_)->begin(id_, "", Outbox::Body::kXml);
  (*connection_)->write(xml);
}

void Connection::XmlReply::message(std::string_view text) {
  write("<output>" + xml_escape(text) + "</output>");
}

void Connection::XmlReply::fail(std::string_view message) {
  end(RpcError{.message = std::string(message)}.xml());
}

void Connection::XmlReply::finish() {
  end(begun_ ? "" : "<ok/>");
}

void Connection::XmlReply::end(const std::string& tail) {
  if (!*connection_ || std::exchange(done_, true)) return;
  if (!begun_) (*connection_)->begin(id_, "", Outbox::Body::kXml);
  (*connection_)->end(tail);
}

}  // namespace nezu::mgmt
