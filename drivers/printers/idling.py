"""Listening to a printer of ours while there is nothing to print: it tells changes by itself, and is asked now and
then whether it is still there.
"""

import select
import time

from drivers.errors import PrinterUnreachable
from drivers.printers.asking import Asker
from drivers.printers.line import Line
from drivers.printers.status import AutoStatus, PrinterStatus, Reply, interpret_auto_status
from drivers.printers.waker import Waker
from drivers.printers.witness import TELL_STATUS

_ASK_S = 3.0
_SILENCE_S = 10.0
"""After so much silence on an open connection a new one is tried: the printer may have been switched off and on."""
_GLANCE_S = 0.02
"""How often a wire that `select` does not know is looked at."""


class Idling:
    def __init__(self, line: Line, asker: Asker) -> None:
        self._line, self._asker = line, asker
        self._told: PrinterStatus | None = None
        self._ask_at = 0.0
        self._silent_since: float | None = None
        line.tell(self._hear)

    def switch_on(self) -> None:
        """From now on the printer tells each change; once more does no harm."""
        self._line.write(TELL_STATUS)

    def wait(self, seconds: float, waker: Waker, word: PrinterStatus) -> PrinterStatus | None:
        """The first status that is not `word`; None when `waker` is set or the time is over."""
        deadline, self._told = time.monotonic() + seconds, None
        while not waker.is_set():
            now = time.monotonic()
            if now >= self._ask_at:
                self._told = self._ask(now)
            if self._told is not None and self._told != word:
                return self._told
            if now >= deadline:
                return None
            self._listen(min(deadline, self._ask_at) - now, waker)
        return None

    def _ask(self, now: float) -> PrinterStatus:
        self._ask_at = now + _ASK_S
        status = self._asker.status()
        if status.answered:
            if self._silent_since is not None:
                self.switch_on()  # it may have been off and forgotten
            self._silent_since = None
        elif self._silent_since is None:
            self._silent_since = now
        elif now > self._silent_since + _SILENCE_S:
            raise PrinterUnreachable(f"{self._line.address} does not answer on an open connection")
        return status

    def _listen(self, seconds: float, waker: Waker) -> None:
        end = self._line.wire.fileno()
        if end is None:
            self._line.listen(min(max(seconds, 0), _GLANCE_S))
            return
        ready, _, _ = select.select([end, waker.fileno()], [], [], max(seconds, 0))
        if end in ready:
            self._line.listen(0)

    def _hear(self, reply: Reply) -> None:
        if isinstance(reply, AutoStatus):
            self._told = interpret_auto_status(reply.bits)
