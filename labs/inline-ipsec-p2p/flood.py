#!/usr/bin/env python3
"""How much gets through: datagrams of 1,200 octets (with their headers) over UDP port 9999.

flood.py receive ADDRESS SECONDS          until none came for that long; prints the rates
flood.py send ADDRESS SECONDS MEGABITS    that many megabits a second

A bucket of tokens saves up twenty milliseconds; what it does not get in a longer pause of the
machine is lost, and what it held up in one comes at once. So a limit that is too high shows in
the mean, one that is much too low in the best second.
"""
import socket
import struct
import sys
import time
from bisect import bisect_right

HEADERS, SIZE = 28, 1172
SO_TIMESTAMPNS = 35  # when the kernel had it, however late we are


def receive(ours, seconds):
    ours.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
    ours.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
    ours.bind((sys.argv[2], 9999))
    ours.settimeout(seconds)
    octets, times = 0, []
    try:
        while True:
            data, [(_, _, stamp), *_], *_ = ours.recvmsg(65536, 64)
            octets += len(data) + HEADERS
            second, nanoseconds = struct.unpack("qq", stamp)
            times.append(second + nanoseconds / 1e9)
    except TimeoutError:
        pass
    if len(times) < 2:
        sys.exit("nothing came")
    whole = times[-1] - times[0]
    best = max(bisect_right(times, start + 1) - 1 - i for i, start in enumerate(times))
    print(f"{octets} octets in {whole:.2f} s, mean {octets * 8 / whole / 1e6:.2f}, "
          f"best second {best * (SIZE + HEADERS) * 8 / 1e6:.2f} Mbit/s")


def send(ours, seconds, megabits):
    gap = (SIZE + HEADERS) * 8 / (megabits * 1e6)
    due = time.monotonic()
    end = due + seconds
    while due < end:
        ours.sendto(bytes(SIZE), (sys.argv[2], 9999))
        due += gap
        time.sleep(max(0, due - time.monotonic()))


if len(sys.argv) < 4 or sys.argv[1] not in ("send", "receive"):
    sys.exit(__doc__)
work = {"send": send, "receive": receive}[sys.argv[1]]
work(socket.socket(socket.AF_INET, socket.SOCK_DGRAM), *map(float, sys.argv[3:]))
