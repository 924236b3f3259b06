#pragma once

/// The text of the chassis commands (grammar/layout.h).
namespace nezu::chassis_service {

inline constexpr char kHardware[] = R"(Hardware inventory:
Item             Version  Part number  Serial number     Description
{#chassis-inventory}
{#chassis}
{name:39}{serial-number:18}{description}
{#chassis-module}
{name:17}{version:9}{part-number:13}{serial-number:18}{description}
{#chassis-sub-module}
  {name:15}{version:9}{part-number:13}{serial-number:18}{description}
{#chassis-sub-sub-module}
    {name:13}{version:9}{part-number:13}{serial-number:18}{description}
{/chassis-sub-sub-module}
{/chassis-sub-module}
{/chassis-module}
{/chassis}
{/chassis-inventory}
)";

inline constexpr char kFpc[] =
    R"(                     Temp  CPU Utilization (%)   CPU Utilization (%)  Memory    Utilization (%)
Slot State            (C)  Total  Interrupt      1min   5min   15min  DRAM (MB) Heap     Buffer
{#fpc-information}
{#fpc}
{?comment}
{slot:>3}  {state:15} ---{comment}---
{/comment}
{^comment}
{slot:>3}  {state:16}{temperature:>4}{cpu-total:>7}{cpu-interrupt:>11}{cpu-1min-avg:>9}{cpu-5min-avg:>7}{cpu-15min-avg:>7}{memory-dram-size:>8}{memory-heap-utilization:>9}{memory-buffer-utilization:>11}
{/comment}
{/fpc}
{/fpc-information}
)";

inline constexpr char kFpcDetail[] = R"({#fpc-information}
{#fpc}
Slot {slot} information:
  State                               {state}
{?comment}
  Reason                              {comment}
{/comment}
{?temperature}
  Temperature                         {temperature}
{/temperature}
{?memory-dram-size}
  Total CPU DRAM                 {memory-dram-size:>5} MB
{/memory-dram-size}
{?start-time}
  Start time                          {start-time}
{/start-time}
{?up-time}
  Uptime                              {up-time}
{/up-time}
{/fpc}
{/fpc-information}
)";

inline constexpr char kPicStatus[] = R"({#fpc-information}
{#fpc}
Slot {slot:3} {state:12} {description}
{#pic}
  PIC {pic-slot:2} {pic-state:12} {pic-type}
{/pic}
{/fpc}
{/fpc-information}
)";

inline constexpr char kPicDetail[] = R"({#fpc-information}
{#fpc}
{#pic-detail}
FPC slot {slot}, PIC slot {pic-slot} information:
  Type                             {pic-type}
  State                            {state}
{?pic-version}
  PIC version                      {pic-version}
{?up-time}
  Uptime                           {up-time}
{/up-time}

PIC port information:
                         Fiber                    Xcvr vendor       Wave-    Xcvr
  Port Cable type        type  Xcvr vendor        part number       length   Firmware
{#port-information}
{#port}
  {port-number:4} {cable-type:17} {fiber-mode:5} {sfp-vendor-name:18} {sfp-vendor-pno:17} {wavelength:8} {sfp-vendor-fw-ver}
{/port}
{/port-information}

Port speed information:

  Port  PFE      Capable Port Speeds
{#port-speed-information}
{#port}
  {port-number1:6} {pfe-number:7} {speed-capability}
{/port}
{/port-speed-information}

Port group information:

  PFE  Port group  Ports  Bandwidth  IPsec bandwidth
{#port-group-information}
{#port-group}
  {pfe-number:5}{port-group-number:12}{ports:7}{bandwidth:11}{ipsec-bandwidth}
{/port-group}
{/port-group-information}

WAN port information:

  Port  Interface   PFE  Port group  WAN status
{#wan-information}
{#port}
  {port-number:6}{interface-name:12}{pfe-number:5}{port-group-number:12}{wan-status}
{/port}
{/wan-information}
{/pic-version}
{/pic-detail}
{/fpc}
{/fpc-information}
)";

inline constexpr char kAlarms[] = R"({#alarm-information}
{#alarm-summary}
{?no-active-alarms}
No alarms currently active
{/no-active-alarms}
{?active-alarm-count}
{active-alarm-count} alarms currently active
Alarm time               Class  Description
{/active-alarm-count}
{/alarm-summary}
{#alarm-detail}
{alarm-time:25}{alarm-class:7}{alarm-description}
{/alarm-detail}
{/alarm-information}
)";

inline constexpr char kPfeTraffic[] = R"({#pfe-statistics}
{#pfe-traffic-statistics}
Packet Forwarding Engine traffic statistics:
    Input  packets:{pfe-input-packets:>21}{input-pps:>21} pps
    Output packets:{pfe-output-packets:>21}{output-pps:>21} pps
    Fabric Input  :{pfe-fabric-input:>21}{pfe-fabric-input-pps:>21} pps
    Fabric Output :{pfe-fabric-output:>21}{pfe-fabric-output-pps:>21} pps
{/pfe-traffic-statistics}
{#pfe-local-traffic-statistics}
Packet Forwarding Engine local traffic statistics:
    Local packets input                 :{pfe-input-packets:>21}
    Local packets output                :{pfe-output-packets:>21}
    Software input control plane drops  :{software-input-controlplane-drops:>21}
    Hardware input drops                :{hardware-input-drops:>21}
{/pfe-local-traffic-statistics}
{#pfe}
Packet Forwarding Engine {pfe-name}:
{#counter}
    {name:38} :{value:>18}
{/counter}
{/pfe}
{#pfe-hardware-discard-statistics}
Packet Forwarding Engine hardware discard statistics:
{#discard}
    {name:26} :{value:>21}
{/discard}
{/pfe-hardware-discard-statistics}
{/pfe-statistics}
)";

inline constexpr char kPfeErrors[] = R"({#pfe-error-statistics}
{#pfe}
Packet Forwarding Engine {pfe-name}:
{?no-errors}
    No packets dropped
{/no-errors}
{#discard}
    {name:22} {description:55} :{value:>15}
{/discard}
{/pfe}
{/pfe-error-statistics}
)";

inline constexpr char kPfeTrace[] = R"({#pfe-trace}
{?no-trace}
No packets have been followed; 'request pfe trace start' begins
{/no-trace}
{?trace-state}
Trace: {trace-state}, {packets} of {packets-wanted} packets{?seconds-left}, {seconds-left} seconds left{/seconds-left}{?matching}, matching "{matching}"{/matching}{?.interface-name}, received by {interface-name}{/.interface-name}
{/trace-state}
{#packet}

Packet {number}: {packet-description}
  At: {time}{?input-interface}, on {input-interface}{/input-interface}
  Fate: {fate}
{?hint}
  Look: {hint}
{/hint}
{#step}
{microseconds:>7} us  {pfe-name:10} {stage:10}{description}{?vpn-name} (VPN {vpn-name}){/vpn-name}
{/step}
{?steps-left-out}
            more happened than is kept of one packet
{/steps-left-out}
{/packet}
{/pfe-trace}
)";

inline constexpr char kPfeTraceBrief[] = R"({#pfe-trace}
{?no-trace}
No packets have been followed; 'request pfe trace start' begins
{/no-trace}
{?trace-state}
Trace: {trace-state}, {packets} of {packets-wanted} packets{?seconds-left}, {seconds-left} seconds left{/seconds-left}{?matching}, matching "{matching}"{/matching}{?.interface-name}, received by {interface-name}{/.interface-name}
{/trace-state}
{#packet}
{number:>3}  {packet-description}
     {fate}
{/packet}
{/pfe-trace}
)";

}  // namespace nezu::chassis_service
