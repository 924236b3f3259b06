#pragma once

/// The signals a terminal program must live with, as a descriptor to poll. Process-wide.
namespace nezu::cli::signals {

/// From now on SIGINT, SIGTERM, SIGHUP and SIGWINCH are only noted; SIGPIPE is ignored.
void install();

int descriptor();  ///< readable when something was noted; take_*() empties it

bool take_interrupt();  ///< ^C since the last call
bool take_resize();     ///< the window has another size since the last call
bool ending();          ///< SIGTERM or SIGHUP: leave, with the terminal as it was

}  // namespace nezu::cli::signals
