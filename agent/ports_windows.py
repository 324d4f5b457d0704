"""How a listening port is claimed."""

import socket

_EXCLUSIVE = -5
"""SO_EXCLUSIVEADDRUSE of winsock2.h; Python names it on Windows only."""


def claim(listening: socket.socket) -> None:
    """Without it any other program could listen on our port beside us and be asked in our place."""
    listening.setsockopt(socket.SOL_SOCKET, _EXCLUSIVE, 1)
