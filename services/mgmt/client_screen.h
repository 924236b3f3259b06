#pragma once
#include <memory>
#include <string>

#include "services/mgmt/connection.h"

namespace nezu::mgmt {

/// A command's output as the body of one rpc-reply of the private protocol.
class Connection::ClientScreen : public Screen {
 public:
  ClientScreen(std::shared_ptr<Connection*> connection, std::string id,
               std::shared_ptr<bool> cancelled)
      : connection_(std::move(connection)), id_(std::move(id)), cancelled_(std::move(cancelled)) {}

  void write(std::string_view text) override;
  void without_pager() override { pager_ = false; }
  void hold() override { hold_ = true; }
  void ends_itself() override { end_by("ends"); }
  void sees_through() override { end_by("waits"); }
  bool cancelled() const override { return *cancelled_; }
  void look() override;
  void done(Outcome outcome) override;

 private:
  void begin();
  void end_by(const char* interrupt);

  std::shared_ptr<Connection*> connection_;
  std::string id_;
  std::shared_ptr<bool> cancelled_;
  bool begun_ = false;
  bool done_ = false;
  bool pager_ = true, hold_ = false;
  const char* interrupt_ = "";  ///< what an interrupt does
};

/// A standard rpc's answer: the values of its output model as XML.
class Connection::XmlReply : public Reply {
 public:
  XmlReply(std::shared_ptr<Connection*> connection, std::string id,
           std::shared_ptr<bool> cancelled);

  void open(std::string_view name) override { output_->open(name); }
  void leaf(std::string_view name, std::string_view value) override { output_->leaf(name, value); }
  void close() override { output_->close(); }
  void fail(std::string_view message) override;
  void message(std::string_view text) override;
  void finish() override;
  bool cancelled() const override { return *cancelled_; }

 private:
  void write(std::string_view xml);
  void end(const std::string& tail);

  std::shared_ptr<Connection*> connection_;
  std::string id_;
  std::shared_ptr<bool> cancelled_;
  std::unique_ptr<grammar::Output> output_;
  bool begun_ = false;
  bool done_ = false;
};

}  // namespace nezu::mgmt
