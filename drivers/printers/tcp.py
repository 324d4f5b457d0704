"""Printers on the network, port 9100: connect per slip, let go right after (design.md §7, shared mode)."""

import socket
from contextlib import suppress

from drivers.errors import PrinterUnreachable
from drivers.printers.base import Session
from drivers.printers.conversation import Acquaintance, Conversation

_CONNECT_S = 3.0
_WRITE_S = 30.0
# A printer whose power was cut answers nothing at all: notice it within some ten seconds, where the system can.
_LIFE_SIGNS = (("TCP_KEEPIDLE", 5), ("TCP_KEEPINTVL", 2), ("TCP_KEEPCNT", 3), ("TCP_USER_TIMEOUT", 10_000))


class TcpPrinter:
    def __init__(self, host: str, port: int = 9100) -> None:
        self._host, self._port = host, port
        self._known = Acquaintance()

    @property
    def address(self) -> str:
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"tcp://{host}:{self._port}"

    def connect(self) -> Session:
        try:
            connection = socket.create_connection((self._host, self._port), timeout=_CONNECT_S)
        except OSError as error:
            raise PrinterUnreachable(f"cannot reach {self.address}: {error}") from error
        _set_options(connection)
        return Conversation(TcpWire(connection), self.address, self._known)


class TcpWire:
    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection

    def write(self, data: bytes) -> None:
        self._connection.settimeout(_WRITE_S)
        self._connection.sendall(data)

    def read(self, timeout: float) -> bytes:
        self._connection.settimeout(max(timeout, 0.001))
        try:
            data = self._connection.recv(1024)
        except TimeoutError:
            return b""
        if not data:
            raise ConnectionResetError("closed by the printer")
        return data

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
    for name, value in _LIFE_SIGNS:
        if option := getattr(socket, name, None):
            with suppress(OSError):  # Python knows it, this system does not (an early Windows 10, wine)
                connection.setsockopt(socket.IPPROTO_TCP, option, value)
