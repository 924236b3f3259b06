#pragma once

/// The text of the interface commands (grammar/layout.h).
namespace nezu::interfaces {

inline constexpr char kTerse[] =
    R"(Interface               Admin Link Proto    Local                 Remote
{#interface-information}
{#physical-interface}
{^logical-only}
{name:24}{admin-status:6}{oper-status}
{/logical-only}
{#logical-interface}
{name:24}{admin-status:6}{oper-status}{?address-family}{oper-pad}{/address-family}{#address-family}{,}
                                   {/,}{address-family-name:8}{#interface-address}{,}
                                           {/,} {ifa-local:15}{?ifa-destination}     --> {ifa-destination}{/ifa-destination}{/interface-address}{/address-family}

{/logical-interface}
{/physical-interface}
{/interface-information}
)";

inline constexpr char kFull[] = R"({#interface-information}
{#physical-interface}
{?admin-text}
Physical interface: {name}, {admin-text}, Physical link is {link-text}
  Interface index: {local-index}, SNMP ifIndex: {snmp-index}
{?description}
  Description: {description}
{/description}
  {?if-type}Type: {if-type}, {/if-type}Link-level type: {link-level-type}, MTU: {mtu}{?speed}, Speed: {speed}{/speed}
  Device flags   : {device-flags}
  Interface flags: {interface-flags}
{?current-physical-address}
  Current address: {current-physical-address}, Hardware address: {hardware-physical-address}
{/current-physical-address}
{?interface-flapped}
  Last flapped   : {interface-flapped}
{/interface-flapped}
{#traffic-statistics}
{?input-bytes}
  Traffic statistics:
   Input  bytes  :{input-bytes:>21}{input-bps:>21} bps
   Output bytes  :{output-bytes:>21}{output-bps:>21} bps
   Input  packets:{input-packets:>21}{input-pps:>21} pps
   Output packets:{output-packets:>21}{output-pps:>21} pps
{/input-bytes}
{^input-bytes}
  Input rate     : {input-bps} bps ({input-pps} pps)
  Output rate    : {output-bps} bps ({output-pps} pps)
{/input-bytes}
{/traffic-statistics}
{?input-drops}
  Input errors:
    Drops: {input-drops}
  Output errors:
    Drops: {output-drops}
{/input-drops}
{?active-alarms}
  Active alarms  : {active-alarms}
  Active defects : {active-alarms}
{/active-alarms}
{/admin-text}
{#logical-interface}

  Logical interface {name} (Index {local-index}) (SNMP ifIndex {snmp-index})
{?description}
    Description: {description}
{/description}
    Flags: {config-flags} Encapsulation: {encapsulation}
{?service-domain}
    Service domain: {service-domain}
{/service-domain}
{#traffic-statistics}
{?input-bytes}
    Traffic statistics:
     Input  bytes  :{input-bytes:>21}
     Output bytes  :{output-bytes:>21}
     Input  packets:{input-packets:>21}
     Output packets:{output-packets:>21}
{/input-bytes}
{^input-bytes}
    Input packets : {input-packets}
    Output packets: {output-packets}
{/input-bytes}
{/traffic-statistics}
{#address-family}
    Protocol {address-family-name}, MTU: {mtu}
{#interface-address}
      Addresses, Flags: {ifa-flags}
        {?ifa-destination}Destination: {ifa-destination}, {/ifa-destination}Local: {ifa-local}{?ifa-broadcast}, Broadcast: {ifa-broadcast}{/ifa-broadcast}
{/interface-address}
{/address-family}
{/logical-interface}

{/physical-interface}
{/interface-information}
)";

}  // namespace nezu::interfaces
