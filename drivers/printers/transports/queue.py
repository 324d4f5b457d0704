"""Printers behind a queue of the operating system: whole jobs go in, and the queue says what became of them.

The queue knows when a job has gone to the printer, not whether it lies on paper: evidence C at best.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, TypeVar

from msgspec.structs import replace

from drivers.errors import ConnectionLost, PrinterBlocked, PrinterUnreachable, WaitAbandoned
from drivers.printers.base import Closing, Evidence, Job, Printer, Session, Use
from drivers.printers.capability import Capabilities
from drivers.printers.status import Blocked, PrinterStatus
from drivers.printers.waker import Waker

T = TypeVar("T")

_LOOK_S = 0.1
_IDLE_LOOK_S = 1.0
_SLOW_S = 10.0
"""A job that is on its way for so long stands before a printer that is off, unplugged or empty."""
_NAME = "Yaolink"
_NO_QUEUE = (
    "Does the system's print service run, and is this the queue's name? A printer that a person connected to for "
    "themselves is not seen by a service (docs/printers.md)."
)


class Progress(StrEnum):
    waiting = "waiting"
    """Not a byte of it has gone to the printer."""
    printing = "printing"
    """Some may have."""
    sent = "sent"
    """All of it has gone to the printer."""
    removed = "removed"
    """Taken out of the queue, proven before a byte of it went to the printer."""
    broken = "broken"
    """Taken out or given up on the way: some of it may be on paper."""
    vanished = "vanished"
    """The queue knows nothing of it any more, and did not say why."""


_AT_AN_END = (Progress.sent, Progress.removed, Progress.broken, Progress.vanished)


@dataclass(frozen=True, slots=True)
class JobState:
    progress: Progress
    blocked: Blocked | None = None
    """Why it does not go on, where the queue says so of this job."""


class SystemQueue(Protocol):
    """All methods raise OSError when the queue, or the system's print service, is not there."""

    def status(self) -> PrinterStatus: ...

    def submit(self, data: bytes, title: str) -> int:
        """The job's number. Raises QueueRefusal when nothing of it was kept; any other OSError: nobody knows."""

    def look(self, job: int) -> JobState: ...

    def take_back(self, job: int) -> Progress:
        """Out of the queue with it, as far as it can be; and how far it had come."""


class QueueRefusal(OSError):
    """The queue did not take the job, nothing of it was kept."""


class QueuePrinter:
    def __init__(self, address: str, queue: SystemQueue) -> None:
        self._address, self._queue = address, queue
        self.capabilities = _proving_nothing(Capabilities())

    @property
    def address(self) -> str:
        return self._address

    def connect(self, use: Use = Use.SHARED) -> Session:
        """A queue is shared whatever we call it, and keeps jobs apart by itself."""
        return QueueSession(self._queue, self)


class QueueSession(Closing):
    def __init__(self, queue: SystemQueue, printer: Printer) -> None:
        self._queue, self._printer = queue, printer
        self._address = printer.address
        self._status = PrinterStatus(answered=False)
        self._job: int | None = None

    def status(self) -> PrinterStatus:
        try:
            self._status = self._queue.status()
        except OSError as error:
            raise PrinterUnreachable(f"cannot reach {self._address}: {error}", hint=_NO_QUEUE) from error
        return self._status

    def send(self, job: Job) -> None:
        if self._status.blocked:
            raise PrinterBlocked(self._status.blocked)
        self._job = self._submit(job.data, f"{_NAME} {job.id.decode('ascii', 'replace')}".strip())

    def confirm(self, job: Job, *, on_status: Callable[[PrinterStatus], None], stop: threading.Event) -> Evidence:
        if self._job is None:
            raise RuntimeError("nothing was sent")
        following = _Following(self._queue, self._job, self._address, self._status, on_status)
        return following.wait(stop)

    def idle(self, seconds: float, waker: Waker) -> PrinterStatus | None:
        before, deadline = self._status, time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0 and not waker.wait(min(left, _IDLE_LOOK_S)):
            if self.status() != before:
                return self._status
        return None

    def send_command(self, data: bytes) -> None:
        if self._status.blocked:
            raise PrinterBlocked(self._status.blocked)
        try:
            self._submit(data, _NAME)
        except ConnectionLost as lost:
            raise PrinterUnreachable(str(lost)) from lost

    def probe(self) -> Capabilities:
        """Nothing that is asked through a queue is ever answered."""
        self.status()
        self._printer.capabilities = _proving_nothing(self._printer.capabilities)
        return self._printer.capabilities

    def close(self) -> None:
        """Nothing is held open: jobs stay in the queue's own hands."""

    def _submit(self, data: bytes, title: str) -> int:
        try:
            return self._queue.submit(data, title)
        except QueueRefusal as refusal:
            raise PrinterUnreachable(f"{self._address} did not take the slip: {refusal}") from refusal
        except OSError as error:
            raise ConnectionLost(f"lost {self._address} while it took a slip: {error}") from error


def _proving_nothing(known: Capabilities) -> Capabilities:
    return replace(known, real_time=False, in_order=False, process_id=False, auto_status=False)


class _Following:
    """One job, until it has left the queue.

    A job that stands before a blocked queue is taken back, so that our own queue holds it and another printer may
    have it; one that has begun is waited for, however long somebody needs to help the printer.
    """

    def __init__(
        self,
        queue: SystemQueue,
        job: int,
        address: str,
        status: PrinterStatus,
        on_status: Callable[[PrinterStatus], None],
    ) -> None:
        self._queue, self._job, self._address, self._on_status = queue, job, address, on_status
        self._status = status
        self._slow_at = time.monotonic() + _SLOW_S

    def wait(self, stop: threading.Event) -> Evidence:
        while True:
            progress, must_end = self._look(), stop.is_set()
            if self._should_come_back(progress, must_end):
                progress = self._asked(lambda: self._queue.take_back(self._job))
            if must_end and progress in (Progress.waiting, Progress.printing, Progress.broken):
                raise WaitAbandoned(f"stopped before {self._address} was done with the slip")
            if progress in _AT_AN_END:
                return self._judge(progress)
            stop.wait(_LOOK_S)

    def _should_come_back(self, progress: Progress, must_end: bool) -> bool:
        """What stands before a printer that takes nothing must not come out after somebody had it printed again."""
        if progress is Progress.waiting:
            return must_end or self._status.blocked is not None
        return must_end and self._status.blocked is not None and progress is Progress.printing

    def _look(self) -> Progress:
        """Tells how the printer is, if that has changed. A job that is gone says nothing new about it."""
        state = self._asked(lambda: self._queue.look(self._job))
        if state.progress not in _AT_AN_END:
            self._tell(self._asked(self._queue.status), state)
        return state.progress

    def _tell(self, status: PrinterStatus, job: JobState) -> None:
        if job.blocked:
            status = PrinterStatus(job.blocked, status.paper_near_end)
        elif not status.blocked and job.progress is Progress.printing and time.monotonic() > self._slow_at:
            status = PrinterStatus(Blocked.offline, status.paper_near_end, answered=False)
        if status != self._status:
            self._on_status(status)
        self._status = status

    def _judge(self, progress: Progress) -> Evidence:
        """What vanished while the printer stood still was as likely deleted by somebody as printed."""
        if progress is Progress.sent or (progress is Progress.vanished and not self._status.blocked):
            return Evidence.sent
        if progress is Progress.removed:
            raise PrinterBlocked(self._status.blocked or Blocked.busy)
        raise ConnectionLost(f"the slip was taken out of {self._address} when some of it may have been printed")

    def _asked(self, question: Callable[[], T]) -> T:
        try:
            return question()
        except OSError as error:
            raise ConnectionLost(f"lost {self._address} while it had a slip: {error}") from error
