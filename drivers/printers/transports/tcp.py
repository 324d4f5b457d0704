"""Printers on the network, port 9100."""

import socket
from contextlib import suppress

_CONNECT_S = 3.0
_STALL_S = 30.0
_ROOM = 1 << 18
"""For the longest slip whole: a printer that stops reading in the middle of one must not keep us from waiting for it as
long as it takes."""
# A printer whose power was cut while it had nothing of ours answers nothing at all: notice it within some ten seconds,
# where the system can. TCP_USER_TIMEOUT would be quicker, but Linux also ends a live connection by it whose printer
# stopped reading, as one without paper does.
_LIFE_SIGNS = (("TCP_KEEPIDLE", 5), ("TCP_KEEPINTVL", 2), ("TCP_KEEPCNT", 3))


def open_tcp(host: str, port: int) -> "TcpWire":
    connection = socket.create_connection((host, port), timeout=_CONNECT_S)
    _set_options(connection)
    return TcpWire(connection)


class TcpWire:
    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection

    def write(self, data: bytes) -> None:
        """However long all of it takes: TimeoutError is for a printer that takes nothing for `_STALL_S`."""
        self._connection.settimeout(_STALL_S)
        left = memoryview(data)
        while left:
            left = left[self._connection.send(left) :]

    def read(self, timeout: float) -> bytes:
        self._connection.settimeout(max(timeout, 0.001))
        try:
            data = self._connection.recv(1024)
        except TimeoutError:
            return b""
        if not data:
            raise ConnectionResetError("closed by the printer")
        return data

    def fileno(self) -> int:
        return self._connection.fileno()

    def close(self) -> None:
        """Closing on unread answers would reset the connection, and a reset may drop what is not yet printed."""
        with suppress(OSError):  # already gone: nothing is left to be polite about
            self._connection.shutdown(socket.SHUT_WR)
            self._connection.setblocking(False)
            while self._connection.recv(1024):
                pass
        self._connection.close()


def _set_options(connection: socket.socket) -> None:
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _ROOM)
    for name, value in _LIFE_SIGNS:
        if option := getattr(socket, name, None):
            with suppress(OSError):  # Python knows it, this system does not (an early Windows 10, wine)
                connection.setsockopt(socket.IPPROTO_TCP, option, value)
