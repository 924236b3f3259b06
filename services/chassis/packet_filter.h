#pragma once
#include <string>
#include <string_view>

namespace nezu::chassis_service {

/// Makes the program of a capture filter (the language of pcap-filter(7)) over IP packets, as
/// StartTrace.filter has it. Names are refused, for looking them up would stop the router: only
/// the words of the language, numbers and addresses. `program` is empty for an empty text. Returns
/// why it is none; empty: done.
std::string compile_filter(std::string_view text, std::string& program);

}  // namespace nezu::chassis_service
