"""How a listening port is claimed."""

import socket


def claim(listening: socket.socket) -> None:
    """A port that was used a moment ago may be taken again; two listeners are impossible without both wishing it."""
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
