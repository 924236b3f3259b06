#include "oracle.h"

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <regex>
#include <sstream>
#include <stdexcept>

#include "configdb/text.h"
#include "grammar/markup.h"
#include "grammar/secret.h"

namespace nezu::configdb {
namespace {

namespace fs = std::filesystem;
const fs::path kModules = fs::path(NEZU_SOURCE_DIR) / "grammar/yang";
constexpr const char* kRoot = "nezu-configuration";

std::string contents(const fs::path& file) {
  std::ostringstream text;
  text << std::ifstream(file).rdbuf();
  return text.str();
}

std::string as_the_router_means(const std::string& module) {
  static const std::regex kContainer(R"((container\s+[^\s{]+\s*\{)(?!\s*presence))");
  static const std::regex kDefault(R"(([;}\s])default\s+("[^"]*"|[^\s";]+);)");
  const auto present = std::regex_replace(module, kContainer, "$1 presence configured;");
  return std::regex_replace(present, kDefault, "$1");
}

fs::path changed_modules() {
  const fs::path to = fs::temp_directory_path() / ("oracle-" + std::to_string(getpid()));
  fs::create_directories(to);
  for (const auto& module : fs::directory_iterator(kModules))
    std::ofstream(to / module.path().filename()) << as_the_router_means(contents(module.path()));
  return to;
}

ly_ctx* load(const fs::path& directory) {
  ly_ctx* context = nullptr;
  const auto options = LY_CTX_NO_YANGLIBRARY | LY_CTX_DISABLE_SEARCHDIR_CWD;
  if (ly_ctx_new(directory.c_str(), options, &context) != LY_SUCCESS)
    throw std::runtime_error("no context");
  if (!ly_ctx_load_module(context, kRoot, nullptr, nullptr))
    throw std::runtime_error(std::string(ly_errmsg(context)) + " " + ly_errpath(context));
  return context;
}

// The router writes secrets in its own encoding; libyang is to see what was typed.
std::string with_clear_secrets(const std::string& xml) {
  static const std::regex kSecret(R"(>(\$9\$[^<]*)<)");
  std::string clear;
  auto rest = xml.cbegin();
  for (std::sregex_iterator at(xml.begin(), xml.end(), kSecret), end; at != end; ++at) {
    const auto secret = grammar::decode_secret(at->str(1));
    clear.append(rest, xml.cbegin() + at->position() + 1);
    clear += grammar::xml_text(secret.value_or(at->str(1))) + "<";
    rest = xml.cbegin() + at->position() + at->length();
  }
  return clear.append(rest, xml.cend());
}

bool has_syntax(const lysc_type* type) {
  LY_ARRAY_COUNT_TYPE i;
  LY_ARRAY_FOR (type->exts, i)
    if (std::string_view(type->exts[i].def->name) == "syntax") return true;
  if (type->basetype == LY_TYPE_LEAFREF)
    return has_syntax(reinterpret_cast<const lysc_type_leafref*>(type)->realtype);
  if (type->basetype != LY_TYPE_UNION) return false;
  const auto all = reinterpret_cast<const lysc_type_union*>(type);
  LY_ARRAY_FOR (all->types, i)
    if (has_syntax(all->types[i])) return true;
  return false;
}

}  // namespace

Oracle::Oracle() : context_(nullptr, ly_ctx_destroy) {
  ly_log_options(LY_LOSTORE_LAST);
  const fs::path modules = changed_modules();
  context_.reset(load(modules));
  fs::remove_all(modules);
}

std::string Oracle::refuse(const NodePtr& root) {
  std::string xml = with_clear_secrets(text(root, Form::kXml));
  constexpr std::string_view kHead = "<configuration";
  xml.insert(xml.find(kHead) + kHead.size(), " xmlns=\"urn:nezu:configuration\"");
  lyd_node* tree = nullptr;
  const auto result = lyd_parse_data_mem(context_.get(), xml.c_str(), LYD_XML, LYD_PARSE_STRICT,
                                         LYD_VALIDATE_NO_STATE | LYD_VALIDATE_PRESENT, &tree);
  lyd_free_all(tree);
  if (result == LY_SUCCESS) return "";
  const char* message = ly_errmsg(context_.get());
  const char* path = ly_errpath(context_.get());
  return std::string(message ? message : "refused") + " " + (path ? path : "");
}

bool Oracle::reads_syntax(const grammar::Statement& statement) const {
  std::string path = "/nezu-configuration:configuration";
  std::vector<const grammar::Statement*> way;
  for (auto at = &statement; at->parent; at = at->parent) way.push_back(at);
  for (auto at = way.rbegin(); at != way.rend(); ++at) path += "/" + (*at)->name;
  const lysc_node* node = lys_find_path(context_.get(), nullptr, path.c_str(), 0);
  if (!node) throw std::runtime_error("libyang knows no " + path);
  const auto type = node->nodetype == LYS_LEAF
                        ? reinterpret_cast<const lysc_node_leaf*>(node)->type
                        : reinterpret_cast<const lysc_node_leaflist*>(node)->type;
  return has_syntax(type);
}

std::string complaints_of_modules() {
  static std::string complaints;
  complaints.clear();
  const auto before = ly_log_options(LY_LOLOG | LY_LOSTORE_LAST);
  const auto level = ly_log_level(LY_LLWRN);
  ly_set_log_clb(
      [](LY_LOG_LEVEL, const char* message, const char* path) {
        complaints += std::string(message) + " " + (path ? path : "") + "\n";
      },
      1);
  std::unique_ptr<ly_ctx, void (*)(ly_ctx*)> context(load(kModules), ly_ctx_destroy);
  for (const auto& module : fs::directory_iterator(kModules)) {
    const auto name = module.path().stem().string();
    if (name.starts_with("nezu-rpc-"))
      ly_ctx_load_module(context.get(), name.c_str(), nullptr, nullptr);
  }
  ly_set_log_clb(nullptr, 0);
  ly_log_level(level);
  ly_log_options(before);
  return complaints;
}

}  // namespace nezu::configdb
