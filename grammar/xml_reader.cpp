#include "grammar/xml_reader.h"

#include <algorithm>
#include <charconv>
#include <cstdint>

#include "grammar/markup.h"

namespace nezu::grammar {
namespace {
constexpr std::string_view kBlanks = " \t\r\n";
constexpr std::string_view kReplacement = "\xEF\xBF\xBD";
constexpr size_t kMaxEntity = 12;

bool xml_character(uint32_t code) {
  if (code < 0x20) return code == '\t' || code == '\n' || code == '\r';
  return code < 0xD800 || (code > 0xDFFF && code < 0xFFFE) || (code > 0xFFFF && code < 0x110000);
}

// Bytes of the UTF-8 character that `lead` begins; 0 if it begins none.
size_t utf8_length(unsigned char lead) {
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead < 0xE0) return 2;
  if (lead >= 0xE0 && lead < 0xF0) return 3;
  return lead >= 0xF0 && lead < 0xF5 ? 4 : 0;
}

// The character at the front of `text`; nothing legal: false.
bool utf8_front(std::string_view text, uint32_t& code, size_t& length) {
  const auto lead = static_cast<unsigned char>(text[0]);
  length = utf8_length(lead);
  if (length == 0 || length > text.size()) return false;
  code = length == 1 ? lead : lead & (0x7Fu >> length);
  for (size_t i = 1; i < length; ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if ((byte & 0xC0) != 0x80) return false;
    code = code << 6 | (byte & 0x3F);
  }
  const bool overlong = (length == 3 && code < 0x800) || (length == 4 && code < 0x10000);
  return !overlong && xml_character(code);
}

bool all_legal(std::string_view text) {
  uint32_t code = 0;
  size_t length = 0;
  while (!text.empty()) {
    if (!utf8_front(text, code, length)) return false;
    text.remove_prefix(length);
  }
  return true;
}

bool name_byte(char byte) {
  return isalnum(static_cast<unsigned char>(byte)) || byte == '_' || byte == '-' || byte == '.' ||
         byte == ':' || static_cast<unsigned char>(byte) >= 0x80;
}

bool legal_name(std::string_view name) {
  return !name.empty() && !isdigit(static_cast<unsigned char>(name[0])) && name[0] != '-' &&
         name[0] != '.' && std::all_of(name.begin(), name.end(), name_byte);
}

void skip_blanks(std::string_view& text) {
  text.remove_prefix(std::min(text.find_first_not_of(kBlanks), text.size()));
}

const char* named_entity(std::string_view name) {
  if (name == "lt") return "<";
  if (name == "gt") return ">";
  if (name == "amp") return "&";
  if (name == "quot") return "\"";
  return name == "apos" ? "'" : nullptr;
}

// "#38" or "#x26".
bool append_reference(std::string_view name, std::string& out) {
  if (name.empty() || name[0] != '#') return false;
  name.remove_prefix(1);
  const int base = name.starts_with('x') ? 16 : 10;
  if (base == 16) name.remove_prefix(1);
  uint32_t code = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), code, base);
  if (error != std::errc() || end != name.data() + name.size() || !xml_character(code))
    return false;
  append_utf8(code, out);
  return true;
}

const char* escape_of(char byte) {
  switch (byte) {
    case '<':
      return "&lt;";
    case '>':
      return "&gt;";
    case '&':
      return "&amp;";
    case '"':
      return "&quot;";
    case '\r':
      return "&#13;";
    default:
      return nullptr;
  }
}
}  // namespace

size_t utf8_unfinished(std::string_view text) {
  for (size_t back = 1; back <= std::min<size_t>(3, text.size()); ++back) {
    const auto byte = static_cast<unsigned char>(text[text.size() - back]);
    if ((byte & 0xC0) == 0x80) continue;
    return utf8_length(byte) > back ? back : 0;
  }
  return 0;
}

std::string xml_escape(std::string_view text) {
  std::string out;
  out.reserve(text.size() + text.size() / 16);
  uint32_t code = 0;
  size_t length = 0;
  while (!text.empty()) {
    const bool legal = utf8_front(text, code, length);
    if (const char* escape = escape_of(text[0]))
      out += escape;
    else
      out += legal ? text.substr(0, length) : kReplacement;
    text.remove_prefix(legal ? length : 1);
  }
  return out;
}

XmlReader::Event XmlReader::next() {
  while (true)
    if (const auto event = step()) return *event;
}

std::optional<XmlReader::Event> XmlReader::step() {
  if (!error_.empty()) return Event::kError;
  if (end_pending_) {
    end_pending_ = false;
    return end_tag(open_.back().tag);
  }
  if (rest().empty()) return root_seen_ && open_.empty() ? Event::kDone : Event::kNeedMore;
  return rest()[0] == '<' ? markup() : character_data();
}

std::optional<XmlReader::Event> XmlReader::markup() {
  const std::string_view text = rest();
  if (text.starts_with("<!--")) return comment();
  if (text.starts_with("<![CDATA[")) return cdata();
  if (text.size() < 9 && (std::string_view("<!--").starts_with(text) ||
                          std::string_view("<![CDATA[").starts_with(text)))
    return Event::kNeedMore;
  if (text.starts_with("<!")) return fail("a document type is not allowed");
  if (text.starts_with("<?")) return declaration();
  const size_t close = text.substr(0, kMaxTag).find('>');
  if (close == text.npos) return waiting(text, "a tag is too long");
  const std::string inside(text.substr(1, close - 1));
  drop(close + 1);
  if (inside.starts_with('/')) {
    std::string_view tag(inside);
    tag.remove_prefix(1);
    return end_tag(tag.substr(0, tag.find_last_not_of(kBlanks) + 1));
  }
  return start_tag(inside);
}

std::optional<XmlReader::Event> XmlReader::declaration() {
  const std::string_view text = rest();
  const size_t close = text.substr(0, kMaxTag).find("?>");
  if (close == text.npos) return waiting(text, "a tag is too long");
  if (!text.starts_with("<?xml") || root_seen_ || !open_.empty())
    return fail("a processing instruction is not allowed");
  drop(close + 2);
  return std::nullopt;
}

std::optional<XmlReader::Event> XmlReader::comment() {
  const std::string_view text = rest();
  const size_t close = text.substr(0, kMaxTag).find("-->", 4);
  if (close == text.npos) return waiting(text, "a comment is too long");
  drop(close + 3);
  return give_text({}, true);
}

std::optional<XmlReader::Event> XmlReader::cdata() {
  const std::string_view text = rest();
  const size_t close = text.substr(0, kMaxTag).find("]]>");
  if (close == text.npos) return waiting(text, "a CDATA section is too long");
  const std::string inside(text.substr(9, close - 9));
  drop(close + 3);
  return give_text(inside, true);
}

XmlReader::Event XmlReader::start_tag(std::string_view inside) {
  if (open_.empty() && root_seen_) return fail("a message must have one root element");
  if (open_.size() >= kMaxDepth) return fail("elements are nested too deeply");
  const bool empty = inside.ends_with('/');
  if (empty) inside.remove_suffix(1);
  const size_t name_end = std::min(inside.find_first_of(kBlanks), inside.size());
  const std::string tag(inside.substr(0, name_end));
  if (!legal_name(tag) || !all_legal(tag)) return fail("an element has no legal name");
  open_.push_back({tag, {}});
  root_seen_ = true;
  if (!read_attributes(inside.substr(name_end)) || !resolve(tag)) return Event::kError;
  end_pending_ = empty;
  return Event::kStart;
}

XmlReader::Event XmlReader::end_tag(std::string_view tag) {
  if (open_.empty() || open_.back().tag != tag)
    return fail("</" + std::string(tag.substr(0, 64)) + "> does not close the open element");
  if (!resolve(std::string(tag))) return Event::kError;
  open_.pop_back();
  return Event::kEnd;
}

bool XmlReader::read_attributes(std::string_view inside) {
  attributes_.clear();
  for (skip_blanks(inside); !inside.empty(); skip_blanks(inside)) {
    const size_t equals = inside.find('=');
    std::string name(inside.substr(0, equals));
    name.erase(name.find_last_not_of(kBlanks) + 1);
    inside.remove_prefix(std::min(equals == inside.npos ? equals : equals + 1, inside.size()));
    skip_blanks(inside);
    const char quote = inside.empty() ? '\0' : inside[0];
    const size_t close = quote == '"' || quote == '\'' ? inside.find(quote, 1) : inside.npos;
    const bool twice = std::any_of(attributes_.begin(), attributes_.end(),
                                   [&](const Attribute& other) { return other.name == name; });
    std::string value;
    if (!legal_name(name) || close == inside.npos || twice ||
        attributes_.size() >= kMaxAttributes || !decode(inside.substr(1, close - 1), value)) {
      fail("an element has bad attributes");
      return false;
    }
    inside.remove_prefix(close + 1);
    if (name == "xmlns") open_.back().spaces[""] = value;
    if (name.starts_with("xmlns:")) open_.back().spaces[name.substr(6)] = value;
    attributes_.push_back({std::move(name), std::move(value)});
  }
  return true;
}

bool XmlReader::resolve(const std::string& tag) {
  const size_t colon = tag.find(':');
  const std::string prefix = colon == tag.npos ? "" : tag.substr(0, colon);
  name_ = colon == tag.npos ? tag : tag.substr(colon + 1);
  space_.clear();
  for (auto scope = open_.rbegin(); scope != open_.rend(); ++scope)
    if (const auto found = scope->spaces.find(prefix); found != scope->spaces.end()) {
      space_ = found->second;
      return true;
    }
  if (prefix.empty()) return true;
  if (const auto found = known_.find(prefix); found != known_.end()) {
    space_ = found->second;
    return true;
  }
  fail("the prefix of <" + tag.substr(0, 64) + "> is not declared");
  return false;
}

std::optional<XmlReader::Event> XmlReader::character_data() {
  const std::string_view text = rest();
  const size_t markup_at = text.find('<');
  std::string_view run = text.substr(0, markup_at);
  if (markup_at == text.npos) {
    // Hold back what the next bytes may complete: an entity or a UTF-8 character.
    const size_t entity = run.rfind('&');
    if (entity != run.npos && run.size() - entity < kMaxEntity && run.find(';', entity) == run.npos)
      run = run.substr(0, entity);
    run.remove_suffix(utf8_unfinished(run));
    if (run.empty()) return Event::kNeedMore;
  }
  const std::string raw(run);
  drop(raw.size());
  return give_text(raw, false);
}

std::optional<XmlReader::Event> XmlReader::give_text(std::string_view raw, bool decoded) {
  text_.clear();
  const bool good = decoded ? all_legal(raw) : decode(raw, text_);
  if (!good) return fail("the text holds a character or an entity that is not allowed");
  if (decoded) text_ = raw;
  if (text_.empty()) return std::nullopt;
  if (!open_.empty()) return Event::kText;
  if (text_.find_first_not_of(kBlanks) != text_.npos) return fail("text outside the root element");
  return std::nullopt;
}

bool XmlReader::decode(std::string_view raw, std::string& out) {
  if (!all_legal(raw)) return false;
  while (!raw.empty()) {
    const size_t entity = raw.find('&');
    out += raw.substr(0, entity);
    if (entity == raw.npos) return true;
    raw.remove_prefix(entity + 1);
    const size_t close = raw.substr(0, kMaxEntity).find(';');
    if (close == raw.npos) return false;
    const std::string_view name = raw.substr(0, close);
    if (const char* plain = named_entity(name))
      out += plain;
    else if (!append_reference(name, out))
      return false;
    raw.remove_prefix(close + 1);
  }
  return true;
}

XmlReader::Event XmlReader::waiting(std::string_view text, const char* too_long) {
  return text.size() >= kMaxTag ? fail(too_long) : Event::kNeedMore;
}

XmlReader::Event XmlReader::fail(std::string message) {
  error_ = std::move(message);
  return Event::kError;
}

void XmlReader::drop(size_t count) {
  at_ += count;
  if (at_ * 2 < input_.size()) return;  // amortized: each byte is moved at most once or twice
  input_.erase(0, at_);
  dropped_ += at_;
  at_ = 0;
}

}  // namespace nezu::grammar
