"""Sends ESP packets that are authentic and yet not allowed, from inside a router of this lab:

forge.py FROM TO COUNT   outer addresses; the keys are those of `request security ike debug-keys`

Inside is UDP between addresses that no traffic selector has.
"""
import ctypes
import ctypes.util
import os
import re
import socket
import struct
import sys

source, target, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
crypto = ctypes.CDLL(ctypes.util.find_library("crypto"))
for name in ("EVP_CIPHER_CTX_new", "EVP_aes_256_gcm"):
    getattr(crypto, name).restype = ctypes.c_void_p


def call(name, *arguments):
    arguments = [ctypes.c_void_p(a) if isinstance(a, int) and a > 2**31 else a for a in arguments]
    if getattr(crypto, name)(*arguments) <= 0:
        sys.exit(name + " failed")


def seal(key, nonce, header, text):
    context, length = crypto.EVP_CIPHER_CTX_new(), ctypes.c_int()
    out, tag = ctypes.create_string_buffer(len(text)), ctypes.create_string_buffer(16)
    call("EVP_EncryptInit_ex", context, crypto.EVP_aes_256_gcm(), None, key, nonce)
    call("EVP_EncryptUpdate", context, None, ctypes.byref(length), header, len(header))
    call("EVP_EncryptUpdate", context, out, ctypes.byref(length), text, len(text))
    call("EVP_EncryptFinal_ex", context, None, ctypes.byref(length))
    call("EVP_CIPHER_CTX_ctrl", context, 0x10, 16, tag)
    return out.raw + tag.raw


def ip(protocol, addresses, payload):
    return (
        struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(payload), 1, 0, 64, protocol, 0)
        + b"".join(map(socket.inet_aton, addresses))
        + payload
    )


def checksum(header):
    total = sum(struct.unpack("!10H", header))
    total = (total & 0xFFFF) + (total >> 16)
    return ~((total & 0xFFFF) + (total >> 16)) & 0xFFFF


keys = [
    re.findall(r'"([^"]*)"', line)
    for line in open("/run/nezu/debug-keys/esp_sa")
    if line.startswith('"IPv4"')
]
_, _, _, spi, _, key, *_ = [k for k in keys if k[1:3] == [source, target]][-1]
octets = bytes.fromhex(key[2:])
inner = ip(17, ("192.0.2.1", "192.0.2.2"), struct.pack("!HHHH", 600, 700, 8, 0))
inner = inner[:10] + struct.pack("!H", checksum(inner[:20])) + inner[12:]
inner += b"\x01\x02\x02\x04"  # pad length, next header: IPv4
wire = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
for sequence in range(1_000_000, 1_000_000 + count):
    header, iv = struct.pack("!II", int(spi, 16), sequence), os.urandom(8)
    sealed = header + iv + seal(octets[:32], octets[32:] + iv, header, inner)
    wire.sendto(ip(50, (source, target), sealed), (target, 0))
print(count, "forged")
