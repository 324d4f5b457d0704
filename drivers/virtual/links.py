"""How bytes come to the virtual printer: the seam, and TCP behind it. The serial line is in `serial_door.py`."""

import socket
import struct
from contextlib import suppress
from typing import Protocol

_RESET_ON_CLOSE = struct.pack("ii", 1, 0)


class Link(Protocol):
    """One client's line. Never waits."""

    def fileno(self) -> int: ...

    def receive(self, most: int) -> bytes:
        """Empty when the client is gone."""

    def send(self, data: bytes) -> None:
        """To a client that left or does not read nothing comes, as with a real printer."""

    def close(self) -> None: ...

    def reset(self) -> None:
        """As if the cable were pulled: what is under way in either direction is lost."""


class Door(Protocol):
    """Where clients come in."""

    @property
    def address(self) -> str: ...

    def fileno(self) -> int:
        """Readable when somebody waits; below 0 while shut."""

    def admit(self) -> Link | None:
        """None: gone again before we looked."""

    def shut(self) -> None:
        """Whoever comes now is refused."""

    def open(self) -> None: ...

    def close(self) -> None: ...


class TcpLink:
    def __init__(self, connection: socket.socket) -> None:
        connection.setblocking(False)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._connection = connection

    def fileno(self) -> int:
        return self._connection.fileno()

    def receive(self, most: int) -> bytes:
        try:
            return self._connection.recv(most)
        except OSError:
            return b""

    def send(self, data: bytes) -> None:
        with suppress(OSError):
            self._connection.send(data)

    def close(self) -> None:
        self._connection.close()

    def reset(self) -> None:
        self._connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
        self._connection.close()


class TcpDoor:
    """While shut, a socket that does not listen keeps the port for us. The same one listens when it opens again:
    Windows lets no second one have the port."""

    def __init__(self, host: str, port: int) -> None:
        self._listener: socket.socket | None = self._listen(host, port)
        self._keeper: socket.socket | None = None
        self.host, self.port = host, int(self._listener.getsockname()[1])

    @property
    def address(self) -> str:
        return f"tcp://{self.host}:{self.port}"

    def fileno(self) -> int:
        return self._listener.fileno() if self._listener else -1

    def admit(self) -> Link | None:
        if self._listener is None:
            return None
        try:
            return TcpLink(self._listener.accept()[0])
        except OSError:
            return None

    def shut(self) -> None:
        if self._listener is not None:
            self._listener.close()
            self._listener = None
            self._keeper = socket.socket()
            self._keeper.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            self._keeper.bind((self.host, self.port))

    def open(self) -> None:
        if self._listener is None and self._keeper is not None:
            self._keeper.listen()
            self._keeper.setblocking(False)
            self._listener, self._keeper = self._keeper, None

    def close(self) -> None:
        for each in (self._listener, self._keeper):
            if each is not None:
                each.close()
        self._listener = self._keeper = None

    @staticmethod
    def _listen(host: str, port: int) -> socket.socket:
        listener = socket.create_server((host, port))
        listener.setblocking(False)
        return listener
