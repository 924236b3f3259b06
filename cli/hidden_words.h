#pragma once
#include <string>

#include "cli/editor.h"

namespace nezu::cli {

/// Asks for words that are not shown while they are typed: a password. Backspace and ^U take back.
Editor::Ending read_hidden(Keyboard& keyboard, const std::string& question, std::string& words);

}  // namespace nezu::cli
