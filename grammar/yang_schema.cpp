#include <libyang/libyang.h>
#include <libyang/plugins_exts.h>

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <stdexcept>

#include "grammar/image.h"
#include "grammar/yang_types.h"

namespace nezu::grammar {
namespace {

namespace fs = std::filesystem;

constexpr size_t kMost = size_t{64} << 20;  // bytes of a frozen schema
constexpr std::string_view kRootModule = "nezu-configuration";
constexpr std::string_view kSubmodules = "nezu-conf-";  // the root module includes them

// What apply-flags may say.
const std::vector<Choice> kFlags = {{"omit", "Leave out what it holds, but for '| display omit'"}};

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

// Statements below a statement, while they come.
struct Below {
  std::vector<const Statement*> children, keys;
};

// Reads modules into an arena, statement by statement.
class YangReader {
 public:
  explicit YangReader(const std::string& directory);
  std::shared_ptr<const Image> image() { return Image::keep(std::move(arena_), writable_); }

 private:
  void freeze_module(const lys_module* module);
  void freeze_command(const lysc_node_action* rpc);
  const Statement* freeze_arguments(const lysc_node_action* rpc, const lysc_node* first);
  Statement* freeze(const lysc_node* node, Statement* parent);
  void freeze_children(const lysc_node* first, Statement& parent, Below& below);
  void freeze_value(const lysc_node* node, Statement& statement);
  void set_marks(const lysc_node* node, Statement& statement);
  void set_alternative(const lysc_node* node, Statement& statement);
  void set_unique(const lysc_node_list* list, Statement& statement);
  void set_reference(const lysc_type* type, Statement& statement);
  void keep_musts(const lysc_node* node, const Statement& statement);
  void add_inheritance(const Statement& level, Below& below);
  void share_children();
  void link_commands();
  void link_types();
  void link_musts();
  static void adopt(Below& parent, Statement& child);

  std::unique_ptr<SchemaArena> arena_ = std::make_unique<SchemaArena>(kMost);
  ImageHead& head_ = arena_->make<ImageHead>();
  uint32_t writable_ = 0;
  TypeReader types_{*arena_};
  const ly_ctx* context_ = nullptr;
  bool in_configuration_ = false;
  std::map<const lysc_node*, int> alternatives_;  ///< choices and cases, numbered
  std::vector<std::pair<Statement*, const TypeData*>> typed_;
  std::vector<std::pair<Statement*, std::string>> ranges_;

  struct MustText {
    const Statement* context;
    std::string xpath, message;
  };
  std::vector<MustText> musts_;  ///< they may name what comes later
  struct RpcText {
    std::string name, command, help;
    bool configuration_mode;
    const Statement *input, *output;
  };
  std::vector<RpcText> rpcs_;
  std::vector<std::pair<std::string, std::string>> command_words_;
};

YangReader::YangReader(const std::string& directory) {
  const Context context = load_modules(directory);
  context_ = context.get();
  uint32_t index = 0;
  while (const auto module = ly_ctx_get_module_iter(context_, &index))
    if (module->compiled) freeze_module(module);
  if (!head_.configuration)
    throw std::runtime_error("schema: no configuration root in " + directory);
  link_commands();
  arena_->align(static_cast<size_t>(sysconf(_SC_PAGESIZE)));
  writable_ = static_cast<uint32_t>(arena_->bytes().size());
  link_types();
  link_musts();
}

void YangReader::freeze_module(const lys_module* module) {
  if (module->name == kRootModule) {
    in_configuration_ = true;
    arena_->put<Statement>(head_.configuration, freeze(module->compiled->data, nullptr));
    in_configuration_ = false;
    share_children();
    return;
  }
  for (const auto& words : Extensions(module->compiled->exts).arguments("command-word")) {
    const auto colon = words.find(": ");
    if (colon == std::string::npos) broken(nullptr, std::string("command-word '") + words + "'");
    command_words_.emplace_back(words.substr(0, colon), words.substr(colon + 2));
  }
  for (auto rpc = module->compiled->rpcs; rpc; rpc = rpc->next) freeze_command(rpc);
}

const Statement* YangReader::freeze_arguments(const lysc_node_action* rpc, const lysc_node* first) {
  Statement& made = arena_->make<Statement>();
  arena_->put(made.name, rpc->name);
  Below below;
  freeze_children(first, made, below);
  arena_->put(made.children, below.children);
  return &made;
}

void YangReader::freeze_command(const lysc_node_action* rpc) {
  const Extensions extensions(rpc->exts);
  for (const auto& other : rpcs_)
    if (other.name == rpc->name)
      throw std::runtime_error("schema: two rpcs of the name " + other.name);
  rpcs_.push_back({rpc->name, extensions.argument("command"), rpc->dsc ? rpc->dsc : "",
                   extensions.has("configuration-mode"), freeze_arguments(rpc, rpc->input.child),
                   rpc->output.child ? freeze_arguments(rpc, rpc->output.child) : nullptr});
}

void YangReader::link_commands() {
  auto rpc = arena_->make_array(head_.rpcs, rpcs_.size());
  for (const auto& text : rpcs_) {
    arena_->put(rpc->name, text.name);
    arena_->put(rpc->command, text.command);
    arena_->put(rpc->help, text.help);
    rpc->configuration_mode = text.configuration_mode;
    arena_->put(rpc->input, text.input);
    arena_->put(rpc->output, text.output);
    ++rpc;
  }
  auto word = arena_->make_array(head_.command_words, command_words_.size());
  for (const auto& [words, help] : command_words_) {
    arena_->put(word->words, words);
    arena_->put(word->help, help);
    ++word;
  }
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

void YangReader::set_marks(const lysc_node* node, Statement& statement) {
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
  statement.groups = extensions.has("groups");
  if (extensions.has("apply-flags")) statement.inheritance = Inheritance::kFlags;
  if (extensions.has("apply-groups")) statement.inheritance = Inheritance::kApply;
  arena_->put(statement.live_names, extensions.argument("live-names"));
  arena_->put(statement.apply_path, extensions.argument("apply-path"));
  arena_->put(statement.reference, extensions.argument("reference"));
  arena_->put(statement.reference_message, extensions.argument("message"));
  arena_->put(statement.absent_after, extensions.argument("absent-after"));
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

Statement* YangReader::freeze(const lysc_node* node, Statement* parent) {
  Statement& statement = arena_->make<Statement>();
  arena_->put(statement.name, node->name);
  arena_->put(statement.help, in_one_line(node->dsc));
  arena_->put<Statement>(statement.parent, parent);
  statement.kind = kind_of(node);
  statement.user_ordered =
      (node->nodetype & (LYS_LIST | LYS_LEAFLIST)) && lysc_is_userordered(node);
  set_marks(node, statement);
  set_bounds(node, statement);
  set_alternative(node, statement);
  freeze_value(node, statement);
  keep_musts(node, statement);
  Below below;
  if (in_configuration_ && statement.holds_statements()) add_inheritance(statement, below);
  freeze_children(lysc_node_child(node), statement, below);
  arena_->put(statement.children, below.children);
  arena_->put(statement.keys, below.keys);
  if (node->nodetype == LYS_LIST)
    set_unique(reinterpret_cast<const lysc_node_list*>(node), statement);
  if (const auto list = Extensions(node->exts).argument("ranges-over"); !list.empty())
    ranges_.emplace_back(&statement, list);
  return &statement;
}

void YangReader::keep_musts(const lysc_node* node, const Statement& statement) {
  const lysc_must* musts = lysc_node_musts(node);
  LY_ARRAY_COUNT_TYPE i;
  LY_ARRAY_FOR (musts, i) {
    if (!musts[i].emsg) unsupported(node, "a must without error-message");
    musts_.push_back({&statement, lyxp_get_expr(musts[i].cond), in_one_line(musts[i].emsg)});
  }
}

void YangReader::set_unique(const lysc_node_list* list, Statement& statement) {
  Links<Statement>* unique = arena_->make_array(statement.unique, LY_ARRAY_COUNT(list->uniques));
  LY_ARRAY_COUNT_TYPE i;
  LY_ARRAY_FOR (list->uniques, i) {
    std::vector<const Statement*> leaves;
    LY_ARRAY_COUNT_TYPE j;
    LY_ARRAY_FOR (list->uniques[i], j) {
      const Statement* leaf = statement.child(list->uniques[i][j]->name);
      if (!leaf) unsupported(&list->node, "'unique' of more than the list's own leaves");
      leaves.push_back(leaf);
    }
    arena_->put(unique[i], leaves);
  }
}

// The statements from the root to this one.
std::vector<const Statement*> way_to(const Statement* statement) {
  std::vector<const Statement*> way;
  for (; statement->parent; statement = statement->parent) way.insert(way.begin(), statement);
  return way;
}

// Statements lie in the arena of who makes them, and are only const to everybody else.
Statement* changeable(const Statement* statement) {
  return const_cast<Statement*>(statement);
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

void YangReader::link_types() {
  std::map<const TypeData*, std::vector<Statement*>> by_type;
  for (const auto& [statement, type] : typed_) by_type[type].push_back(statement);
  TypeSlot* slot = arena_->make_array(head_.types, by_type.size());
  for (const auto& [type, statements] : by_type) {
    arena_->put(*slot, *type);
    for (Statement* statement : statements) arena_->put(statement->type, *slot);
    ++slot;
  }
}

void YangReader::link_musts() {
  std::map<const Statement*, std::vector<const Must*>> musts;
  std::map<const Statement*, std::vector<std::pair<const Must*, size_t>>> dependents;
  Must* must = arena_->make_array(head_.musts, musts_.size());
  for (const auto& [context, xpath, message] : musts_) {
    arena_->put(must->context, context);
    arena_->put(must->xpath, xpath);
    arena_->put(must->message, message);
    musts[context].push_back(must);
    each_path(must->condition(), [&, from = context](const Condition& path) {
      if (path.steps.empty()) return;
      dependents[path.steps.back().statement].emplace_back(must, shared_way(*from, path));
    });
    ++must;
  }
  for (const auto& [statement, all] : musts) arena_->put(changeable(statement)->musts, all);
  for (const auto& [statement, all] : dependents) {
    auto* dependent = arena_->make_array(changeable(statement)->dependents, all.size());
    for (const auto& [of, shared] : all) {
      arena_->put(dependent->must, of);
      dependent++->shared = static_cast<uint32_t>(shared);
    }
  }
}

// apply-flags, apply-groups and apply-groups-except are legal at every level; the root has its own
// in the YANG, where they stand in their place.
void YangReader::add_inheritance(const Statement& level, Below& below) {
  if (!level.parent || level.joined || level.groups) return;
  const auto add = [&](const char* name, const char* help, Inheritance inheritance) {
    Statement& made = arena_->make<Statement>();
    arena_->put(made.name, name);
    arena_->put(made.help, help);
    arena_->put(made.parent, &level);
    made.kind = Kind::kLeafList;
    made.user_ordered = true;
    made.inheritance = inheritance;
    if (inheritance == Inheritance::kFlags) {
      typed_.emplace_back(&made, &types_.words(kFlags));
    } else {
      typed_.emplace_back(&made, &types_.text("value", 1, 254));
      arena_->put(made.reference, "groups");
      arena_->put(made.reference_message, "Group is not defined");
    }
    adopt(below, made);
  };
  add("apply-flags", "How this level is shown", Inheritance::kFlags);
  add("apply-groups", "Groups from which to inherit configuration data", Inheritance::kApply);
  add("apply-groups-except", "Don't inherit configuration data from these groups",
      Inheritance::kExcept);
}

void YangReader::adopt(Below& parent, Statement& child) {
  child.place = static_cast<uint32_t>(parent.children.size());
  parent.children.push_back(&child);
}

// What holds the same statements as something else can have them once all are known. A group's own
// statements come before the root's, but apply-flags is the first of every level.
void YangReader::share_children() {
  const auto& all = head_.configuration->children;
  for (const Statement* child : all) {
    if (!child->groups) continue;
    Below theirs;
    const bool flags = all.front()->inheritance == Inheritance::kFlags;
    if (flags) adopt(theirs, *changeable(all.front()));
    for (const Statement* own : child->children) adopt(theirs, *changeable(own));
    const auto before = static_cast<uint32_t>(child->children.size());
    for (size_t i = flags; i < all.size(); ++i) {
      changeable(all[i])->place += before;
      if (!all[i]->groups) theirs.children.push_back(all[i]);
    }
    arena_->put(changeable(child)->children, theirs.children);
  }
  for (auto& [ranges, name] : ranges_) {
    const Statement* over = ranges->parent->child(name);
    if (!over) throw std::runtime_error("schema: ranges-over '" + name + "': no such list");
    arena_->put(ranges->ranges_over, over);
    // Places are those of the list, so its own statements come behind them.
    Below below{{over->children.begin(), over->children.end()}, {}};
    for (const Statement* each : ranges->children)
      if (each->inheritance == Inheritance::kNone) adopt(below, *changeable(each));
    arena_->put(ranges->children, below.children);
  }
}

void YangReader::freeze_children(const lysc_node* first, Statement& parent, Below& below) {
  for (auto node = first; node; node = node->next) {
    if (node->module->name == kRootModule) refuse_unsupported(node);
    if (node->nodetype & (LYS_CHOICE | LYS_CASE)) {
      freeze_children(lysc_node_child(node), parent, below);
      continue;
    }
    Statement* made = freeze(node, &parent);
    if (lysc_is_key(node))
      below.keys.push_back(made);
    else
      adopt(below, *made);
  }
}

// "/configuration/security/ike/proposal/name" → "security ike proposal"
void YangReader::set_reference(const lysc_type* type, Statement& statement) {
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
  arena_->put(statement.reference, path);
}

void YangReader::freeze_value(const lysc_node* node, Statement& statement) {
  const lysc_type* type = nullptr;
  if (statement.kind == Kind::kLeaf) {
    const auto leaf = reinterpret_cast<const lysc_node_leaf*>(node);
    type = leaf->type;
    statement.mandatory = leaf->flags & LYS_MAND_TRUE;
    if (leaf->dflt)
      arena_->put(statement.default_value, lyd_value_get_canonical(context_, leaf->dflt));
  } else if (statement.kind == Kind::kLeafList) {
    type = reinterpret_cast<const lysc_node_leaflist*>(node)->type;
  }
  if (!type) return;
  set_reference(type, statement);
  auto placeholder = Extensions(node->exts).argument("placeholder");
  if (placeholder.empty()) placeholder = node->name;
  typed_.emplace_back(&statement, &types_.freeze(type, placeholder));
}

// Nested choices: the innermost one counts.
void YangReader::set_alternative(const lysc_node* node, Statement& statement) {
  const auto case_node = node->parent;
  if (!case_node || case_node->nodetype != LYS_CASE) return;
  const auto number = [&](const lysc_node* of) {
    return alternatives_.emplace(of, static_cast<int>(alternatives_.size()) + 1).first->second;
  };
  statement.alternative = number(case_node->parent);
  statement.alternative_case = number(case_node);
}

}  // namespace

std::shared_ptr<const Schema> Schema::load(const std::string& directory) {
  return schema_of(YangReader(directory).image());
}

}  // namespace nezu::grammar
