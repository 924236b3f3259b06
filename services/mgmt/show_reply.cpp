#include "services/mgmt/show_reply.h"

#include "services/mgmt/xml_reader.h"

namespace nezu::mgmt {
namespace {
std::unique_ptr<grammar::Output> output_for(const RunPtr& run, const grammar::Layout* layout) {
  const auto sink = [run = run.get()](std::string_view text) { run->write(text); };
  switch (run->pipeline().display) {
    case Pipeline::Display::kXml:
      return grammar::xml_output(sink, 4);
    case Pipeline::Display::kJson:
      return grammar::json_output(sink);
    default:
      return layout ? grammar::text_output(*layout, sink) : nullptr;
  }
}

bool as_xml(const RunPtr& run) {
  return run->pipeline().display == Pipeline::Display::kXml;
}
}  // namespace

std::string_view xml_head() {
  return "<rpc-reply xmlns:junos=\"http://xml.juniper.net/junos/" NEZU_VERSION "/junos\">\n";
}
std::string xml_tail(const Run& run) {
  return "    <cli>\n        <banner>" + xml_escape(run.level()) +
         "</banner>\n    </cli>\n</rpc-reply>\n";
}

ShowReply::ShowReply(RunPtr run, const grammar::Layout* layout)
    : run_(std::move(run)), output_(output_for(run_, layout)) {
  if (as_xml(run_)) run_->write(xml_head());
}

void ShowReply::open(std::string_view name) {
  ++depth_;
  if (output_) output_->open(name);
}

void ShowReply::leaf(std::string_view name, std::string_view value) {
  if (output_) output_->leaf(name, value);
}

void ShowReply::close() {
  --depth_;
  if (output_) output_->close();
}

void ShowReply::fail(std::string_view message) {
  run_->refuse("error: " + std::string(message) + "\n");
}

void ShowReply::message(std::string_view text) {
  if (as_xml(run_))
    run_->write("    <output>" + xml_escape(text) + "</output>\n");
  else if (run_->pipeline().display == Pipeline::Display::kJson)
    output_->leaf("output", text);
  else
    run_->write(std::string(text) + "\n");
}

void ShowReply::finish() {
  output_.reset();  // whatever it still holds goes out first
  if (as_xml(run_)) run_->write(xml_tail(*run_));
  run_->done();
}

}  // namespace nezu::mgmt
