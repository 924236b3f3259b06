#include "configdb/commit.h"

#include <algorithm>
#include <utility>

#include "configdb/group_check.h"
#include "configdb/node.h"

namespace nezu::configdb {
namespace {

View view_of(const NodePtr& root) {
  return root ? View(root, root->statement) : View();
}

bool fails(const Problems& problems) {
  return std::any_of(problems.begin(), problems.end(),
                     [](const Problem& problem) { return !problem.warning; });
}

void append(Problems& all, const Problems& more) {
  all.insert(all.end(), more.begin(), more.end());
}

}  // namespace

Commit::Commit(std::vector<Service*> services, CommitRequest request, uint64_t revision,
               Trees before, Trees after)
    : services_(std::move(services)),
      request_(std::move(request)),
      before_(std::move(before)),
      after_(std::move(after)),
      delta_(revision, view_of(before_.effective), view_of(after_.effective)) {}

void Commit::run(const References& references, Point point, Done done) {
  point_ = std::move(point);
  done_ = std::move(done);
  step("checking references and mandatory statements");
  findings_ = validate(references, before_.effective, after_.effective);
  Problems groups = check_groups(before_.raw, after_.raw);
  append(groups, check_range_names(before_.effective, after_.effective));
  if (!groups.empty() && findings_.failure == Failure::kNone)
    findings_.failure = Failure::kConstraint;
  append(groups, findings_.problems);
  findings_.problems = std::move(groups);
  answers_.resize(services_.size());
  unanswered_ = services_.size() + 1;
  for (const Service* service : services_) behind_.push_back(!service->behind().empty());
  for (size_t at = 0; at < services_.size(); ++at) check(at);
  if (--unanswered_ == 0) checked();
}

void Commit::apply_only(std::function<void()> done) {
  applied_ = std::move(done);
  apply(0);
}

void Commit::check(size_t at) {
  step(std::string(services_[at]->name()) + " checks the new configuration");
  auto once = std::make_shared<bool>(false);
  services_[at]->check(delta_, [self = shared_from_this(), at, once](Problems problems) {
    if (std::exchange(*once, true)) return;
    self->answers_[at] = std::move(problems);
    if (--self->unanswered_ == 0) self->checked();
  });
}

// All answers are in: the schema's findings first, then each service's in its order.
void Commit::checked() {
  for (const Problems& answer : answers_) {
    append(findings_.problems, answer);
    if (findings_.failure == Failure::kNone && fails(answer)) findings_.failure = Failure::kService;
  }
  findings_.problems = unique(std::move(findings_.problems));
  const auto warnings =
      std::stable_partition(findings_.problems.begin(), findings_.problems.end(),
                            [](const Problem& problem) { return !problem.warning; });
  std::rotate(findings_.problems.begin(), warnings, findings_.problems.end());
  if (findings_.failure != Failure::kNone)
    return finish(last_line(findings_.failure, request_.check_only), false);
  if (request_.check_only) return finish("configuration check succeeds\n", true);
  step("writing revision " + std::to_string(delta_.revision()));
  if (auto error = point_(after_)) return finish("error: commit failed: " + *error + "\n", false);
  new_revision_ = true;
  applied_ = [this] {
    name_those_behind();
    finish(promise() + "commit complete\n", true);
  };
  apply(0);
}

std::string Commit::promise() const {
  if (!request_.confirm_minutes) return {};
  return "commit confirmed will be automatically rolled back in " +
         std::to_string(request_.confirm_minutes) + " minutes unless confirmed\n";
}

// Those whom this commit left behind; who was so before has had its say in the check.
void Commit::name_those_behind() {
  for (size_t at = 0; at < services_.size(); ++at)
    if (const std::string why = services_[at]->behind(); !why.empty() && !behind_[at])
      findings_.problems.push_back({{}, std::string(services_[at]->name()), why, true});
  findings_.problems = unique(std::move(findings_.problems));
}

// One service after the other: a later one may stand on what an earlier one made.
void Commit::apply(size_t at) {
  if (at == services_.size()) {
    auto applied = std::exchange(applied_, nullptr);
    return applied();
  }
  step(std::string(services_[at]->name()) + " applies it");
  auto once = std::make_shared<bool>(false);
  services_[at]->apply(delta_, [self = shared_from_this(), at, once] {
    if (!std::exchange(*once, true)) self->apply(at + 1);
  });
}

void Commit::step(const std::string& text) const {
  if (request_.progress) request_.progress(text);
}

void Commit::finish(std::string text, bool ok) {
  CommitResult result;
  result.ok = ok;
  result.revision = delta_.revision() - (new_revision_ ? 0 : 1);
  result.text = render(findings_.problems) + std::move(text);
  result.problems = std::move(findings_.problems);
  auto done = std::exchange(done_, nullptr);
  done(std::move(result));
}

}  // namespace nezu::configdb
