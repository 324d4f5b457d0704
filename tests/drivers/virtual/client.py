"""A client of the virtual printer that knows nothing of our driver: a raw socket and a deadline."""

import socket
import time

from drivers.virtual.printer import VirtualPrinter

CUT = b"\x1dV\x42\x00"
SLIP = b"\x1b@slip\n" + CUT
IN_TURN = b"\x1dr\x01"
LINE = b"0123456789\n"
"""30 dots high, 3.75 mm."""


def connect(printer: VirtualPrinter) -> socket.socket:
    return socket.create_connection((printer.host, printer.port), timeout=30)


def connect_soon(printer: VirtualPrinter) -> socket.socket:
    """The one before us may have left without its notice yet."""
    for _ in range(3000):
        try:
            return connect(printer)
        except ConnectionRefusedError:
            time.sleep(0.01)
    raise TimeoutError("never let in")


def read(link: socket.socket, count: int) -> bytes:
    data = b""
    while len(data) < count:
        got = link.recv(count - len(data))
        assert got, f"closed after {data!r}"
        data += got
    return data


def silent(link: socket.socket, seconds: float = 0.15) -> bool:
    link.settimeout(seconds)
    try:
        return link.recv(1) is None
    except TimeoutError:
        return True
    finally:
        link.settimeout(30)


def status(link: socket.socket) -> str:
    """DLE EOT 1 to 4, in hexadecimal."""
    link.sendall(b"".join(b"\x10\x04" + bytes((n,)) for n in (1, 2, 3, 4)))
    return read(link, 4).hex(" ")
