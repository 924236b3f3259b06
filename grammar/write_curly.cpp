#include <algorithm>

#include "grammar/curly_node.h"
#include "grammar/writer.h"

namespace nezu::grammar {
namespace {

constexpr int kStep = 4;

// A statement in braces whose end has not come.
struct Level {
  CurlyNode head;
  int indent = 0;                    ///< of its own line
  int inside = 0;                    ///< of what it holds
  bool printed = false;              ///< its head and `{` are out
  const Statement* group = nullptr;  ///< the list in it whose common brace is open
};

using Values = std::vector<std::string>;

class CurlyWriter : public ConfigurationWriter {
 public:
  CurlyWriter(TextSink sink, CurlyStyle style) : sink_(std::move(sink)), style_(std::move(style)) {
    if (style_.open_indent < 0) style_.open_indent = style_.indent;
    levels_.push_back({{}, -kStep, style_.indent, true, style_.inside});
  }

  void open(const Statement& statement, std::string_view key, const Marks& marks) override {
    CurlyNode node = made(statement, key, marks);
    if (!kept_.empty() || statement.one_line || statement.one_line_plus)
      kept_.push_back(std::move(node));
    else
      open_braces(std::move(node));
  }

  void leaf(const Statement& statement, std::string_view value, const Marks& marks) override {
    add(made(statement, value, marks));
  }

  void leaf_list(const Statement& statement, const Values& values, const Marks& marks) override {
    if (!values.empty()) add({&statement, values, marks, {}});
  }

  void close() override {
    if (kept_.empty()) return close_braces();
    CurlyNode done = std::move(kept_.back());
    kept_.pop_back();
    add(std::move(done));
  }

  void omitted(const Statement& statement, std::string_view key, const Marks& marks) override {
    CurlyNode node = made(statement, key, marks);
    node.omitted = true;
    add(std::move(node));
  }

  void finish() override { end_group(); }

 private:
  static CurlyNode made(const Statement& statement, std::string_view value, const Marks& marks) {
    return {&statement, value.empty() ? Values{} : Values{std::string(value)}, marks, {}};
  }

  // A finished node: into the one that is being kept, or out.
  void add(CurlyNode node) {
    if (!kept_.empty()) {
      kept_.back().children.push_back(std::move(node));
      return;
    }
    const int indent = begin_child(node);
    print(node, indent);
  }

  void print(const CurlyNode& node, int indent) {
    const bool one_line = fits_one_line(node);
    const Values origins = one_line ? all_origins(node) : node.marks.origins;
    print_origins(origins, indent);
    print_marks(node.marks, indent);
    if (one_line)
      return line(indent, prefix(node) + one_line_text(node) + ";" +
                              (holds_secret(node) ? " ## SECRET-DATA" : "") + trailer(origins));
    const std::string head = prefix(node) + head_text(node);
    if (node.omitted) return line(indent, head + " { /* OMITTED */ };" + trailer(origins));
    line(indent, head + " {" + trailer(origins));
    for (const auto& child : node.children) print(child, indent + kStep);
    line(indent, "}");
  }

  void open_braces(CurlyNode node) {
    const int indent = begin_child(node);
    Level level{std::move(node), indent, indent + kStep, false, nullptr};
    if (level.head.statement->joined) {
      level.printed = true;
      level.inside = indent;
    }
    levels_.push_back(std::move(level));
  }

  void close_braces() {
    end_group();
    const Level level = std::move(levels_.back());
    levels_.pop_back();
    if (level.head.statement->joined) return;
    if (level.printed) return line(level.indent, "}");
    if (level.head.statement->kind != Kind::kContainer) print(level.head, level.indent);
  }

  // Everything around the next child is printed; its column is returned.
  int begin_child(CurlyNode& node) {
    print_open_head();
    Level& level = levels_.back();
    const bool grouped = node.statement->homogeneous && !node.statement->no_keyword;
    if (level.group && (!grouped || level.group != node.statement)) end_group();
    int indent = level.inside;
    if (levels_.size() == 1 && (node.statement->holds_statements())) indent = style_.open_indent;
    if (!grouped) return indent;
    if (!level.group) line(indent, node.statement->name + " {");
    level.group = node.statement;
    node.bare = !node.values.empty();
    return level.group == style_.inside ? indent : indent + kStep;
  }

  void print_open_head() {
    Level& level = levels_.back();
    if (level.printed) return;
    level.printed = true;
    const Values& origins = level.head.marks.origins;
    print_origins(origins, level.indent);
    print_marks(level.head.marks, level.indent);
    line(level.indent, prefix(level.head) + head_text(level.head) + " {" + trailer(origins));
  }

  void end_group() {
    Level& level = levels_.back();
    if (!level.group) return;
    const bool ours = level.group != style_.inside;
    level.group = nullptr;
    if (ours) line(levels_.size() == 1 ? style_.open_indent : level.inside, "}");
  }

  // Tags, and the name of the joined container around it.
  std::string prefix(const CurlyNode& node) const {
    std::string text;
    if (node.marks.inactive) text += "inactive: ";
    if (node.marks.protect) text += "protect: ";
    const Statement* parent = node.statement->parent;
    return parent && parent->joined ? text + parent->name + " " : text;
  }

  void print_origins(const Values& origins, int indent) {
    if (origins.empty() || style_.origins == CurlyStyle::Origins::kInline) return;
    const bool framed = style_.origins == CurlyStyle::Origins::kFramed;
    if (framed) line(indent, "##");
    for (const auto& origin : origins) line(indent, "## " + origin);
    if (framed) line(indent, "##");
  }

  std::string trailer(const Values& origins) const {
    if (style_.origins != CurlyStyle::Origins::kInline || origins.empty()) return {};
    std::string text = " ##";
    for (auto at = origins.begin(); at != origins.end(); ++at)
      if (std::find(origins.begin(), at, *at) == at)  // a line has several statements
        text += (text.size() > 3 ? ", " : " ") + *at;
    return text;
  }

  void print_marks(const Marks& marks, int indent) {
    for (const auto& remark : marks.remarks) line(indent, remark.empty() ? "##" : "## " + remark);
    if (marks.annotation.empty()) return;
    std::string text = marks.annotation;
    for (size_t at = 0; (at = text.find("*/", at)) != std::string::npos;) text.insert(at + 1, " ");
    for (size_t at = 0; (at = text.find('\n', at)) != std::string::npos;)
      text.insert(++at, style_.prefix);
    line(indent, "/* " + text + " */");
  }

  void line(int indent, const std::string& text) {
    sink_(style_.prefix);
    sink_(std::string(indent > 0 ? indent : 0, ' '));
    sink_(text);
    sink_("\n");
  }

  TextSink sink_;
  CurlyStyle style_;
  std::vector<Level> levels_;
  std::vector<CurlyNode> kept_;  ///< open statements whose form depends on what they will hold
};

}  // namespace

std::unique_ptr<ConfigurationWriter> curly_writer(TextSink sink, CurlyStyle style) {
  return std::make_unique<CurlyWriter>(std::move(sink), std::move(style));
}

}  // namespace nezu::grammar
