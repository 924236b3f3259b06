"""The other end of an SA, by scapy: reads lines of a job file, prints a line for each.

    open SUITE… HEX      decrypts and verifies the packet HEX: the inner packet, or "error: …"
    seal SUITE… HEX      puts the inner packet HEX into a packet of the SA

SUITE: protocol (ESP, AH), cipher, key, integrity, key (hex, "-" for none), high half of the
extended sequence number or "-", UDP port or "-", outer addresses from and to, SPI, low half of the sequence number.
"""
import sys

from scapy.layers.inet import IP, UDP
from scapy.layers.inet6 import IPv6
from scapy.layers.ipsec import AH, ESP, SecurityAssociation


def association(words):
    protocol, cipher, key, integrity, integrity_key, high, port, source, target, spi, low = words
    outer = IPv6 if ":" in source else IP
    options = {}
    if cipher != "-":
        options.update(crypt_algo=cipher, crypt_key=bytes.fromhex(key) if key != "-" else None)
    if integrity != "-":
        options.update(auth_algo=integrity, auth_key=bytes.fromhex(integrity_key))
    if high != "-":
        options.update(esn_en=True, esn=int(high))
    if port != "-":
        options.update(nat_t_header=UDP(sport=int(port), dport=int(port)))
    return SecurityAssociation(
        ESP if protocol == "ESP" else AH, spi=int(spi), seq_num=int(low),
        tunnel_header=outer(src=source, dst=target), **options)


def answer(line):
    verb, *suite, packet = line.split()
    sa = association(suite)
    octets = bytes.fromhex(packet)
    v6 = octets[0] >> 4 == 6
    parsed = (IPv6 if v6 else IP)(octets)
    if verb == "seal":
        sealed = sa.encrypt(parsed)
        if suite[6] != "-":
            sealed[UDP].len = None  # scapy leaves that of an empty datagram
        return bytes(sealed).hex()
    if suite[6] != "-":
        # scapy knows ESP on 4500 only.
        parsed[UDP].payload = ESP(bytes(parsed[UDP].payload))
    return bytes(sa.decrypt(parsed)).hex()


for job in open(sys.argv[1]):
    try:
        print(answer(job))
    except Exception as error:  # the test shows it
        print(f"error: {type(error).__name__} {error}")
