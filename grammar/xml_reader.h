#pragma once
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// A pull reader for XML, of management messages and of configuration: elements, attributes,
/// namespaces, text.
///
/// Bytes may come in any pieces. A document type, a processing instruction, an entity of one's own,
/// bad UTF-8 and control characters are errors, so there is nothing that expands, nothing that
/// is fetched, and the memory held is bounded by kMaxTag and kMaxDepth.
namespace nezu::grammar {

/// "<", ">", "&", quotes as entities; a control character that XML cannot carry becomes U+FFFD.
std::string xml_escape(std::string_view text);

/// Bytes at the end of `text` that begin a UTF-8 character which is not complete yet.
size_t utf8_unfinished(std::string_view text);

class XmlReader {
 public:
  static constexpr size_t kMaxTag = 16384;  ///< bytes of one tag or comment
  static constexpr size_t kMaxDepth = 256;
  static constexpr size_t kMaxAttributes = 64;

  enum class Event {
    kNeedMore,
    kStart,  ///< an element opens: name(), space(), attributes()
    kText,   ///< a piece of character data: text()
    kEnd,    ///< an element closes
    kDone,   ///< the root element has closed and the input is used up
    kError,
  };

  struct Attribute {
    std::string name;  ///< as written, prefix included
    std::string value;
  };

  void feed(std::string_view bytes) { input_.append(bytes); }
  /// A prefix that documents may use without declaring it. Before the first next().
  void declare(const std::string& prefix, const std::string& space) { known_[prefix] = space; }
  Event next();

  const std::string& name() const { return name_; }    ///< without prefix
  const std::string& space() const { return space_; }  ///< namespace; "" if none
  const std::vector<Attribute>& attributes() const { return attributes_; }
  const std::string& text() const { return text_; }
  const std::string& error() const { return error_; }
  size_t depth() const { return open_.size(); }
  /// Bytes of the input up to the end of the last event, or to where an error was met.
  size_t consumed() const { return dropped_ + at_; }

 private:
  struct Open {
    std::string tag;
    std::map<std::string, std::string> spaces;  ///< prefix → namespace declared here
  };

  std::optional<Event> step();  ///< nothing if there is nothing to report yet
  std::optional<Event> markup();
  std::optional<Event> declaration();
  std::optional<Event> comment();
  std::optional<Event> cdata();
  Event start_tag(std::string_view inside);
  Event end_tag(std::string_view inside);
  std::optional<Event> character_data();
  bool read_attributes(std::string_view inside);
  bool resolve(const std::string& tag);
  bool decode(std::string_view raw, std::string& out);
  std::optional<Event> give_text(std::string_view raw, bool decoded);
  Event waiting(std::string_view text, const char* too_long);
  Event fail(std::string message);
  std::string_view rest() const { return std::string_view(input_).substr(at_); }
  void drop(size_t count);

  std::string input_;
  size_t at_ = 0;       ///< bytes of input_ already read
  size_t dropped_ = 0;  ///< bytes of the input that stood before input_
  std::map<std::string, std::string> known_;
  std::vector<Open> open_;
  bool root_seen_ = false;
  bool end_pending_ = false;  ///< "<a/>": the end follows the start
  std::string name_, space_, text_, error_;
  std::vector<Attribute> attributes_;
};

}  // namespace nezu::grammar
