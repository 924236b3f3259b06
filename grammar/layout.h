#pragma once
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "grammar/output.h"

/// Declared text layouts of operational commands.
///
/// A layout is the text a router prints with holes in it:
///   {leaf}            the leaf's value, nothing if it was not written
///   {leaf:10} {leaf:>10}   padded to 10 columns, left or right aligned (never cut)
///   {leaf:~10}        padded to 10 columns; after a longer value a new line begins at column 10
///   {#name}…{/name}   once for each element `name`; inside, names are looked up in it, then
///   outwards
///   {?name}…{/name}   only if the leaf or element was written; {^name}…{/name} only if it was not;
///                     {?.name} asks the element itself alone, not those around it
///   {,}…{/,}          inside {#name}: between two entries, that is before each but the first
///   {{                a brace
/// A line that holds only section marks prints nothing. Names are YANG output names; a leaf written
/// several times is an element too ({#address}{address} {/address}).
namespace nezu::grammar {

class Layout {
 public:
  /// Throws std::invalid_argument with the line on a broken layout: a programming error, found in
  /// tests.
  explicit Layout(std::string_view text);
  ~Layout();
  Layout(Layout&&) noexcept;

  struct Part;
  const Part& root() const { return *root_; }

 private:
  std::unique_ptr<Part> root_;
};

/// Receives finished text in pieces.
using Sink = std::function<void(std::string_view)>;

/// Text: renders each top-level element as soon as it is complete, and forgets it. Of one that
/// grows past 256 KiB it renders what has come so far: there a leaf must be written before the
/// elements that the layout prints after it. Destroying any of these outputs ends the text.
std::unique_ptr<Output> text_output(const Layout& layout, Sink sink);
/// XML as `| display xml` prints it, without the rpc-reply around it; `indent` in columns.
std::unique_ptr<Output> xml_output(Sink sink, int indent = 4);
/// JSON as `| display json` prints it: every leaf {"data": …} in an array, as the real router does.
std::unique_ptr<Output> json_output(Sink sink);

}  // namespace nezu::grammar
