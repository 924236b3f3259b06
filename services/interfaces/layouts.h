#pragma once

/// The text of the interface commands (grammar/layout.h).
namespace nezu::interfaces {

inline constexpr char kTerse[] =
    R"(Interface               Admin Link Proto    Local                 Remote
{#interface-information}
{#physical-interface}
{?admin-status}
{name:24}{admin-status:6}{oper-status}
{/admin-status}
{#logical-interface}
{name:24}{admin-status:6}{?address-family}{oper-status:5}{/address-family}{^address-family}{oper-status}{/address-family}{#address-family}{,}
                                   {/,}{address-family-name:9}{#interface-address}{,}
                                            {/,}{?ifa-destination}{ifa-local:20}--> {ifa-destination}{/ifa-destination}{^ifa-destination}{ifa-local:16}{/ifa-destination}{/interface-address}{/address-family}
{/logical-interface}
{/physical-interface}
{/interface-information}
)";

inline constexpr char kFull[] = R"({#interface-information}
{#physical-interface}
{,}

{/,}
{?local-index}
Physical interface: {name}, {#if-config-flags}{?iff-admin-down}Administratively down{/iff-admin-down}{^iff-admin-down}Enabled{/iff-admin-down}{/if-config-flags}, Physical link is {#if-device-flags}{?ifdf-down}Down{/ifdf-down}{^ifdf-down}Up{/ifdf-down}{/if-device-flags}
  Interface index: {local-index}, SNMP ifIndex: {snmp-index}
{?description}
  Description: {description}
{/description}
  {?if-type}Type: {if-type}, {/if-type}Link-level type: {link-level-type}, MTU: {mtu}{?speed}, Speed: {speed}{/speed}
  Device flags   : {#if-device-flags}{?ifdf-present}Present{/ifdf-present}{?ifdf-running} Running{/ifdf-running}{?ifdf-down} Down{/ifdf-down}{?ifdf-loopback} Loopback{/ifdf-loopback}{/if-device-flags}
  Interface flags: {#if-config-flags}{?iff-hardware-down}Hardware-Down {/iff-hardware-down}{?iff-point-to-point}Point-To-Point {/iff-point-to-point}SNMP-Traps{/if-config-flags}
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
{#input-error-list}
  Input errors:
    Drops: {input-drops}
{/input-error-list}
{#output-error-list}
  Output errors:
    Drops: {output-drops}
{/output-error-list}
{#active-alarms}
  Active alarms  : {?ethernet-alarm-link-down}LINK{/ethernet-alarm-link-down}{^ethernet-alarm-link-down}None{/ethernet-alarm-link-down}
  Active defects : {?ethernet-alarm-link-down}LINK{/ethernet-alarm-link-down}{^ethernet-alarm-link-down}None{/ethernet-alarm-link-down}
{/active-alarms}
{/local-index}
{#logical-interface}

  Logical interface {name} (Index {local-index}) (SNMP ifIndex {snmp-index})
{?.description}
    Description: {description}
{/.description}
    Flags: {#if-config-flags}{?iff-up}Up {/iff-up}{?iff-down}Down {/iff-down}{?iff-hardware-down}Hardware-Down {/iff-hardware-down}{?iff-device-down}Device-Down {/iff-device-down}{?iff-point-to-point}Point-To-Point {/iff-point-to-point}SNMP-Traps{/if-config-flags} Encapsulation: {encapsulation}
{?service-domain}
    Service domain: {service-domain}
{/service-domain}
{#vtep-info}
    VXLAN Endpoint Type: {vtep-type}, VXLAN Endpoint Address: {vtep-address}, L2 Routing Instance: default-switch, L3 Routing Instance: default
{/vtep-info}
{#flexible-tunnel}
    Destination UDP port: {destination-udp-port}{?vni}, VNI: {vni}{/vni}{?source-address}, Source address: {source-address}{/source-address}{?destination-address}, Destination address: {destination-address}{/destination-address}
{/flexible-tunnel}
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
      Addresses, Flags: {#ifa-flags}{?ifaf-none}None{/ifaf-none}{?ifaf-current-preferred}Is-Preferred{/ifaf-current-preferred}{?ifaf-current-primary} Is-Primary{/ifaf-current-primary}{/ifa-flags}
        {?ifa-destination}Destination: {ifa-destination}, {/ifa-destination}Local: {ifa-local}{?ifa-broadcast}, Broadcast: {ifa-broadcast}{/ifa-broadcast}
{/interface-address}
{/address-family}
{/logical-interface}
{/physical-interface}
{/interface-information}
)";

inline constexpr char kMacTable[] = R"(
MAC flags       (S -static MAC, D -dynamic MAC, L -locally learned, C -Control MAC
    O -OVSDB MAC, SE -Statistics enabled, NM -Non configured MAC, R -Remote PE MAC, P -Pinned MAC)
{#l2ald-rtb-macdb}
{#l2ald-mac-entry}

Routing instance : {l2-mac-routing-instance}
 Bridging domain : {l2-mac-bridging-domain}, VLAN : {l2-bridge-vlan}
   MAC                 MAC      Logical          NH     MAC         active
   address             flags    interface        Index  property    source
{#l2-mac-entry}
   {l2-mac-address:20}{l2-mac-flags:9}{l2-mac-logical-interface}
{/l2-mac-entry}
{/l2ald-mac-entry}
{/l2ald-rtb-macdb}
)";

inline constexpr char kSourceVtep[] = R"({#vxlan-source-vtep-information}
{#source-vtep}
Logical System Name       Id  SVTEP-IP         IFL   L3-Idx    SVTEP-Mode    ELP-SVTEP-IP
{?svtep-ip}
<default>                 0   {svtep-ip:17}{svtep-ifl:9}0
    L2-RTT                   Bridge Domain              VNID     Translation-VNID    MC-Group-IP    Interface
{#vxlan-network}
    {l2-rtt:25}{bridge-domain:27}{vnid:29}0.0.0.0        {vtep-interface}
{/vxlan-network}
{/svtep-ip}
{/source-vtep}
{/vxlan-source-vtep-information}
)";

inline constexpr char kRemoteVtep[] = R"({#vxlan-remote-vtep-information}
{#source-vtep}
Logical System Name       Id  SVTEP-IP         IFL   L3-Idx    SVTEP-Mode    ELP-SVTEP-IP
{?svtep-ip}
<default>                 0   {svtep-ip:17}{svtep-ifl:9}0
{#remote-vtep}
 RVTEP-IP         L2-RTT                   IFL-Idx   Interface    NH-Id   RVTEP-Mode  ELP-IP        Flags
 {rvtep-ip:17}{l2-rtt:25}{ifl-index:10}{vtep-interface:21}{rvtep-mode}
    VNID          MC-Group-IP
{#vxlan-network}
    {vnid:14}0.0.0.0
{/vxlan-network}
{/remote-vtep}
{/svtep-ip}
{/source-vtep}
{/vxlan-remote-vtep-information}
)";

}  // namespace nezu::interfaces
