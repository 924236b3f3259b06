#pragma once
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "grammar/path.h"

/// Writers of configuration text. The tree's owner walks it and tells a writer what it meets:
/// children in schema order, the entries of a list one after another.
namespace nezu::grammar {

/// What is printed beside a statement.
struct Marks {
  bool inactive = false;
  bool protect = false;
  std::string annotation;            ///< printed as /* … */ above it
  std::vector<std::string> remarks;  ///< printed as "## …" above it (inheritance, warnings)
  bool changed = false;              ///< since the last commit; XML says so
  /// Where it comes from. Text in braces prints this as CurlyStyle says, others not at all.
  std::vector<std::string> origins = {};
};

class ConfigurationWriter {
 public:
  virtual ~ConfigurationWriter() = default;
  /// A container ("" key) or a list entry.
  virtual void open(const Statement& statement, std::string_view key, const Marks& marks = {}) = 0;
  virtual void close() = 0;
  /// A container or entry of which nothing more is said: "name { /* OMITTED */ };" in braces.
  virtual void omitted(const Statement& statement, std::string_view key, const Marks& marks = {}) {
    open(statement, key, marks);
    close();
  }
  /// A leaf, or a flag ("" value). Secrets come as clear text.
  virtual void leaf(const Statement& statement, std::string_view value,
                    const Marks& marks = {}) = 0;
  /// Values of one statement, in their order. Those with marks of their own come in calls of their
  /// own; `marks` hold for each value, its annotation for the first.
  virtual void leaf_list(const Statement& statement, const std::vector<std::string>& values,
                         const Marks& marks = {}) = 0;
  /// After the last statement, with nothing open.
  virtual void finish() = 0;
};

using TextSink = std::function<void(std::string_view)>;

/// How curly text begins its lines.
struct CurlyStyle {
  int indent = 0;        ///< columns before a statement of the first level
  int open_indent = -1;  ///< the same for containers and list entries there; -1: as `indent`
  std::string prefix;    ///< before the indentation: "+" or "-" of a comparison
  const Statement* inside = nullptr;  ///< a list whose common braces are around the text already
  enum class Origins {
    kFramed,  ///< above the statement, "##" above and below them
    kBrief,   ///< above the statement
    kInline,  ///< behind it: "mtu 1400; ## …"
  };
  Origins origins = Origins::kFramed;
};

/// Text in braces, as `show` prints it.
std::unique_ptr<ConfigurationWriter> curly_writer(TextSink sink, CurlyStyle style = {});
/// `set …` lines, as `show | display set` prints them. `level` is put before every path; empty for
/// `display set relative`.
std::unique_ptr<ConfigurationWriter> set_writer(TextSink sink, const Path& level = {});
/// <configuration>…</configuration>, wrapped in the elements of `level`; `indent` in columns.
std::unique_ptr<ConfigurationWriter> xml_writer(TextSink sink, const Path& level = {},
                                                int indent = 0);
/// {"configuration" : {…}}, wrapped in the members of `level`.
std::unique_ptr<ConfigurationWriter> json_writer(TextSink sink, const Path& level = {});

}  // namespace nezu::grammar
