#pragma once
#include <gtest/gtest.h>

#include "configdb/database.h"
#include "sample.h"

/// Configurations that say in each of their parts which revision they are, so that one that is half
/// of another is found out.
namespace nezu::configdb::numbered {

// Every part of the configuration says which revision it is of.
inline NodePtr configuration(const NodePtr& from, uint64_t revision) {
  const std::string name = "h" + std::to_string(revision);
  NodePtr root = sample::with(from, "system host-name " + name);
  for (int i = 0; i < 40; ++i)
    root = sample::with(root, "interfaces et-0/0/" + std::to_string(i) + " description " + name);
  return root;
}

// Revision 0 is the factory default.
inline NodePtr whole(uint64_t revision) {
  return revision ? configuration(make_root(*sample::schema()), revision)
                  : make_root(*sample::schema());
}

inline ::testing::AssertionResult is_whole(const Database& database) {
  const uint64_t revision = database.revision();
  if (!equal(database.active(), whole(revision)))
    return ::testing::AssertionFailure() << "not the configuration of revision " << revision;
  const size_t stored = database.log().size();
  for (size_t n = 0; n < stored; ++n) {
    const Loaded loaded = database.rollback(n);
    if (!loaded.root) return ::testing::AssertionFailure() << loaded.error;
    if (!equal(loaded.root, whole(revision - n)))
      return ::testing::AssertionFailure() << "rollback " << n << " of " << revision;
  }
  return ::testing::AssertionSuccess();
}

inline CommitResult commit(Database& database) {
  CommitResult out;
  CommitRequest request;
  request.user = "admin";
  database.commit(std::move(request), [&](CommitResult result) { out = std::move(result); });
  return out;
}
inline CommitResult commit_next(Database& database) {
  database.set_candidate(configuration(database.candidate(), database.revision() + 1));
  return commit(database);
}

}  // namespace nezu::configdb::numbered
