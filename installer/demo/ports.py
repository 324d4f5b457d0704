"""Addresses on this machine: the one asked for, the one used last time, or a free one."""

import socket
import time

LOOPBACK = "127.0.0.1"


class PortInUse(RuntimeError):
    """Somebody else listens on a port that was asked for by number."""


PATIENCE = 3.0
"""Seconds: the hub of a demo that was killed needs a moment to notice and to end."""


def demand(port: int) -> int:
    """Raises PortInUse with the sentence the user reads."""
    deadline = time.monotonic() + PATIENCE
    while port and not is_free(port):
        if time.monotonic() < deadline:
            time.sleep(0.1)
            continue
        raise PortInUse(f"port {port} is in use by another program: stop it, or choose another with --hub-port")
    return port or free()


def prefer(port: int, taken: set[int]) -> int:
    """That port where it is free, else any; never one of `taken`, to which the result is added."""
    chosen = port if port not in taken and is_free(port) else free()
    taken.add(chosen)
    return chosen


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
        return True


def free() -> int:
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
        return port
