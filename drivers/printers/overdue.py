"""Answers that an earlier slip still owes: over a serial line, or through a print server, they come in whichever
conversation is open then, and would prove a slip that they say nothing about.

So before the next slip the printer is asked twice in one breath. One answer alone is an old one; when two have come
together, all that stood before them has been printed.
"""

import time

from drivers.printers.line import Line
from drivers.printers.status import PaperSensor, Reply
from drivers.printers.witness import ASK_IN_ORDER

_ANSWER_S = 3.0
_TOGETHER_S = 0.1


class Overdue:
    """Of a printer that is clear, and known to answer in its turn."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self._answered: list[float] = []
        line.tell(self._hear)

    def heard_out(self) -> bool:
        """False: its turn to answer has not come, it is still at something earlier."""
        self._line.write(ASK_IN_ORDER * 2)
        deadline = time.monotonic() + _ANSWER_S
        while not self._together() or time.monotonic() < self._answered[-1] + _TOGETHER_S:
            left = deadline - time.monotonic()
            if left <= 0:
                return False
            self._line.listen(min(left, _TOGETHER_S))
        return True

    def _together(self) -> bool:
        return len(self._answered) > 1 and self._answered[-1] - self._answered[-2] < _TOGETHER_S

    def _hear(self, reply: Reply) -> None:
        if isinstance(reply, PaperSensor):
            self._answered.append(time.monotonic())
