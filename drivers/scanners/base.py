"""What every scanner gives, whatever it hangs on."""

from typing import Protocol

import msgspec


class Scan(msgspec.Struct, frozen=True):
    """Raw bytes without their ending. `at` is POSIX time in seconds, when the ending came (or the silence)."""

    raw: bytes
    device: str
    at: float


class ScannerState(msgspec.Struct, frozen=True):
    """`since` is POSIX time in seconds; `problem` says why it is not connected."""

    connected: bool
    since: float
    problem: str = ""


class Scanner(Protocol):
    def start(self) -> None: ...

    def stop(self) -> None:
        """Returns when no callback runs any more."""
