"""Takes the port before anything else is built, so that a taken one is said in one sentence."""

import errno
import socket

from cloud.errors import HubError

BACKLOG = 2048


class CannotListen(HubError):
    """The port is taken, or the address is not this machine's."""


def listen(host: str, port: int) -> socket.socket:
    """Raises `CannotListen`."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            message = f"port {port} on {host} is in use by another program"
            raise CannotListen(message, hint="stop it, or set another port in the config file") from error
        raise CannotListen(f"cannot listen on {host}:{port}: {error.strerror or error}") from error
    return listener
