#include "grammar/schema.h"

#include <libyang/libyang.h>
#include <libyang/plugins_exts.h>

#include <algorithm>
#include <deque>
#include <filesystem>
#include <map>
#include <stdexcept>

#include "grammar/condition.h"
#include "grammar/value_types.h"
#include "grammar/yang_types.h"

namespace nezu::grammar {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kRootModule = "nezu-configuration";
constexpr std::string_view kSubmodules = "nezu-conf-";  // the root module includes them

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
    if (entry.path().extension() == ".yang" &&
        !entry.path().stem().string().starts_with(kSubmodules))
      modules.push_back(entry.path().stem());
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
  void set_unique(const lysc_node_list* list, Statement& statement);
  void keep_musts(const lysc_node* node, Statement& statement);
  void read_musts();
  void add_inheritance(Statement& level);
  static void adopt(Statement& parent, Statement* child);
  void share_children();

  const ly_ctx* context_ = nullptr;  ///< while loading
  std::deque<Statement> statements_;
  std::vector<std::unique_ptr<Type>> types_;
  std::vector<Command> commands_;
  std::map<std::string, size_t, std::less<>> by_rpc_;
  std::vector<Choice> command_words_;
  std::map<const lysc_node*, int> alternatives_;  ///< while loading: choices and cases, numbered
  struct MustText {
    Statement* context;
    std::string xpath;
    std::string message;
  };
  std::vector<MustText> must_texts_;  ///< while loading: they may name what comes later
  std::deque<Must> musts_;
  std::vector<std::pair<Statement*, std::string>> ranges_;  ///< while loading
  bool in_configuration_ = false;                           ///< while loading
  std::unique_ptr<Type> group_type_ =
      std::make_unique<TextType>("value", 1, 254, std::vector<TextType::Pattern>{});
  std::unique_ptr<Type> flag_type_ = std::make_unique<WordType>(
      "", std::vector<Choice>{{"omit", "Leave out what it holds, but for '| display omit'"}});
  Statement* configuration_ = nullptr;
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
  read_musts();
}

void FrozenSchema::freeze_module(const lys_module* module) {
  if (module->name == kRootModule) {
    in_configuration_ = true;
    configuration_ = freeze(module->compiled->data, nullptr);
    in_configuration_ = false;
    share_children();
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

[[noreturn]] void unsupported(const lysc_node* node, const std::string& what) {
  std::string path = node->name;
  for (auto at = node->parent; at; at = at->parent) path = std::string(at->name) + "/" + path;
  throw std::runtime_error("schema: nothing would enforce " + what + " at " + path);
}

// Everything that says what a configuration may be and that validation does not look at.
void refuse_unsupported(const lysc_node* node) {
  if (lysc_node_when(node)) unsupported(node, "'when'");
  if (node->nodetype & (LYS_ANYDATA | LYS_ACTION | LYS_NOTIF))
    unsupported(node, "a node like this");
  if ((node->nodetype & LYS_CHOICE) && (node->flags & LYS_MAND_TRUE))
    unsupported(node, "a mandatory choice");
  if ((node->nodetype & LYS_CHOICE) && reinterpret_cast<const lysc_node_choice*>(node)->dflt)
    unsupported(node, "the default of a choice");
  if (node->nodetype == LYS_LEAFLIST && reinterpret_cast<const lysc_node_leaflist*>(node)->dflts)
    unsupported(node, "the default of a leaf-list");
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
  statement.hashed = extensions.has("hashed");
  statement.secret = statement.hashed || extensions.has("secret");
  statement.hidden = extensions.has("hidden");
  statement.not_modelled =
      extensions.has("not-modelled") || (statement.parent && statement.parent->not_modelled);
  statement.live_names = extensions.argument("live-names");
  statement.groups = extensions.has("groups");
  if (extensions.has("apply-flags")) statement.inheritance = Inheritance::kFlags;
  if (extensions.has("apply-groups")) statement.inheritance = Inheritance::kApply;
  statement.apply_path = extensions.argument("apply-path");
  statement.reference = extensions.argument("reference");
  statement.reference_message = extensions.argument("message");
  statement.absent_after = extensions.argument("absent-after");
}

void set_bounds(const lysc_node* node, Statement& statement) {
  const auto set = [&](uint32_t least, uint32_t most) {
    statement.least = least;
    statement.most = most == UINT32_MAX ? 0 : most;
  };
  if (node->nodetype == LYS_LIST) {
    const auto list = reinterpret_cast<const lysc_node_list*>(node);
    set(list->min, list->max);
  } else if (node->nodetype == LYS_LEAFLIST) {
    const auto values = reinterpret_cast<const lysc_node_leaflist*>(node);
    set(values->min, values->max);
  }
}

// A string of several lines in a module is one line for the router.
std::string in_one_line(const char* text) {
  std::string line = text ? text : "";
  for (size_t at = 0; (at = line.find('\n', at)) != std::string::npos;) {
    const size_t next = std::min(line.find_first_not_of(" \n", at), line.size());
    line.replace(at, next - at, 1, ' ');
  }
  return line;
}

Statement* FrozenSchema::freeze(const lysc_node* node, Statement* parent) {
  Statement& statement = statements_.emplace_back();
  statement.name = node->name;
  statement.kind = kind_of(node);
  statement.parent = parent;
  statement.help = in_one_line(node->dsc);
  statement.user_ordered =
      (node->nodetype & (LYS_LIST | LYS_LEAFLIST)) && lysc_is_userordered(node);
  set_marks(node, statement);
  set_bounds(node, statement);
  set_alternative(node, statement);
  freeze_value(node, statement);
  keep_musts(node, statement);
  if (in_configuration_ && statement.holds_statements()) add_inheritance(statement);
  freeze_children(lysc_node_child(node), statement);
  if (node->nodetype == LYS_LIST)
    set_unique(reinterpret_cast<const lysc_node_list*>(node), statement);
  if (const auto list = Extensions(node->exts).argument("ranges-over"); !list.empty())
    ranges_.emplace_back(&statement, list);
  return &statement;
}

void FrozenSchema::keep_musts(const lysc_node* node, Statement& statement) {
  const lysc_must* musts = lysc_node_musts(node);
  LY_ARRAY_COUNT_TYPE i;
  LY_ARRAY_FOR (musts, i) {
    if (!musts[i].emsg) unsupported(node, "a must without error-message");
    must_texts_.push_back({&statement, lyxp_get_expr(musts[i].cond), in_one_line(musts[i].emsg)});
  }
}

void FrozenSchema::set_unique(const lysc_node_list* list, Statement& statement) {
  LY_ARRAY_COUNT_TYPE i;
  LY_ARRAY_FOR (list->uniques, i) {
    std::vector<const Statement*> leaves;
    LY_ARRAY_COUNT_TYPE j;
    LY_ARRAY_FOR (list->uniques[i], j) {
      const Statement* leaf = statement.child(list->uniques[i][j]->name);
      if (!leaf) unsupported(&list->node, "'unique' of more than the list's own leaves");
      leaves.push_back(leaf);
    }
    statement.unique.push_back(std::move(leaves));
  }
}

// The statements from the root to this one.
std::vector<const Statement*> way_to(const Statement* statement) {
  std::vector<const Statement*> way;
  for (; statement->parent; statement = statement->parent) way.insert(way.begin(), statement);
  return way;
}

// How much of a path two statements share: what is above `path`, then containers that both are in.
size_t shared_way(const Statement& context, const Condition& path) {
  const auto way = way_to(&context);
  size_t shared = way.size() - path.up;
  for (const auto& step : path.steps) {
    const bool same = shared < way.size() && way[shared] == step.statement;
    if (!same || step.statement->kind == Kind::kList) break;
    ++shared;
  }
  return shared;
}

void FrozenSchema::read_musts() {
  for (auto& [context, xpath, message] : must_texts_) {
    const Must& must =
        musts_.emplace_back(Must{context, Condition::read(*context, xpath), std::move(message)});
    context->musts.push_back(&must);
    each_path(must.condition, [&, from = context](const Condition& path) {
      if (path.steps.empty()) return;
      // Statements live in this schema's own deque: they are only const to everybody else.
      const auto end = const_cast<Statement*>(path.steps.back().statement);
      end->dependents.push_back({&must, shared_way(*from, path)});
    });
  }
  must_texts_.clear();
}

// apply-flags, apply-groups and apply-groups-except are legal at every level; the root has its own
// in the YANG, where they stand in their place.
void FrozenSchema::add_inheritance(Statement& level) {
  if (!level.parent || level.joined || level.groups) return;
  const auto add = [&](const char* name, const char* help, Inheritance inheritance) {
    Statement& made = statements_.emplace_back();
    made.name = name;
    made.kind = Kind::kLeafList;
    made.parent = &level;
    made.help = help;
    made.user_ordered = true;
    made.inheritance = inheritance;
    made.type = group_type_.get();
    if (inheritance == Inheritance::kFlags) {
      made.type = flag_type_.get();
    } else {
      made.reference = "groups";
      made.reference_message = "Group is not defined";
    }
    adopt(level, &made);
  };
  add("apply-flags", "How this level is shown", Inheritance::kFlags);
  add("apply-groups", "Groups from which to inherit configuration data", Inheritance::kApply);
  add("apply-groups-except", "Don't inherit configuration data from these groups",
      Inheritance::kExcept);
}

void FrozenSchema::adopt(Statement& parent, Statement* child) {
  child->place = static_cast<uint32_t>(parent.children.size());
  parent.children.push_back(child);
}

// What holds the same statements as something else can have them once all are known.
void FrozenSchema::share_children() {
  for (const Statement* child : configuration_->children) {
    if (!child->groups) continue;
    auto& groups = const_cast<Statement&>(*child);
    const auto own = static_cast<uint32_t>(groups.children.size());
    for (const Statement* each : configuration_->children) {
      const_cast<Statement&>(*each).place += own;  // a group's own statements come before them
      if (!each->groups) groups.children.push_back(each);
    }
  }
  for (auto& [ranges, name] : ranges_) {
    const Statement* over = ranges->parent->child(name);
    if (!over) throw std::runtime_error("schema: ranges-over '" + name + "': no such list");
    ranges->ranges_over = over;
    // Places are those of the list, so its own statements come behind them.
    auto own = std::move(ranges->children);
    ranges->children = over->children;
    for (const Statement* each : own) {
      if (each->inheritance != Inheritance::kNone) continue;
      auto& statement = const_cast<Statement&>(*each);
      adopt(*ranges, &statement);
    }
  }
}

void FrozenSchema::freeze_children(const lysc_node* first, Statement& parent) {
  for (auto node = first; node; node = node->next) {
    if (node->module->name == kRootModule) refuse_unsupported(node);
    if (node->nodetype & (LYS_CHOICE | LYS_CASE)) {
      freeze_children(lysc_node_child(node), parent);
      continue;
    }
    Statement* made = freeze(node, &parent);
    if (lysc_is_key(node))
      parent.keys.push_back(made);
    else
      adopt(parent, made);
  }
}

// "/configuration/security/ike/proposal/name" → "security ike proposal"
void set_reference(const lysc_type* type, Statement& statement) {
  if (type->basetype == LY_TYPE_UNION) {
    const auto all = reinterpret_cast<const lysc_type_union*>(type);
    LY_ARRAY_COUNT_TYPE i;
    LY_ARRAY_FOR (all->types, i) set_reference(all->types[i], statement);
  }
  if (type->basetype != LY_TYPE_LEAFREF) return;
  const auto leafref = reinterpret_cast<const lysc_type_leafref*>(type);
  std::string path = lyxp_get_expr(leafref->path);
  constexpr std::string_view kRoot = "/configuration/";
  if (!path.starts_with(kRoot) || !leafref->require_instance)
    throw std::runtime_error("schema: leafref not supported: " + path);
  path = path.substr(kRoot.size(), path.rfind('/') - kRoot.size());
  std::replace(path.begin(), path.end(), '/', ' ');
  statement.reference = path;
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
  set_reference(type, statement);
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

bool absent_after(const Statement& key, std::string_view before) {
  const std::string words = " " + key.absent_after + " ";
  return words.find(" " + std::string(before) + " ") != std::string::npos;
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
