"""The seam every transport shares: one printer, one session at a time, one slip as one buffer of bytes.

with open_printer("tcp://192.168.1.50:9100").connect() as session:   # nothing sent yet
    if session.status().blocked is None:                             # asks, still nothing of the slip
        session.send(job)                                            # from here on the fate may be unknown
        evidence = session.confirm(job, on_status=tell, stop=stop)   # the printer's word, not ours
"""

import threading
from collections.abc import Callable
from enum import StrEnum
from types import TracebackType
from typing import Protocol, Self

import msgspec

from drivers.printers.status import PrinterStatus


class Job(msgspec.Struct, frozen=True):
    """One slip as a printer takes it, ending with the question (`GS r 1`) that proves it came out."""

    data: bytes
    height_mm: float
    boxes: int = 0
    """Characters neither the printer nor we can print: □ stands for them."""


class Use(StrEnum):
    """Whose a printer is (design.md §7)."""

    SHARED = "shared"
    """Other programs print on it too: connect per slip, leave no setting behind, let go at once."""
    OURS = "ours"
    """Nobody else's: stay connected, with its automatic status on."""


class Evidence(StrEnum):
    """How sure it is that the slip lies on paper (design.md §7)."""

    returned = "A"
    """The printer returned the slip's id (`GS ( H`)."""

    printed = "B"
    """The printer answered `GS r` in order, after the cut, and its status was clean."""

    sent = "C"
    """A mute printer took all bytes; no more can be known."""


class Session(Protocol):
    """A conversation with one printer, held by one thread. Leaving the `with` block closes it."""

    def status(self) -> PrinterStatus:
        """Asks. Raises PrinterUnreachable before anything was sent, ConnectionLost after."""

    def send(self, job: Job) -> None:
        """Raises PrinterBlocked (nothing sent) or ConnectionLost (fate unknown)."""

    def confirm(self, job: Job, *, on_status: Callable[[PrinterStatus], None], stop: threading.Event) -> Evidence:
        """Waits for the printer's word, as long as it says that it is blocked; `on_status` hears each change.

        Raises ConnectionLost, or its kinds PrinterSilent and WaitAbandoned: the fate is unknown.
        """

    def close(self) -> None: ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


class Printer(Protocol):
    @property
    def address(self) -> str: ...

    def connect(self) -> Session:
        """Raises PrinterUnreachable: nothing was sent."""
