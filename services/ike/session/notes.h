// What this end knows of a negotiation at the moment it goes wrong, written into the journal in
// words: what happened, and where the mistake is to be looked for. Without a journal nothing is
// done.
#pragma once

#include <string>
#include <string_view>

#include "services/ike/message/message.h"
#include "services/ike/session/step.h"

namespace nezu::ike::notes {

/// Messages of an SA, as they leave and as they are taken.
void sent(const Step& step, const Header& header, std::uint8_t first, ByteView chain,
          std::size_t octets, std::size_t datagrams);
void sent_clear(const Step& step, ByteView message);
void taken(Step& step, const Header& header, std::uint8_t first, ByteView chain,
           std::size_t octets);
/// Our request has been sent once more.
void repeated(const Step& step, const Outstanding& outstanding);

/// An IKE_SA_INIT that we refuse, and the answer it gets.
void refused_init(Journal& journal, const Gateway& gateway, const Path& path, ByteView request,
                  const Payloads& payloads, const Notify& why, ByteView answer, Time now);
/// The peer refused our IKE_SA_INIT.
void init_refused(const Step& step, const Notify& error);

/// The peer did not prove to be who it has to be.
void not_authentic(const Step& step, const Identity& expected, const std::optional<Identity>& id,
                   const std::optional<Auth>& auth);
/// A certificate of either end proves nothing.
void unproven(const Step& step, std::string what, std::string_view look_at);
/// The peer refused our IKE_AUTH.
void auth_refused(const Step& step, NotifyType error);

/// The peer's offer for a child SA, which we refuse.
void refused_child(const Step& step, const Payloads& payloads, const ChildSa* old,
                   const Notify& why);
/// The peer refused our offer for a tunnel.
void child_refused(const Step& step, const ChildExchange& ours, const Notify& error);
/// The peer's rekey of the IKE SA, which we refuse; and ours, which it refused.
void refused_rekey(const Step& step, const Payloads& payloads, const Notify& why);
void rekey_refused(const Step& step, const ChildExchange& ours, const Notify& error);

/// The negotiation of the IKE SA ends; what is known better already stays.
void failed(const Step& step, std::string_view reason);
/// An IKE SA that stood is lost.
void lost(const Step& step, std::string what, std::string look_at);
/// A pair of the tunnel could not be made.
void not_negotiated(const Step& step, std::uint32_t tunnel);
/// The tunnel works.
void settled(const Step& step, std::uint32_t tunnel);
/// The peer has proved who it is.
void proven(const Step& step);

}  // namespace nezu::ike::notes
