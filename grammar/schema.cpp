#include "grammar/schema.h"

#include <libyang/libyang.h>
#include <libyang/plugins_exts.h>

#include <algorithm>
#include <deque>
#include <filesystem>
#include <map>
#include <stdexcept>

#include "grammar/yang_types.h"

namespace nezu::grammar {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kRootModule = "nezu-configuration";

// The extension instances of a node (or module), by name.
class Extensions {
 public:
  explicit Extensions(const lysc_ext_instance* instances) : instances_(instances) {}
  bool has(std::string_view name) const { return find(name) != nullptr; }
  std::string argument(std::string_view name) const {
    const auto found = find(name);
    return found && found->argument ? found->argument : "";
  }
  std::vector<std::string> arguments(std::string_view name) const {
    std::vector<std::string> all;
    LY_ARRAY_COUNT_TYPE i;
    LY_ARRAY_FOR (instances_, i)
      if (name == instances_[i].def->name) all.emplace_back(instances_[i].argument);
    return all;
  }

 private:
  const lysc_ext_instance* find(std::string_view name) const {
    LY_ARRAY_COUNT_TYPE i;
    LY_ARRAY_FOR (instances_, i)
      if (name == instances_[i].def->name) return &instances_[i];
    return nullptr;
  }
  const lysc_ext_instance* instances_;
};

using Context = std::unique_ptr<ly_ctx, decltype(&ly_ctx_destroy)>;

[[noreturn]] void broken(const ly_ctx* context, const std::string& where) {
  const char* words = ly_errmsg(context);
  const char* path = ly_errpath(context);
  throw std::runtime_error("schema: " + where + ": " + (words ? words : "broken") +
                           (path ? std::string(" at ") + path : ""));
}

Context load_modules(const std::string& directory) {
  if (directory.empty())
    throw std::runtime_error(
        "the schema is not found: there is no ../share/nezu/yang beside the program's folder, and "
        "no "
        "grammar/yang in a folder above it");
  ly_log_options(LY_LOSTORE_LAST);
  ly_ctx* raw = nullptr;
  const auto options =
      LY_CTX_NO_YANGLIBRARY | LY_CTX_DISABLE_SEARCHDIR_CWD | LY_CTX_EXPLICIT_COMPILE;
  if (!fs::is_directory(directory) || ly_ctx_new(directory.c_str(), options, &raw) != LY_SUCCESS)
    throw std::runtime_error("the schema is not found: there is no directory '" + directory + "'");
  Context context(raw, ly_ctx_destroy);
  std::vector<std::string> modules;
  for (const auto& entry : fs::directory_iterator(directory))
    if (entry.path().extension() == ".yang") modules.push_back(entry.path().stem());
  std::sort(modules.begin(), modules.end());
  for (const auto& module : modules)
    if (!ly_ctx_load_module(raw, module.c_str(), nullptr, nullptr)) broken(raw, module);
  if (ly_ctx_compile(raw) != LY_SUCCESS) broken(raw, directory);
  return context;
}

class FrozenSchema : public Schema {
 public:
  explicit FrozenSchema(const std::string& directory);

  const Statement& configuration() const override { return *configuration_; }
  const std::vector<Command>& commands() const override { return commands_; }
  const std::vector<Choice>& command_words() const override { return command_words_; }
  const Command* command(std::string_view rpc) const override {
    const auto found = by_rpc_.find(rpc);
    return found == by_rpc_.end() ? nullptr : &commands_[found->second];
  }
  const Statement* at(std::string_view path) const override;

 private:
  void freeze_module(const lys_module* module);
  void freeze_command(const lysc_node_action* rpc);
  Statement* freeze(const lysc_node* node, Statement* parent);
  void freeze_children(const lysc_node* first, Statement& parent);
  void freeze_value(const lysc_node* node, Statement& statement);
  void set_alternative(const lysc_node* node, Statement& statement);

  const ly_ctx* context_ = nullptr;  ///< while loading
  std::deque<Statement> statements_;
  std::vector<std::unique_ptr<Type>> types_;
  std::vector<Command> commands_;
  std::map<std::string, size_t, std::less<>> by_rpc_;
  std::vector<Choice> command_words_;
  std::map<const lysc_node*, int> alternatives_;  ///< while loading: choices and cases, numbered
  const Statement* configuration_ = nullptr;
};

FrozenSchema::FrozenSchema(const std::string& directory) {
  const Context context = load_modules(directory);
  context_ = context.get();
  uint32_t index = 0;
  while (const auto module = ly_ctx_get_module_iter(context_, &index))
    if (module->compiled) freeze_module(module);
  if (!configuration_) throw std::runtime_error("schema: no configuration root in " + directory);
  context_ = nullptr;
  alternatives_.clear();
}

void FrozenSchema::freeze_module(const lys_module* module) {
  if (module->name == kRootModule) {
    configuration_ = freeze(module->compiled->data, nullptr);
    return;
  }
  for (const auto& words : Extensions(module->compiled->exts).arguments("command-word")) {
    const auto colon = words.find(": ");
    if (colon == std::string::npos) broken(nullptr, std::string("command-word '") + words + "'");
    command_words_.push_back({words.substr(0, colon), words.substr(colon + 2)});
  }
  for (auto rpc = module->compiled->rpcs; rpc; rpc = rpc->next) freeze_command(rpc);
}

void FrozenSchema::freeze_command(const lysc_node_action* rpc) {
  const Extensions extensions(rpc->exts);
  Command command;
  command.rpc = rpc->name;
  command.command = extensions.argument("command");
  command.help = rpc->dsc ? rpc->dsc : "";
  command.configuration_mode = extensions.has("configuration-mode");
  Statement& input = statements_.emplace_back();
  input.name = rpc->name;
  freeze_children(rpc->input.child, input);
  command.input = &input;
  if (rpc->output.child) {
    Statement& output = statements_.emplace_back();
    output.name = rpc->name;
    freeze_children(rpc->output.child, output);
    command.output = &output;
  }
  if (!by_rpc_.emplace(command.rpc, commands_.size()).second)
    throw std::runtime_error("schema: two rpcs of the name " + command.rpc);
  commands_.push_back(std::move(command));
}

Kind kind_of(const lysc_node* node) {
  switch (node->nodetype) {
    case LYS_LIST:
      return Kind::kList;
    case LYS_LEAFLIST:
      return Kind::kLeafList;
    case LYS_LEAF: {
      const auto type = reinterpret_cast<const lysc_node_leaf*>(node)->type;
      return type->basetype == LY_TYPE_EMPTY ? Kind::kFlag : Kind::kLeaf;
    }
    default:
      return node->flags & LYS_PRESENCE ? Kind::kPresence : Kind::kContainer;
  }
}

void set_marks(const lysc_node* node, Statement& statement) {
  const Extensions extensions(node->exts);
  statement.no_keyword = extensions.has("no-keyword");
  statement.one_line = extensions.has("one-line");
  statement.one_line_plus = extensions.has("one-line-plus");
  statement.joined = extensions.has("joined");
  statement.homogeneous = extensions.has("homogeneous");
  statement.secret = extensions.has("secret");
  statement.hidden = extensions.has("hidden");
  statement.not_modelled =
      extensions.has("not-modelled") || (statement.parent && statement.parent->not_modelled);
  statement.live_names = extensions.argument("live-names");
  statement.reference = extensions.argument("reference");
  statement.reference_message = extensions.argument("message");
}

Statement* FrozenSchema::freeze(const lysc_node* node, Statement* parent) {
  Statement& statement = statements_.emplace_back();
  statement.name = node->name;
  statement.kind = kind_of(node);
  statement.parent = parent;
  statement.help = node->dsc ? node->dsc : "";
  statement.user_ordered =
      (node->nodetype & (LYS_LIST | LYS_LEAFLIST)) && lysc_is_userordered(node);
  set_marks(node, statement);
  set_alternative(node, statement);
  freeze_value(node, statement);
  freeze_children(lysc_node_child(node), statement);
  return &statement;
}

void FrozenSchema::freeze_children(const lysc_node* first, Statement& parent) {
  for (auto node = first; node; node = node->next) {
    if (node->nodetype & (LYS_CHOICE | LYS_CASE)) {
      freeze_children(lysc_node_child(node), parent);
      continue;
    }
    const bool key = lysc_is_key(node);
    (key ? parent.keys : parent.children).push_back(freeze(node, &parent));
  }
}

void FrozenSchema::freeze_value(const lysc_node* node, Statement& statement) {
  const lysc_type* type = nullptr;
  if (statement.kind == Kind::kLeaf) {
    const auto leaf = reinterpret_cast<const lysc_node_leaf*>(node);
    type = leaf->type;
    statement.mandatory = leaf->flags & LYS_MAND_TRUE;
    if (leaf->dflt) statement.default_value = lyd_value_get_canonical(context_, leaf->dflt);
  } else if (statement.kind == Kind::kLeafList) {
    type = reinterpret_cast<const lysc_node_leaflist*>(node)->type;
  }
  if (!type) return;
  auto placeholder = Extensions(node->exts).argument("placeholder");
  if (placeholder.empty()) placeholder = node->name;
  types_.push_back(freeze_type(type, placeholder));
  statement.type = types_.back().get();
}

// Nested choices: the innermost one counts.
void FrozenSchema::set_alternative(const lysc_node* node, Statement& statement) {
  const auto case_node = node->parent;
  if (!case_node || case_node->nodetype != LYS_CASE) return;
  const auto number = [&](const lysc_node* of) {
    return alternatives_.emplace(of, static_cast<int>(alternatives_.size()) + 1).first->second;
  };
  statement.alternative = number(case_node->parent);
  statement.alternative_case = number(case_node);
}

const Statement* FrozenSchema::at(std::string_view path) const {
  const Statement* statement = configuration_;
  while (statement && !path.empty()) {
    const auto blank = std::min(path.find(' '), path.size());
    if (blank > 0) statement = statement->child(path.substr(0, blank));
    path.remove_prefix(std::min(blank + 1, path.size()));
  }
  return statement;
}

}  // namespace

const Statement* Statement::child(std::string_view word) const {
  for (const auto statement : children)
    if (statement->name == word) return statement;
  return nullptr;
}

std::string Statement::path() const {
  if (!parent) return "";
  const auto above = parent->path();
  return above.empty() ? name : above + " " + name;
}

std::shared_ptr<const Schema> Schema::load(const std::string& directory) {
  return std::make_shared<FrozenSchema>(directory);
}

std::string schema_directory() {
  std::error_code error;
  const fs::path program = fs::read_symlink("/proc/self/exe", error);
  const fs::path installed = program.parent_path().parent_path() / "share/nezu/yang";
  if (fs::is_directory(installed, error)) return installed;
  for (fs::path at = program.parent_path(); at != at.root_path(); at = at.parent_path())
    if (fs::is_directory(at / "grammar/yang", error)) return at / "grammar/yang";
  return "";
}

}  // namespace nezu::grammar
