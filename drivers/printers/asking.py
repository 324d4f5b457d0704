"""How is the printer? Asked with DLE EOT, which it answers at once, printing or not (facts/devices.md §3.2)."""

import time

from msgspec.structs import replace

from drivers.printers.base import Printer
from drivers.printers.line import Line
from drivers.printers.status import (
    AutoStatus,
    Blocked,
    PrinterStatus,
    RealTime,
    Reply,
    interpret_auto_status,
    interpret_real_time,
)

_QUESTIONS = (1, 2, 3, 4)
_ANSWER_S, _MUTE_ANSWER_S = 1.0, 0.2
_QUIET_S = 0.1
_MOST_UNANSWERED, _SELDOM_S = 4, 10.0
"""Printers keep no more questions than that (facts/devices.md §3.2)."""


class Asker:
    """One question at a time, for an answer does not say what it answers."""

    def __init__(self, line: Line, printer: Printer) -> None:
        self._line, self._printer = line, printer
        self._answers: list[int] = []
        self._unanswered = 0
        self._asked_at = 0.0
        self._slow: set[int] = set()
        self._auto: AutoStatus | None = None
        line.tell(self._hear)

    def status(self) -> PrinterStatus:
        """A printer that is known to answer and says nothing is busy with somebody else, or its cover is open (many
        fall silent then, facts/devices.md §1): nothing may be sent to it. One that only tells changes by itself is
        as it said last.
        """
        answers = self._round()
        known = self._printer.capabilities
        if bool(answers) != known.real_time and (answers or known.real_time is None):
            known = self._printer.capabilities = replace(known, real_time=bool(answers))
        if not answers and known.real_time:
            return PrinterStatus(Blocked.busy, answered=False)
        if not answers and self._auto is not None:
            return interpret_auto_status(self._auto.bits)
        return interpret_real_time(answers)

    def _round(self) -> dict[int, int]:
        """Ends at the first question that nobody answers; it is asked last from then on."""
        answers: dict[int, int] = {}
        for n in sorted(_QUESTIONS, key=lambda n: n in self._slow):
            answer = self._ask(n)
            if answer is None:
                if answers:
                    self._slow.add(n)
                break
            answers[n] = answer
            self._slow.discard(n)
        return answers

    def _ask(self, n: int) -> int | None:
        self._answers.clear()
        self._put(n)
        patient = n not in self._slow and self._printer.capabilities.real_time is not False
        if not self._line.listen_until(lambda: self._answers, _ANSWER_S if patient else _MUTE_ANSWER_S):
            return None
        while self._unanswered > 1 and self._another_within(_QUIET_S):  # late answers to earlier questions come first
            pass
        self._unanswered = 0
        return self._answers[-1]

    def _put(self, n: int) -> None:
        """A printer that reads nothing is asked seldom: what piles up is all answered in the end."""
        now = time.monotonic()
        if self._unanswered < _MOST_UNANSWERED or now - self._asked_at >= _SELDOM_S:
            self._line.write(b"\x10\x04" + bytes((n,)))
            self._unanswered += 1
            self._asked_at = now

    def _another_within(self, seconds: float) -> bool:
        count = len(self._answers)
        self._line.listen(seconds)
        return len(self._answers) > count

    def _hear(self, reply: Reply) -> None:
        match reply:
            case RealTime():
                self._answers.append(reply.bits)
            case AutoStatus():
                self._auto = reply
