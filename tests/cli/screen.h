#pragma once
#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

namespace nezu::cli {

/// What a terminal of 80 columns makes of the bytes sent to it: rows of text.
class Screen {
 public:
  void write(std::string_view bytes) {
    for (const char byte : bytes) put(byte);
  }
  /// All rows, without the blanks at their ends.
  std::string text() const {
    std::string out;
    for (const std::string& row : rows_) out += row.substr(0, row.find_last_not_of(' ') + 1) + "\n";
    out.pop_back();
    // The blank before the cursor is there to be seen.
    const std::string& last = rows_.back();
    return out.append(column_ > last.find_last_not_of(' ') + 1 && row_ + 1 == rows_.size()
                          ? column_ - (last.find_last_not_of(' ') + 1)
                          : 0,
                      ' ');
  }

 private:
  static constexpr size_t kColumns = 80;

  std::string& row() {
    if (row_ >= rows_.size()) rows_.resize(row_ + 1);
    return rows_[row_];
  }
  void put(char byte) {
    if (!escape_.empty()) return escaped(byte);
    if (byte == '\033') {
      escape_ = "\033";
    } else if (byte == '\n') {
      ++row_;
      row();
    } else if (byte == '\r') {
      column_ = 0;
    } else if (byte == '\b') {
      column_ -= column_ > 0;
    } else if (static_cast<unsigned char>(byte) >= ' ') {
      if (column_ == kColumns) put('\n'), put('\r');
      if (row().size() <= column_) row().resize(column_ + 1, ' ');
      row()[column_++] = byte;
    }
  }
  void escaped(char byte) {
    escape_ += byte;
    if (escape_.size() == 2 ? byte == '[' : !isalpha(byte) && byte != '@') return;
    const size_t count = std::max(1, atoi(escape_.c_str() + 2));
    escape_.clear();
    row().resize(std::max(row().size(), column_), ' ');
    if (byte == 'C') column_ = std::min(column_ + count, kColumns - 1);
    if (byte == 'G') column_ = std::min(count - 1, kColumns - 1);
    if (byte == 'D') column_ -= std::min(count, column_);
    if (byte == 'A') row_ -= std::min(count, row_);
    if (byte == 'K') row().resize(column_);
    if (byte == 'P') row().erase(column_, count);
    if (byte == '@') row().insert(column_, count, ' ');
    if (byte == 'J') {
      row().resize(column_);
      rows_.resize(row_ + 1);
    }
  }

  std::vector<std::string> rows_{""};
  size_t row_ = 0, column_ = 0;
  std::string escape_;
};

}  // namespace nezu::cli
