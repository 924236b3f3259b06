// Random edits against a naive model: a set of paths. Also codec, expansion and differences, which
// must agree with doing the same from scratch.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>

#include "configdb/codec.h"
#include "configdb/edit.h"
#include "configdb/expand.h"
#include "configdb/node.h"
#include "configdb/validate.h"
#include "sample.h"

namespace nezu::configdb {
namespace {

using namespace sample;
using grammar::Kind;

// Everything that exists of itself: entries, presence containers, leaves, flags and values.
using Model = std::map<std::string, Path>;

std::string name_of(const Path& path) {
  std::string name;
  for (const Step& step : path)
    name +=
        step.statement->name + (step.statement->kind == Kind::kLeaf ? "" : "=" + step.value) + "/";
  return name;
}

std::string full_name(const Path& path) {
  return name_of(path) + "=" + (path.empty() ? "" : path.back().value);
}

void erase_below(Model& model, const std::string& prefix) {
  for (auto at = model.lower_bound(prefix); at != model.end() && at->first.starts_with(prefix);)
    at = model.erase(at);
}

void model_set(Model& model, const Path& path) {
  Path prefix;
  for (const Step& step : path) {
    for (const auto* rival : step.statement->parent->children)
      if (step.statement->alternative && rival->alternative == step.statement->alternative &&
          rival->alternative_case != step.statement->alternative_case) {
        const std::string place = name_of(prefix);
        erase_below(model, place + rival->name + "=");
        erase_below(model, place + rival->name + "/");
      }
    prefix.push_back(step);
    if (step.statement->kind != Kind::kContainer) model[name_of(prefix)] = prefix;
  }
}

Model model_of(const NodePtr& root) {
  Model model;
  visit_differences(nullptr, root, [&](const Path& path, const NodePtr&, const NodePtr& node) {
    if (!path.empty() && node->statement->kind != Kind::kContainer) model[name_of(path)] = path;
  });
  return model;
}

std::vector<std::string> names(const Model& model) {
  std::vector<std::string> out;
  for (const auto& [_, path] : model) out.push_back(full_name(path));
  return out;
}

class Pool {
 public:
  explicit Pool(unsigned seed) : random_(seed) {}

  unsigned number(unsigned limit) { return random_() % limit; }
  std::string word(const char* stem, unsigned limit) {
    return stem + std::to_string(number(limit));
  }

  Path pick() {
    const std::string route = "routing-options static route 10." + word("", 40) + ".0.0/16 ";
    const std::string unit =
        "interfaces et-0/0/" + word("", 12) + " unit " + word("", 6) + " family inet";
    const std::string policy = "security ike policy " + word("p", 5);
    switch (number(12)) {
      case 0:
        return path(route + "next-hop 1.1.1." + word("", 5));
      case 1:
        return path(route + "discard");
      case 2:
        return path(route + "reject");
      case 3:
        return path(route + "metric " + word("", 5));
      case 4:
        return path(unit);
      case 5:
        return path(unit + " address 1.1.1." + word("", 9) + "/24");
      case 6:
        return path("system host-name " + word("h", 3));
      case 7:
        return path(policy + " proposals " + word("x", 6));
      case 8:
        return path(policy);
      case 9:
        return path("security ike gateway " + word("g", 5) + " ike-policy " + word("p", 5));
      case 10:
        return path("security ike gateway " + word("g", 5) + " address 1.1.1." + word("", 9));
      default:
        return path(route + "qualified-next-hop 2.2.2." + word("", 4) + " preference " +
                    word("", 9));
    }
  }

 private:
  std::mt19937 random_;
};

TEST(Edits, AgreeWithASetOfPaths) {
  for (unsigned seed = 0; seed < 8; ++seed) {
    Pool pool(seed);
    NodePtr root = make_root(*schema());
    Model model;
    for (int step = 0; step < 1500; ++step) {
      Path path = pool.pick();
      if (pool.number(3)) {
        root = set(root, path).root;
        model_set(model, path);
      } else {
        path.resize(1 + pool.number(path.size()));
        const Model before = model;
        const std::string place = name_of(path);
        const bool other_value = path.back().statement->kind == Kind::kLeaf &&
                                 model.contains(place) && model[place] != path;
        if (!other_value) erase_below(model, place);
        const Edited edited = remove(root, path);
        ASSERT_EQ(edited.warning.empty(), names(before) != names(model)) << full_name(path);
        root = edited.root;
      }
      if (step % 10) continue;
      ASSERT_EQ(names(model_of(root)), names(model)) << "step " << step;
    }
  }
}

NodePtr any_edit(const NodePtr& root, Pool& pool) {
  Path place = pool.pick();
  const unsigned what = pool.number(10);
  if (what < 6) return set(root, place).root;
  place.resize(1 + pool.number(place.size()));
  if (what == 6) return remove(root, place).root;
  if (what == 7) return mark(root, place, Mark::kInactive, pool.number(2)).root;
  if (what == 8 && pool.number(4)) return annotate(root, place, pool.number(2) ? "x\ny" : "").root;
  if (what == 8) return mark(root, place, Mark::kProtect, pool.number(5) == 0).root;
  const std::string value =
      "security ike policy " + pool.word("p", 5) + " proposals " + pool.word("x", 6);
  return insert(root, path(value), pool.number(2), pool.word("x", 6)).root;
}

// Random trees with marks; every pair of neighbours is turned into the other by its patch, and an
// expansion that starts from the one before equals one from scratch.
TEST(Patches, AndExpansionsAgreeWithScratch) {
  for (unsigned seed = 0; seed < 6; ++seed) {
    Pool pool(seed + 100);
    NodePtr root = make_root(*schema());
    Trees trees{root, root};
    NodePtr restored = root;
    for (int step = 0; step < 400; ++step) {
      NodePtr next = root;
      for (unsigned edits = pool.number(6); edits; --edits) {
        next = any_edit(next, pool);
      }
      const Decoded decoded = decode(*schema(), restored, encode(root, next));
      ASSERT_TRUE(decoded.root) << decoded.error;
      ASSERT_TRUE(equal(decoded.root, next));
      restored = decoded.root;
      const NodePtr effective = expand(next, trees);
      ASSERT_TRUE(equal(effective, expand(next, {})));
      trees = {next, effective};
      root = next;
    }
    const Decoded whole = decode(*schema(), nullptr, encode(nullptr, root));
    ASSERT_TRUE(whole.root) << whole.error;
    ASSERT_TRUE(equal(whole.root, root));
  }
}

// Damaged bytes are refused, or give a tree that is stored and read again the same.
TEST(Patches, OfDamagedBytesAreRefusedOrWhole) {
  Pool pool(5);
  NodePtr base = make_root(*schema());
  for (int i = 0; i < 60; ++i) base = any_edit(base, pool);
  NodePtr next = base;
  for (int i = 0; i < 20; ++i) next = any_edit(next, pool);
  int refused = 0;
  for (int i = 0; i < 4000; ++i) {
    const NodePtr before = i % 2 ? base : nullptr;
    std::string bytes = encode(before, next);
    for (unsigned edits = 1 + pool.number(3); edits; --edits) {
      const unsigned at = pool.number(bytes.size());
      if (pool.number(4))
        bytes[at] = static_cast<char>(pool.number(2) ? pool.number(256) : bytes[at] ^ 1);
      else
        bytes.erase(at, pool.number(9));
      if (bytes.empty()) bytes = "x";
    }
    const Decoded decoded = decode(*schema(), before, bytes);
    refused += !decoded.root;
    if (!decoded.root) continue;
    const Decoded again = decode(*schema(), nullptr, encode(nullptr, decoded.root));
    ASSERT_TRUE(again.root) << again.error;
    ASSERT_TRUE(equal(again.root, decoded.root));
    expand(decoded.root, {});
  }
  EXPECT_GT(refused, 1000);
}

}  // namespace
}  // namespace nezu::configdb
