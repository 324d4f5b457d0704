"""Printers without wire or time, for tests that turn their workers by hand: each does next what the test planned."""

import threading
from collections.abc import Callable
from enum import Enum, auto
from types import TracebackType
from typing import Self

from drivers.errors import ConnectionLost, PrinterBlocked, PrinterUnreachable
from drivers.printers.base import Evidence, Job, Session, Use
from drivers.printers.capability import Capabilities
from drivers.printers.status import Blocked, PrinterStatus
from drivers.printers.waker import Waker


class Plan(Enum):
    """What becomes of the next slip."""

    PRINTS = auto()
    STOPS_AND_PRINTS = auto()
    """Paper ends in the middle and is put in."""
    REFUSES = auto()
    UNREACHABLE_AFTER_ALL = auto()
    LOST_BEFORE_IT_PRINTED = auto()
    LOST_AFTER_IT_PRINTED = auto()
    BREAKS = auto()
    """Something nobody thought of, with the slip on paper."""
    KILLED_BEFORE_A_BYTE = auto()
    KILLED_AFTER_IT_PRINTED = auto()


class Killed(BaseException):
    """The program ends here: kill -9, or a power cut."""


class SimulatedPrinter:
    """`papers` are the ids of the jobs that came out, in order."""

    def __init__(self, name: str) -> None:
        self.address = f"tcp://{name}:9100"
        self.capabilities = Capabilities()
        self.papers: list[bytes] = []
        self.blocked: Blocked | None = None
        self.plan = Plan.PRINTS

    def connect(self, use: Use = Use.SHARED) -> Session:
        if self.blocked is Blocked.unreachable:
            raise PrinterUnreachable("nobody is there")
        return _Session(self)


class _Session:
    def __init__(self, printer: SimulatedPrinter) -> None:
        self._printer = printer
        self._plan = Plan.PRINTS

    def status(self) -> PrinterStatus:
        return PrinterStatus(self._printer.blocked)

    def send(self, job: Job) -> None:
        self._plan, self._printer.plan = self._printer.plan, Plan.PRINTS
        match self._plan:
            case Plan.REFUSES:
                raise PrinterBlocked(Blocked.cover_open)
            case Plan.UNREACHABLE_AFTER_ALL:
                raise PrinterUnreachable("gone before the first byte")
            case Plan.KILLED_BEFORE_A_BYTE:
                raise Killed
            case Plan.LOST_BEFORE_IT_PRINTED:
                raise ConnectionLost("gone")
        self._printer.papers.append(job.id)

    def confirm(self, job: Job, *, on_status: Callable[[PrinterStatus], None], stop: threading.Event) -> Evidence:
        match self._plan:
            case Plan.STOPS_AND_PRINTS:
                on_status(PrinterStatus(Blocked.paper_out))
                on_status(PrinterStatus())
            case Plan.LOST_AFTER_IT_PRINTED:
                raise ConnectionLost("gone")
            case Plan.BREAKS:
                raise RuntimeError("nobody thought of this")
            case Plan.KILLED_AFTER_IT_PRINTED:
                raise Killed
        return Evidence.returned

    def idle(self, seconds: float, waker: Waker) -> PrinterStatus | None:
        return None

    def probe(self) -> Capabilities:
        return self._printer.capabilities

    def send_command(self, data: bytes) -> None:
        raise AssertionError("nobody asked for it")

    def close(self) -> None:
        pass

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
