#include "grammar/statement_pages.h"

#include <algorithm>
#include <map>

#include "grammar/condition.h"

namespace nezu::grammar {
namespace {

constexpr size_t kWorthAReference = 600;  ///< a shorter section is written again

constexpr char kIntroduction[] =
    "# Statements\n\n"
    "Every statement of the configuration, generated from the schema (`grammar/yang`) by `ninja "
    "statement-pages`; a test\n"
    "fails when a page is not what the schema says. For what is the same as in Junos and what "
    "differs see\n"
    "[coming from Junos](../coming-from-junos.md).\n\n"
    "A heading is a level: `set` followed by its words, with values in the place of `<...>`, leads "
    "there. Under it stand the\n"
    "statements of the level:\n\n"
    "- `name` is typed as it stands, `name <value>` with a value behind it, `<value>` alone "
    "without "
    "a name;\n"
    "- `[ ... ]`: several values may be given, in brackets or one after another;\n"
    "- `name ...` is a level with a section of its own;\n"
    "- *no effect*: the statement is accepted and kept, and nothing acts on it; of a level, "
    "nothing "
    "acts on anything in it.\n\n"
    "A number has its range, a text its length in characters. *In order*: entries or values keep "
    "the order they were given in\n"
    "(`insert` moves them); otherwise they are sorted. *Either*: it replaces the statements named, "
    "and they it. *Names*: the\n"
    "commit fails unless the value is the name of something configured there. *Check*: what the "
    "commit says when a condition\n"
    "does not hold; `$$` is the value. Secrets are shown as `$9$` text.\n\n"
    "`apply-groups` and `apply-groups-except` are legal at every level, and `groups <name>` holds "
    "everything that stands at the\n"
    "top.\n\n";

struct Sample {
  const char* name;
  std::vector<const char*> taken, refused;
};

// The first whose values the type takes and refuses names it.
const std::vector<Sample>& samples() {
  static const std::vector<Sample> kSamples = {
      {"text", {"a b", "?"}, {}},
      {"MAC address", {"00:11:22:33:44:55"}, {"word", "10.0.0.1"}},
      {"time of day", {"12:30"}, {"25:00", "word"}},
      {"IPv4 address", {"10.0.0.1"}, {"1611::1", "word", "10.0.0.0/8"}},
      {"IPv6 address", {"1611::1"}, {"10.0.0.1", "word", "2222::/64"}},
      {"address", {"10.0.0.1", "1611::1"}, {"word", "10.0.0.0/8"}},
      {"IPv4 prefix", {"10.0.0.0/8"}, {"2222::/64", "word"}},
      {"IPv6 prefix", {"2222::/64"}, {"10.0.0.0/8", "word"}},
      {"prefix", {"10.0.0.0/8", "2222::/64"}, {"word"}},
      {"address or interface", {"10.0.0.1", "et-0/0/0.0"}, {"10.0.0.0/8", "word"}},
      {"interface with unit", {"et-0/0/0.0"}, {"word", "10.0.0.1"}},
      {"interface", {"et-0/0/0"}, {"et-0/0/0.0", "word"}},
      {"bits per second, with k, m or g", {"10k", "10m", "10g"}, {"word"}},
      {"area, as a number or four octets", {"0", "0.0.0.0"}, {"word", "1611::1"}},
      {"autonomous system", {"65000", "1.1"}, {"word"}},
      {"decimal number", {"1.5"}, {"word", "1.1.1.1"}},
      {"routing table", {"inet.0", "blue.inet6.0"}, {"inet"}},
      {"name", {"name-1"}, {"?"}},
  };
  return kSamples;
}

bool fits(const Type& type, const Sample& sample) {
  const auto taken = [&](const char* value) { return !type.refuse(value); };
  return std::all_of(sample.taken.begin(), sample.taken.end(), taken) &&
         std::none_of(sample.refused.begin(), sample.refused.end(), taken);
}

std::string length_words(const Type& type) {
  const auto length = type.length();
  if (!length || (length->least == 1 && length->most == 65'535)) return "";
  return std::to_string(length->least) + ".." + std::to_string(length->most) + " characters";
}

std::string joined(const std::vector<std::string>& parts, const char* between) {
  std::string text;
  for (const auto& part : parts) text += (text.empty() || part.empty() ? "" : between) + part;
  return text;
}

std::string code(const std::string& text) {
  return "`" + text + "`";
}

// "<" and "|" mean something to Markdown outside of code.
std::string plain(const std::string& text) {
  std::string safe;
  for (const char c : text) safe += c == '<' ? "&lt;" : c == '|' ? "\\|" : std::string(1, c);
  return safe;
}

bool is_inherited(const Statement& statement) {
  return statement.inheritance != Inheritance::kNone;
}

std::string placeholder(const Statement& value) {
  const auto text = value.type->placeholder();
  return text.starts_with('<') ? text : "<" + text + ">";
}

// The words of one step: "gateway <name>", "<interface-name>".
std::string typed(const Statement& statement) {
  std::vector<std::string> words;
  if (!statement.no_keyword) words.push_back(statement.name);
  for (const Statement* key : statement.keys) words.push_back(placeholder(*key));
  if (statement.type) words.push_back(placeholder(statement));
  return joined(words, " ");
}

std::string typed_path(const Statement& statement) {
  std::string own = typed(statement);
  if (!statement.parent || !statement.parent->parent) return own;
  return typed_path(*statement.parent) + " " + own;
}

// As the anchor of a heading is made.
std::string anchor(const std::string& heading) {
  std::string text;
  for (const char c : heading)
    if (c == ' ')
      text += '-';
    else if (isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '_')
      text += static_cast<char>(tolower(c));
  return text;
}

bool has_section(const Statement& statement) {
  return statement.holds_statements() &&
         std::any_of(statement.children.begin(), statement.children.end(),
                     [](const Statement* child) { return !is_inherited(*child); });
}

std::string rivals(const Statement& statement) {
  if (!statement.alternative || !statement.parent) return "";
  std::vector<std::string> names;
  for (const Statement* other : statement.parent->children)
    if (other->alternative == statement.alternative &&
        other->alternative_case != statement.alternative_case && !other->hidden)
      names.push_back(code(other->name));
  return names.empty() ? "" : "either this or " + joined(names, ", ");
}

std::string names_words(const Statement& statement) {
  const Statement& by = statement.keys.empty() ? statement : *statement.keys.front();
  return by.reference.empty() ? "" : "names " + code(by.reference);
}

std::string bounds_words(const Statement& statement) {
  std::vector<std::string> parts;
  if (statement.least) parts.push_back("at least " + std::to_string(statement.least));
  if (statement.most) parts.push_back("at most " + std::to_string(statement.most));
  return joined(parts, ", ");
}

std::string unique_words(const Statement& list) {
  std::vector<std::string> parts;
  for (const auto& leaves : list.unique) {
    std::vector<std::string> names;
    for (const Statement* leaf : leaves) names.push_back(code(leaf->name));
    parts.push_back("no two entries have the same " + joined(names, " and "));
  }
  return joined(parts, "; ");
}

std::vector<std::string> check_words(const Statement& statement) {
  std::vector<std::string> words;
  for (const Must* must : statement.musts) words.push_back("check: " + plain(must->message));
  return words;
}

// What is said of a statement beside its help.
std::string facts(const Statement& statement) {
  std::vector<std::string> all;
  for (const Statement* key : statement.keys)
    all.push_back(code(placeholder(*key)) + ": " + plain(value_words(*key->type)));
  if (statement.type) all.push_back(plain(value_words(*statement.type)));
  if (statement.default_value) all.push_back("default " + code(*statement.default_value));
  if (statement.mandatory) all.emplace_back("mandatory");
  if (statement.user_ordered) all.emplace_back("in order");
  if (statement.secret) all.emplace_back("secret");
  for (auto& words : {bounds_words(statement), unique_words(statement), names_words(statement),
                      rivals(statement)})
    if (!words.empty()) all.push_back(words);
  for (auto& words : check_words(statement)) all.push_back(words);
  return joined(all, "; ");
}

std::string sentence(const std::string& text) {
  if (text.empty() || text.back() == '.') return plain(text);
  return plain(text) + ".";
}

/// One page: sections with headings relative to where they begin, so that equal ones are found.
class PageWriter {
 public:
  struct Known {
    std::map<std::string, std::string> first;  ///< contents to the link to their first place
    std::map<const Statement*, std::string> contents;  ///< of the levels that were looked at
  };
  PageWriter(std::string file, Known& known) : file_(std::move(file)), known_(known) {}

  std::string page(const Statement& top) {
    std::string text = "# " + plain(typed_path(top)) + "\n\n";
    return text + introduction(top) + "\n" + level(top);
  }

 private:
  static std::string introduction(const Statement& statement) {
    const auto more = facts(statement);
    std::string text = sentence(statement.help);
    if (!more.empty()) text += " (" + more + ")";
    const bool first = !statement.parent || !statement.parent->not_modelled;
    if (statement.not_modelled && first) text += " *No effect.*";
    return text + "\n";
  }

  std::string level(const Statement& at) {
    std::string text, sections;
    for (const Statement* child : at.children) {
      if (is_inherited(*child) || child->hidden) continue;
      text += line(at, *child);
      if (has_section(*child)) sections += section(*child);
    }
    return text + "\n" + sections;
  }

  std::string section(const Statement& at) {
    const std::string heading = typed_path(at);
    const std::string& body = contents(at);
    const std::string link = "[`" + at.path() + "`](" + file_ + "#" + anchor(heading) + ")";
    const auto [first, fresh] = body.size() < kWorthAReference ? std::pair(known_.first.end(), true)
                                                               : known_.first.emplace(body, link);
    std::string text = "## " + plain(heading) + "\n\n" + introduction(at) + "\n";
    if (!fresh) return text + "It holds what " + first->second + " holds.\n\n";
    return text + level(at);
  }

  // The same for two levels that hold the same, wherever they are.
  const std::string& contents(const Statement& at) {
    const auto [place, fresh] = known_.contents.try_emplace(&at);
    if (!fresh) return place->second;
    std::string text;
    for (const Statement* child : at.children)
      if (!is_inherited(*child)) text += line(at, *child) + "{" + contents(*child) + "}";
    return place->second = std::move(text);
  }

  static std::string line(const Statement& at, const Statement& statement) {
    std::string words = typed(statement);
    if (statement.kind == Kind::kLeafList) words += " [ ... ]";
    if (has_section(statement)) words += " ...";
    std::string text = "- " + code(words) + " " + sentence(statement.help);
    const auto more = has_section(statement) ? "" : facts(statement);
    if (!more.empty()) text += " (" + more + ")";
    if (statement.not_modelled && !at.not_modelled) text += " *No effect.*";
    return text + "\n";
  }

  std::string file_;
  Known& known_;
};

}  // namespace

std::string value_words(const Type& type) {
  if (!type.choices().empty()) {
    std::vector<std::string> words;
    for (const Choice& choice : type.choices()) words.push_back(choice.word);
    return (words.size() == 1 ? "" : "one of ") + joined(words, ", ");
  }
  if (const auto range = type.range(); range.starts_with('('))
    return range.substr(1, range.size() - 2);
  const auto sample = std::find_if(samples().begin(), samples().end(),
                                   [&](const Sample& each) { return fits(type, each); });
  const auto length = length_words(type);
  const std::string name = sample == samples().end() ? "text of a certain form" : sample->name;
  return length.empty() ? name : name + ", " + length;
}

std::vector<StatementPage> statement_pages(const Schema& schema) {
  const auto& all = schema.configuration().children;
  std::vector<const Statement*> tops(all.begin(), all.end());
  // What an instance shares with the whole router is told there.
  std::stable_partition(tops.begin(), tops.end(),
                        [](const Statement* top) { return top->name != "routing-instances"; });
  PageWriter::Known known;
  std::vector<StatementPage> pages = {{"README.md", kIntroduction}};
  for (const Statement* top : tops) {
    if (!has_section(*top) || top->groups) continue;
    const std::string file = top->name + ".md";
    pages.front().text += "- [" + top->name + "](" + file + "): " + sentence(top->help) + "\n";
    pages.push_back({file, PageWriter(file, known).page(*top)});
  }
  return pages;
}

}  // namespace nezu::grammar
