"""What is said to a printer and what it answers, the same over every transport."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from escpos.constants import GS, RT_STATUS

from drivers.errors import ConnectionLost, PrinterBlocked, PrinterSilent, PrinterUnreachable, WaitAbandoned
from drivers.printers.base import Evidence, Job
from drivers.printers.status import (
    Blocked,
    PaperSensor,
    PrinterStatus,
    RealTime,
    ReplyParser,
    interpret_real_time,
)
from drivers.printers.wire import Wire

_QUESTIONS = (1, 2, 3, 4)
_ANSWER_S, _MUTE_ANSWER_S = 1.0, 0.2
_POLL_S, _LOOK_S = 0.5, 0.1
_SLOWEST_MM_S, _MARGIN_S = 60, 5.0
_BARRIER = bytes(GS) + b"r\x01"
_PAPER_END = 0x0C


@dataclass(slots=True)
class Acquaintance:
    """What earlier conversations taught us about a printer. `answers` is None as long as nobody asked."""

    answers: bool | None = None


class _Patience:
    """How long a printer that is not blocked may take: the slip's own time at the slowest speed, and a margin
    (facts/devices.md §3.3).
    """

    def __init__(self, job: Job) -> None:
        self._seconds = 3 * job.height_mm / _SLOWEST_MM_S + _MARGIN_S
        self.renew()

    def renew(self) -> None:
        self._until = time.monotonic() + self._seconds

    def is_over(self) -> bool:
        return time.monotonic() > self._until


class Conversation:
    """A `Session` over any wire.

    Status is polled with DLE EOT rather than switched on (ASB): on a shared printer no setting of ours stays.
    """

    def __init__(self, wire: Wire, address: str, known: Acquaintance) -> None:
        self._wire = wire
        self._address = address
        self._known = known
        self._parser = ReplyParser()
        self._real_time: list[int] = []
        self._barriers_owed = 0
        self._barrier: int | None = None
        self._status = PrinterStatus(answered=False)
        self._must_ask_again = False
        self._sent = False

    def status(self) -> PrinterStatus:
        """A printer that has answered before and now says nothing is busy with somebody else, or its cover is
        open (many fall silent then, facts/devices.md §1): nothing may be sent to it.
        """
        answers: dict[int, int] = {}
        for n in _QUESTIONS:
            answer = self._ask(n)
            if answer is not None:
                answers[n] = answer
            elif not answers:
                break
        if answers or self._known.answers is None:
            self._known.answers = bool(answers)
        if not answers and self._known.answers:
            self._status = PrinterStatus(Blocked.busy, answered=False)
        else:
            self._status = interpret_real_time(answers)
        return self._status

    def send(self, job: Job) -> None:
        if self._status.blocked:
            raise PrinterBlocked(self._status.blocked)
        self._sent, self._must_ask_again = True, False
        self._write_with_barrier(job.data)

    def confirm(self, job: Job, *, on_status: Callable[[PrinterStatus], None], stop: threading.Event) -> Evidence:
        if self._known.answers:
            evidence = self._confirm_answering(job, on_status, stop)
        else:
            evidence = self._confirm_mute(job, stop)
        self._sent = False
        return evidence

    def close(self) -> None:
        self._wire.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _confirm_answering(
        self, job: Job, on_status: Callable[[PrinterStatus], None], stop: threading.Event
    ) -> Evidence:
        """The answer to `GS r` counts only with a clean status after it: clones exist that answer at once,
        blocked or not. Such a printer is asked again when it is clear.
        """
        word, patience = self._status, _Patience(job)
        while not stop.is_set():
            barrier = self._wait_for_barrier(_POLL_S, stop)
            status = self.status()
            if status.answered:
                if status != word:
                    on_status(status)
                word = status
                if barrier and not status.blocked:
                    return Evidence.printed
                self._repeat_barrier(barrier, status)
            if word.blocked:
                patience.renew()  # somebody must help it first, and that may take hours
            elif patience.is_over():
                raise PrinterSilent(f"{self._address} did not confirm the slip in time")
        raise WaitAbandoned(f"stopped before {self._address} confirmed the slip")

    def _confirm_mute(self, job: Job, stop: threading.Event) -> Evidence:
        """Stays for the time the slip takes to print: a connection lost meanwhile is noticed, and clones that
        know `GS r` but no DLE EOT still earn the better evidence.
        """
        self._wait_for_barrier(job.height_mm / _SLOWEST_MM_S, stop)
        if self._barrier is None or self._barrier & _PAPER_END:
            return Evidence.sent
        return Evidence.printed

    def _repeat_barrier(self, answered: bool, status: PrinterStatus) -> None:
        if answered:
            self._barrier, self._must_ask_again = None, True
        elif self._must_ask_again and not status.blocked:
            self._must_ask_again = False
            self._write_with_barrier(_BARRIER)

    def _wait_for_barrier(self, seconds: float, stop: threading.Event) -> bool:
        """Whether the answer to `GS r` has come."""
        deadline = time.monotonic() + seconds
        while self._barrier is None and not stop.is_set():
            left = deadline - time.monotonic()
            if left <= 0:
                break
            self._listen(min(left, _LOOK_S))
        return self._barrier is not None

    def _ask(self, n: int) -> int | None:
        """One question at a time, for an answer does not say what it answers (facts/devices.md §3.2)."""
        self._real_time.clear()
        self._write(bytes(RT_STATUS) + bytes((n,)))
        deadline = time.monotonic() + (_MUTE_ANSWER_S if self._known.answers is False else _ANSWER_S)
        while not self._real_time:
            left = deadline - time.monotonic()
            if left <= 0:
                return None
            self._listen(left)
        return self._real_time[0]

    def _listen(self, timeout: float) -> None:
        try:
            data = self._wire.read(timeout)
        except OSError as error:
            raise self._lost(error) from error
        for reply in self._parser.feed(data):
            if isinstance(reply, RealTime):
                self._real_time.append(reply.bits)
            elif isinstance(reply, PaperSensor):
                self._barriers_owed = max(0, self._barriers_owed - 1)
                if not self._barriers_owed:
                    self._barrier = reply.bits

    def _write_with_barrier(self, data: bytes) -> None:
        """Data ending with `GS r`. Answers come in order: ours is the last of those still owed."""
        self._barrier = None
        self._barriers_owed += 1
        self._write(data)

    def _write(self, data: bytes) -> None:
        try:
            self._wire.write(data)
        except OSError as error:
            raise self._lost(error) from error

    def _lost(self, error: OSError) -> ConnectionLost | PrinterUnreachable:
        if self._sent:
            return ConnectionLost(f"lost {self._address} while it had a slip: {error}")
        return PrinterUnreachable(f"lost {self._address} before anything was sent: {error}")
