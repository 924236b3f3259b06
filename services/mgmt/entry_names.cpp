#include "services/mgmt/entry_names.h"

#include <cctype>

#include "configdb/node.h"

namespace nezu::mgmt {
namespace {
using configdb::Node;
using configdb::NodePtr;

constexpr size_t kFew = 2000;          // entries that are looked at one by one
constexpr size_t kLongestNumber = 20;  // digits that a name's number is looked for with

class Search {
 public:
  Search(const Node& holder, std::string_view partial, size_t most)
      : holder_(holder), partial_(partial), most_(most) {}

  EntryNames run() {
    const NodePtr last = holder_.children.last();
    if (!last) return {};
    Node before = *last;
    before.set_label(0);
    before.text.clear();
    const NodePtr first = at_or_behind(before);
    if (partial_.empty())
      for (NodePtr at = first; at && take(*at);) at = holder_.children.next(*at);
    else if (holder_.children.size() <= kFew || first->order() != last->order())
      holder_.children.each([&](const NodePtr& entry) {
        if (entry->text.starts_with(partial_)) take(*entry);
      });
    else
      jump(*first);
    return std::move(found_);
  }

 private:
  NodePtr at_or_behind(const Node& place) const {
    const NodePtr there = holder_.children.find(place.order(), place.text);
    return there ? there : holder_.children.next(place);
  }

  // False: there is no room for more.
  bool take(const Node& entry) {
    if (found_.names.size() == most_) found_.more = true;
    if (!found_.more) found_.names.emplace_back(entry.text);
    return !found_.more;
  }

  // Names that begin so stand beside each other; but where a number is typed, 1, 10 to 19, 100 to
  // 199 and so on stand apart.
  void jump(const Node& first) {
    const bool number = isdigit(static_cast<unsigned char>(partial_.back()));
    Node place = first;
    place.text = std::string(partial_);
    for (size_t digits = 0; digits <= (number ? kLongestNumber : 0); ++digits) {
      for (NodePtr at = at_or_behind(place); at; at = holder_.children.next(*at)) {
        const std::string_view name = at->text;
        if (!name.starts_with(partial_) || (number && digits_behind(name) != digits)) break;
        if (!take(*at)) return;
      }
      place.text = place.text + "0";
    }
  }

  size_t digits_behind(std::string_view name) const {
    size_t end = partial_.size();
    while (end < name.size() && isdigit(static_cast<unsigned char>(name[end]))) ++end;
    return end - partial_.size();
  }

  const Node& holder_;
  std::string_view partial_;
  size_t most_;
  EntryNames found_;
};
}  // namespace

EntryNames entry_names(const NodePtr& holder, std::string_view partial, size_t most) {
  return holder ? Search(*holder, partial, most).run() : EntryNames();
}

}  // namespace nezu::mgmt
