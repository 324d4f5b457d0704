"""What every scanner gives, whatever it hangs on. A camera or a handheld is one more class of this kind."""

from enum import StrEnum
from typing import Protocol

import msgspec

from drivers.scanners.trouble import Trouble

IDLE_S = 0.12
"""Silence that ends a scan of a scanner set to send no ending (facts/compliance.md §3.3)."""


class Kind(StrEnum):
    SERIAL = "serial"
    """RS-232, or USB set to COM: untouched by focus, input method and CapsLock."""
    HID = "hid"
    """It types like a keyboard."""


class Use(StrEnum):
    SHARED = "shared"
    """Other programs read it too: the picking page hears it while it has the focus, and nobody else of us does."""
    OURS = "ours"


class Scan(msgspec.Struct, frozen=True):
    """Raw bytes without their ending. `at` is POSIX time in seconds, when the ending came (or the silence)."""

    raw: bytes
    device: str
    at: float


class ScannerState(msgspec.Struct, frozen=True):
    """`since` is POSIX time in seconds; `problem` says in English what `trouble` there is, `path` where it is now.
    `speed` is its line's in baud, None where that does not matter or is not known yet."""

    connected: bool
    since: float
    problem: str = ""
    trouble: Trouble | None = None
    path: str = ""
    speed: int | None = None


class Scanner(Protocol):
    def start(self) -> None: ...

    def stop(self) -> None:
        """Returns when no callback runs any more."""


class Line(Protocol):
    """An open device of which bytes come."""

    @property
    def path(self) -> str: ...

    @property
    def speed(self) -> int | None: ...

    @property
    def trouble(self) -> Trouble | None:
        """What keeps its bytes from being scans, though it is open."""

    def read(self) -> bytes:
        """What came, or nothing after IDLE_S of silence. Raises ScannerGone."""

    def close(self) -> None: ...
