#include "services/ike/session/compare.h"

#include <algorithm>
#include <optional>

#include "services/ike/message/payload_notify.h"
#include "services/ike/message/payload_ts.h"
#include "services/ike/message/wire.h"
#include "services/ike/session/decode.h"

namespace nezu::ike {
namespace {
constexpr TransformType kTypes[] = {TransformType::kEncryption, TransformType::kIntegrity,
                                    TransformType::kPrf, TransformType::kDh,
                                    TransformType::kExtendedSequence};
constexpr std::string_view kNotTold = "not told";

bool has_type(const Offer& offer, TransformType type) {
  return std::any_of(offer.transforms.begin(), offer.transforms.end(),
                     [&](const Transform& each) { return each.type == type && each.id != 0; });
}

// The two can agree on a transform of this type, or need none.
bool meets(const Offer& a, const Offer& b, TransformType type) {
  if (type == TransformType::kExtendedSequence) {
    for (const Transform& each : a.transforms)
      if (each.type == type &&
          std::find(b.transforms.begin(), b.transforms.end(), each) != b.transforms.end())
        return true;
    return false;
  }
  if (!has_type(a, type) && !has_type(b, type)) return true;
  return std::any_of(a.transforms.begin(), a.transforms.end(), [&](const Transform& each) {
    return each.type == type && !each.strange &&
           std::find(b.transforms.begin(), b.transforms.end(), each) != b.transforms.end();
  });
}

std::vector<TransformType> misses(const Offer& offered, const Offer& accepted) {
  std::vector<TransformType> all;
  for (const TransformType type : kTypes) {
    const bool used =
        has_type(offered, type) || has_type(accepted, type) ||
        (type == TransformType::kExtendedSequence && accepted.protocol == Protocol::kEsp);
    if (used && !meets(offered, accepted, type)) all.push_back(type);
  }
  return all;
}

const Offer* closest(const Offer& offered, const std::vector<Offer>& accepted) {
  const Offer* best = nullptr;
  std::size_t least = 0;
  for (const Offer& each : accepted) {
    const std::size_t missed = misses(offered, each).size();
    if (!best || missed < least) best = &each, least = missed;
  }
  return best;
}

const Said* last(const Exchange& exchange, Said::What what) {
  for (auto each = exchange.messages.rbegin(); each != exchange.messages.rend(); ++each)
    if (each->what == what) return &*each;
  return nullptr;
}

std::optional<KeptPayload> payload(const Said* said, PayloadType type) {
  if (!said) return std::nullopt;
  for (const KeptPayload& each : payloads_of(*said))
    if (each.type == type) return each;
  return std::nullopt;
}

std::vector<Offer> offers_of(const Said* said) {
  const auto kept = payload(said, PayloadType::kSa);
  if (!kept) return {};
  return parse_sa(kept->body).value_or(std::vector<Offer>());
}

std::string group_of(const Said* said) {
  const auto ke = payload(said, PayloadType::kKe);
  if (!ke || ke->body.size() < 2) return {};
  return name_of(Transform{TransformType::kDh, Reader(ke->body).u16(), 0, false});
}

std::optional<Notify> error_of(const Said* said) {
  if (!said) return std::nullopt;
  for (const KeptPayload& each : payloads_of(*said)) {
    if (each.type != PayloadType::kNotify) continue;
    auto notify = parse_notify(each.body);
    if (notify && is_error(notify->type)) return notify;
  }
  return std::nullopt;
}

std::string_view word_of(const Offer& offered, const Offer& other, TransformType type,
                         bool chosen) {
  if (!meets(offered, other, type)) return "differs";
  return chosen ? "chosen" : "same";
}

void compare_proposal(const Offer& offered, const Offer* other, bool chosen,
                      std::vector<Row>& rows) {
  const std::string number = "proposal " + std::to_string(offered.number) + ' ';
  for (const TransformType type : kTypes) {
    if (text_of(offered, type) == "none" && (!other || text_of(*other, type) == "none")) continue;
    Row row;
    row.what = number + std::string(name_of(type));
    row.initiator = text_of(offered, type);
    row.responder = other ? text_of(*other, type) : std::string();
    if (other) row.verdict = word_of(offered, *other, type, chosen);
    rows.push_back(std::move(row));
  }
}

// `other`: the answer, or what the end that refused would have taken.
void compare_proposals(const Said* request, const Said* answer, const Said* acceptable,
                       std::vector<Row>& rows) {
  const auto chosen = offers_of(answer), accepted = offers_of(acceptable);
  for (const Offer& offered : offers_of(request)) {
    const bool is_chosen = !chosen.empty() && chosen.front().number == offered.number;
    const std::size_t from = rows.size();
    const Offer* other = is_chosen ? &chosen.front() : closest(offered, accepted);
    compare_proposal(offered, other, is_chosen, rows);
    if (other || from == rows.size()) continue;
    rows[from].responder = chosen.empty() ? kNotTold : "another proposal was chosen";
  }
}

void compare_groups(const Said* request, const Said* answer, std::vector<Row>& rows) {
  Row row;
  row.what = "KE";
  row.initiator = group_of(request);
  if (row.initiator.empty()) return;
  row.responder = group_of(answer);
  if (const auto error = error_of(answer);
      error && error->type == NotifyType::kInvalidKePayload && error->data.size() == 2)
    row.responder =
        name_of(Transform{TransformType::kDh, Reader(error->data).u16(), 0, false}) + " is wanted";
  if (row.responder.empty()) return;
  row.verdict = row.initiator == row.responder ? "same" : "differs";
  rows.push_back(std::move(row));
}

void compare_selectors(const Said* request, const Said* answer, const Said* acceptable,
                       PayloadType type, std::vector<Row>& rows) {
  const auto offered = payload(request, type);
  if (!offered) return;
  const auto answered = payload(answer, type), accepted = payload(acceptable, type);
  const auto text = [](const std::optional<KeptPayload>& kept) {
    const auto selectors = kept ? parse_ts(kept->body) : std::nullopt;
    return selectors ? text_of(*selectors) : std::string();
  };
  Row row{name_of(type), text(offered), text(answered ? answered : accepted), {}};
  if (answered)
    row.verdict = row.initiator == row.responder ? "same" : "narrowed";
  else if (accepted)
    row.verdict = row.initiator == row.responder ? "same" : "differs";
  else
    row.responder = kNotTold;
  rows.push_back(std::move(row));
}
}  // namespace

std::string difference(const std::vector<Offer>& offered, const std::vector<Offer>& accepted) {
  const Offer* ours = nullptr;
  const Offer* theirs = nullptr;
  std::size_t least = 0;
  for (const Offer& each : offered) {
    const Offer* near = closest(each, accepted);
    if (!near) continue;
    const std::size_t missed = misses(each, *near).size();
    if (!ours || missed < least) ours = near, theirs = &each, least = missed;
  }
  if (!ours) return {};
  std::string text;
  for (const TransformType type : misses(*theirs, *ours))
    text += (text.empty() ? "" : "; ") + std::string(name_of(type)) + ": the peer offers " +
            text_of(*theirs, type) + ", this end accepts " + text_of(*ours, type);
  return text;
}

std::vector<Row> side_by_side(const Exchange& exchange) {
  const Said* request = last(exchange, Said::What::kRequest);
  const Said* answer = last(exchange, Said::What::kAnswer);
  const Said* acceptable = last(exchange, Said::What::kAcceptable);
  std::vector<Row> rows;
  compare_proposals(request, answer, acceptable, rows);
  compare_groups(request, answer, rows);
  compare_selectors(request, answer, acceptable, PayloadType::kTsI, rows);
  compare_selectors(request, answer, acceptable, PayloadType::kTsR, rows);
  return rows;
}

std::string outcome_of(const Exchange& exchange) {
  const Said* answer = last(exchange, Said::What::kAnswer);
  const Said* request = last(exchange, Said::What::kRequest);
  // After a COOKIE or another group the request is made anew.
  if (!answer || (request && answer < request)) {
    if (!exchange.ours) return "not answered";
    // A last word: nobody waits for an answer to it.
    if (const auto refusal = request ? error_of(request) : std::nullopt)
      return "told the peer: " + std::string(name_of(refusal->type));
    const std::uint32_t times = request ? request->times : 0;
    return "no answer to " + std::to_string(times) + (times == 1 ? " request" : " requests");
  }
  if (const auto error = error_of(answer)) {
    const bool partly = payload(answer, PayloadType::kAuth).has_value();
    return std::string(partly ? "IKE SA made, tunnel refused by " : "refused by ") +
           (answer->sent ? "this end: " : "the peer: ") + std::string(name_of(error->type));
  }
  return exchange.ours && !exchange.why.empty() ? "answered, refused by this end" : "done";
}

}  // namespace nezu::ike
