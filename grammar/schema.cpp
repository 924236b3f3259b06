#include "grammar/schema.h"

#include <filesystem>
#include <map>

#include "grammar/image.h"

namespace nezu::grammar {
namespace {

namespace fs = std::filesystem;

class ImageSchema : public Schema {
 public:
  explicit ImageSchema(std::shared_ptr<const Image> image);

  const Statement& configuration() const override { return *image_->head().configuration; }
  const std::vector<Command>& commands() const override { return commands_; }
  const std::vector<Choice>& command_words() const override { return command_words_; }
  const Command* command(std::string_view rpc) const override {
    const auto found = by_rpc_.find(rpc);
    return found == by_rpc_.end() ? nullptr : &commands_[found->second];
  }
  const Statement* at(std::string_view path) const override;
  std::string frozen() const override { return image_->bytes(); }

 private:
  std::shared_ptr<const Image> image_;
  std::vector<Command> commands_;
  std::map<std::string, size_t, std::less<>> by_rpc_;
  std::vector<Choice> command_words_;
};

ImageSchema::ImageSchema(std::shared_ptr<const Image> image) : image_(std::move(image)) {
  for (const auto& rpc : image_->head().rpcs) {
    by_rpc_.emplace(rpc.name, commands_.size());
    commands_.push_back(
        {rpc.name, rpc.command, rpc.help, rpc.configuration_mode, rpc.input, rpc.output});
  }
  for (const auto& [words, help] : image_->head().command_words)
    command_words_.push_back({words, help});
}

const Statement* ImageSchema::at(std::string_view path) const {
  const Statement* statement = &configuration();
  while (statement && !path.empty()) {
    const auto blank = std::min(path.find(' '), path.size());
    if (blank > 0) statement = statement->child(path.substr(0, blank));
    path.remove_prefix(std::min(blank + 1, path.size()));
  }
  return statement;
}

fs::path beside_the_program() {
  std::error_code error;
  return fs::read_symlink("/proc/self/exe", error).parent_path();
}

}  // namespace

std::shared_ptr<const Schema> schema_of(std::shared_ptr<const Image> image) {
  return std::make_shared<ImageSchema>(std::move(image));
}

std::shared_ptr<const Schema> Schema::open(const std::string& file) {
  return schema_of(Image::map(file));
}

const Statement* Statement::child(std::string_view word) const {
  for (const Statement* statement : children)
    if (statement->name == word) return statement;
  return nullptr;
}

std::string Statement::path() const {
  if (!parent) return "";
  const auto above = parent->path();
  return above.empty() ? name.str() : above + " " + name;
}

bool absent_after(const Statement& key, std::string_view before) {
  const std::string words = " " + key.absent_after.str() + " ";
  return words.find(" " + std::string(before) + " ") != std::string::npos;
}

std::string schema_file() {
  return beside_the_program().parent_path() / "share/nezu/nezu.schema";
}

std::string schema_directory() {
  std::error_code error;
  const fs::path program = beside_the_program();
  const fs::path installed = program.parent_path() / "share/nezu/yang";
  if (fs::is_directory(installed, error)) return installed;
  for (fs::path at = program; at != at.root_path(); at = at.parent_path())
    if (fs::is_directory(at / "grammar/yang", error)) return at / "grammar/yang";
  return "";
}

}  // namespace nezu::grammar
