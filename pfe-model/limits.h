#pragma once

namespace nezu::pfe {

/// What an api::Bridge has at most: the plane refuses more, and a commit does before it.
constexpr int kMaxMembers = 1024;

}  // namespace nezu::pfe
