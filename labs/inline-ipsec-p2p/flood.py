#!/usr/bin/env python3
"""How much gets through: datagrams of 1,200 octets (with their headers) over UDP port 9999.

flood.py receive ADDRESS SECONDS          until none came for that long; prints the rate
flood.py send ADDRESS SECONDS MEGABITS    that many megabits a second
"""
import socket
import sys
import time

HEADERS, SIZE = 28, 1172


def receive(ours, seconds):
    ours.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
    ours.bind((sys.argv[2], 9999))
    ours.settimeout(seconds)
    octets, first, last = 0, None, None
    try:
        while True:
            octets += len(ours.recv(65536)) + HEADERS
            last = time.monotonic()
            first = first or last
    except TimeoutError:
        pass
    if octets == 0:
        sys.exit("nothing came")
    print(f"{octets} octets in {last - first:.2f} s, {octets * 8 / (last - first) / 1e6:.2f} Mbit/s")


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
