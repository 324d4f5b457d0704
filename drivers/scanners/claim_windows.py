"""A line for us alone. Windows gives a COM port to one program at a time; there is nothing to ask for."""

from typing import Protocol


class Port(Protocol):
    def fileno(self) -> int: ...


def claim(port: Port) -> None:
    """See claim_linux.py."""


def let_go(port: Port) -> None:
    """See claim_linux.py."""
