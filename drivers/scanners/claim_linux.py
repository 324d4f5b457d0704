"""A line for us alone."""

import fcntl
import termios
from contextlib import suppress
from typing import Protocol


class Port(Protocol):
    def fileno(self) -> int: ...


def claim(port: Port) -> None:
    """From now on whoever opens it is refused; only root is not. Raises OSError."""
    fcntl.ioctl(port.fileno(), termios.TIOCEXCL)


def let_go(port: Port) -> None:
    """The mark would stay while anybody else has it open still."""
    with suppress(OSError):  # it may be unplugged by now
        fcntl.ioctl(port.fileno(), termios.TIOCNXCL)
