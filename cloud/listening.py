"""Takes the port before anything else is built, so that a taken one is said in one sentence."""

import errno
import socket

from cloud.errors import HubError

BACKLOG = 4096
UNANSWERED_MS = 45_000
"""What the other side did not take for so long ends its connection (TCP_USER_TIMEOUT): a cable that was pulled, a
computer that sleeps. Heartbeats to it would vanish in the send buffer for a quarter of an hour (facts/sync.md R12)."""

SILENT_SECONDS = 5
"""A connection is taken when its request comes, one waking for both, or after about so long without one."""


class CannotListen(HubError):
    """The port is taken, or the address is not this machine's."""


def allow_many_connections() -> None:
    """Every stream is an open file, and many systems begin with 1,024 of them."""
    try:
        import resource
    except ImportError:  # Windows has no such limit
        return
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def listen(host: str, port: int) -> socket.socket:
    """Raises `CannotListen`."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if hasattr(socket, "TCP_USER_TIMEOUT"):  # Linux; the connections it takes inherit it
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, UNANSWERED_MS)
    if hasattr(socket, "TCP_DEFER_ACCEPT"):  # Linux
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_DEFER_ACCEPT, SILENT_SECONDS)
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
