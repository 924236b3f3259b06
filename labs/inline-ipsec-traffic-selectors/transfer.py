"""A megabyte over TCP between chosen ports, for the checks of this lab.

transfer.py serve PORT                  answers every sender with how much it sent
transfer.py send SOURCE PORT TO PORT    a megabyte; prints the answer
transfer.py knock SOURCE PORT TO PORT   one SYN that nobody answers
"""
import socket
import sys


def connection(source, port, to, to_port, patience):
    peer = socket.socket(socket.AF_INET6 if ":" in to else socket.AF_INET)
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    peer.settimeout(patience)
    peer.bind((source, int(port)))
    peer.connect((to, int(to_port)))
    return peer


def serve(port):
    server = socket.create_server(
        ("", int(port)), family=socket.AF_INET6, dualstack_ipv6=True, backlog=16
    )
    while True:
        peer, total = server.accept()[0], 0
        while octets := peer.recv(65536):
            total += len(octets)
        peer.sendall(b"%d octets\n" % total)
        peer.close()


def send(*ends):
    peer = connection(*ends, patience=10)
    peer.sendall(bytes(1_000_000))
    peer.shutdown(socket.SHUT_WR)
    print(peer.recv(100).decode(), end="")
    # So that the port is free again at once.
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, bytes([1, 0, 0, 0, 0, 0, 0, 0]))


def knock(*ends):
    try:
        connection(*ends, patience=0.5)
        print("open")
    except TimeoutError:
        print("no answer")
    except OSError as error:
        print(error)


{"serve": serve, "send": send, "knock": knock}[sys.argv[1]](*sys.argv[2:])
