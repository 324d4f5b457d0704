"""The seam every transport shares: one printer, one session at a time, one slip as one buffer of bytes.

with open_printer("tcp://192.168.1.50:9100").connect(Use.SHARED) as session:  # nothing sent yet
    if session.status().blocked is None:                                    # asks, still nothing of the slip
        session.send(job)                                                   # from here on the fate may be unknown
        evidence = session.confirm(job, on_status=tell, stop=stop)          # the printer's word, not ours
"""

import threading
from abc import ABC, abstractmethod
from collections.abc import Callable
from enum import StrEnum
from types import TracebackType
from typing import Protocol, Self

import msgspec

from drivers.printers.capability import Capabilities
from drivers.printers.status import PrinterStatus
from drivers.printers.waker import Waker


class Job(msgspec.Struct, frozen=True):
    """One slip as a printer takes it: initialise, print, cut, initialise. The conversation adds its own questions."""

    data: bytes
    height_mm: float
    boxes: int = 0
    """Characters neither the printer nor we can print: □ stands for them."""
    id: bytes = b""
    """Four bytes of 0x20-0x7E, new for each attempt: the printer returns it for evidence A. Empty: no such evidence."""


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
    """The printer took all bytes and can prove no more."""


class Session(Protocol):
    """A conversation with one printer, held by one thread. Leaving the `with` block closes it.

    A shared printer's session is opened for one slip and closed at once; one with a printer of ours stays open.
    """

    def status(self) -> PrinterStatus:
        """Asks. Raises PrinterUnreachable before anything of a slip was sent, ConnectionLost after."""

    def send(self, job: Job) -> None:
        """Raises PrinterBlocked (nothing sent) or ConnectionLost (fate unknown)."""

    def confirm(self, job: Job, *, on_status: Callable[[PrinterStatus], None], stop: threading.Event) -> Evidence:
        """Waits for the printer's word, as long as it says that it is blocked; `on_status` hears each change.

        Raises ConnectionLost, or its kinds PrinterSilent and WaitAbandoned: the fate is unknown.
        """

    def idle(self, seconds: float, waker: Waker) -> PrinterStatus | None:
        """Listens while there is nothing to print: the status as soon as it changes, None when `waker` is set or the
        time is over. Raises PrinterUnreachable when the printer is gone: connect again.
        """

    def send_command(self, data: bytes) -> None:
        """The drawer or the buzzer (`drawer.py`), on somebody's explicit wish. Raises PrinterBlocked or
        PrinterUnreachable.
        """

    def probe(self) -> Capabilities:
        """What `probe.py` says: asks all there is to ask, prints nothing, leaves nothing set."""

    def close(self) -> None: ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


class Closing(ABC):
    """A session that closes at the end of its `with` block."""

    @abstractmethod
    def close(self) -> None: ...

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class Printer(Protocol):
    capabilities: Capabilities
    """What is known of it. Give what was stored before the first `connect`; what a conversation learns is here after
    it."""

    @property
    def address(self) -> str: ...

    def connect(self, use: Use = Use.SHARED) -> Session:
        """Raises PrinterUnreachable: nothing was sent."""
