#pragma once
#include <functional>
#include <string_view>

#include "services/init/held.h"
#include "services/init/protocol.h"

/// The socket on which nezu-re asks (services/init/protocol.h).
namespace nezu::init {

/// A listening SOCK_SEQPACKET socket at `path`, for root only.
int listen_at(const char* path);

/// Instead of a program's name: the whole router boots.
constexpr char kAllPrograms[] = "*";
using Restart = std::function<int(std::string_view program)>;

/// Answers one request of a client. False: the client is gone, or not to be spoken to.
bool serve(int client, Held& held, const Restart& restart);

}  // namespace nezu::init
