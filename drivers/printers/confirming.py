"""Waiting for the printer's word about a slip (design.md §7): what it proves, how long to wait, when to give up.

A printer that can prove it is waited for as long as it says that it is blocked. One that cannot is watched while the
slip prints: if nothing happens until then, the slip counts as sent; if something does, nobody knows.
"""

import threading
import time
from collections.abc import Callable
from enum import Enum, auto

from msgspec.structs import replace

from drivers.errors import PrinterSilent, WaitAbandoned
from drivers.printers.asking import Asker
from drivers.printers.base import Evidence, Job, Printer
from drivers.printers.line import Line
from drivers.printers.patience import Patience, longest
from drivers.printers.status import Blocked, PrinterStatus
from drivers.printers.witness import Witness

_POLL_S, _LOOK_S = 0.5, 0.1
_WATCH_MARGIN_S = 0.5
_ID_LATE_S = 1.0
"""The id stands before `GS r`, so its answer cannot come much later."""
_SILENT = Blocked.unreachable
"""What its silence is called: on a connection of ours that has a slip it is no other program. Its power or its cable is
gone, or it is deaf while its cover is open: somebody must look, and its backup prints what waits."""
_SILENCE_S = 120.0
"""So long a printer that used to answer may say nothing on an open connection: many are deaf while their cover is open,
and somebody puts in a roll. After that a person is asked."""


class _Word(Enum):
    """What it says about itself."""

    CLEAR = auto()
    BLOCKED = auto()
    SILENT = auto()


class Confirming:
    """`status` is as it was before the slip; `on_status` hears each change."""

    def __init__(
        self,
        line: Line,
        asker: Asker,
        printer: Printer,
        witness: Witness,
        status: PrinterStatus,
        on_status: Callable[[PrinterStatus], None],
    ) -> None:
        self._line, self._asker, self._printer, self._witness = line, asker, printer, witness
        self.status, self._on_status = status, on_status
        self._out_at = 0.0
        self._silent_since: float | None = None
        self._disturbed = False

    def wait(self, job: Job, stop: threading.Event) -> Evidence:
        patience, self._out_at = Patience(job), time.monotonic() + longest(job)
        while not stop.is_set():
            self._listen(stop)
            if self._witness.returned:
                return self._proven(Evidence.returned)
            word = _Word.CLEAR if self._is_mute else self._ask()
            if word is _Word.CLEAR and (proof := self._proof()):
                return self._proven(proof)
            if word is _Word.BLOCKED:
                patience.renew()  # somebody must help it first, and that may take hours
                self._disturbed, self._out_at = True, time.monotonic() + longest(job)
            elif self._can_prove:
                self._give_up_after(patience)
            elif word is _Word.CLEAR and time.monotonic() > self._out_at + _WATCH_MARGIN_S:
                return self._unproven()
        raise WaitAbandoned(f"stopped before {self._line.address} confirmed the slip")

    @property
    def _is_mute(self) -> bool:
        return self._printer.capabilities.real_time is not True

    @property
    def _can_prove(self) -> bool:
        known = self._printer.capabilities
        if self._witness.asks_id:
            return True
        if self._witness.answered:
            return self._witness.in_turn
        return known.in_order is True or (known.in_order is None and not self._is_mute and not known.eager)

    def _listen(self, stop: threading.Event) -> None:
        """Until the printer has said something about the slip, at the longest until it is to be asked again."""
        before = self._witness.answered
        deadline = time.monotonic() + _POLL_S
        while not self._witness.returned and self._witness.answered == before and not stop.is_set():
            left = deadline - time.monotonic()
            if left <= 0:
                return
            self._line.listen(min(left, _LOOK_S))

    def _ask(self) -> "_Word":
        status = self._asker.status()
        if status.blocked and not status.answered:
            status = replace(status, blocked=_SILENT)
        if not status.answered and not self._silence_is_news():
            return _Word.BLOCKED if self.status.blocked else _Word.SILENT
        if status.answered:
            self._silent_since = None
        if status != self.status:
            self.status = status
            self._on_status(status)
        return _Word.BLOCKED if status.blocked else _Word.CLEAR

    def _silence_is_news(self) -> bool:
        """Not yet when one answer stays out, nor while the slip may still be printing: some do not listen while their
        memory is full. Raises PrinterSilent when it lasts, unless the last word was why.
        """
        now, since = time.monotonic(), self._silent_since
        if since is None:
            self._silent_since = now
            return False
        if now > since + _SILENCE_S and self.status.blocked in (None, _SILENT):
            raise PrinterSilent(f"{self._line.address} has a slip and does not answer any more")
        return self.status.blocked is _SILENT or now >= self._out_at

    def _proof(self) -> Evidence | None:
        witness = self._witness
        if not witness.in_turn or witness.answered_at is None:
            return None
        if witness.asks_id and time.monotonic() < witness.answered_at + _ID_LATE_S:
            return None
        return Evidence.sent if self._is_mute and witness.paper_end else Evidence.printed

    def _proven(self, evidence: Evidence) -> Evidence:
        """What the answers taught is kept for the next time."""
        witness, known = self._witness, self._printer.capabilities
        if witness.told_status or witness.answers_no_status:
            known = replace(known, auto_status=witness.told_status)
        if witness.answered and witness.in_turn:
            known = replace(known, in_order=True, eager=False)
        if witness.asks_id:
            known = replace(known, process_id=witness.returned)
        self._printer.capabilities = known
        return evidence

    def _unproven(self) -> Evidence:
        if self._witness.answered and not self._witness.in_turn:
            self._printer.capabilities = replace(self._printer.capabilities, eager=True)
        if self._disturbed:
            raise PrinterSilent(
                f"{self._line.address} was stopped in the middle of a slip and cannot prove that it printed"
            )
        return Evidence.sent

    def _give_up_after(self, patience: Patience) -> None:
        if not patience.is_over():
            return
        known = self._printer.capabilities
        if known.in_order is None and not self._disturbed and not self._is_mute:
            self._printer.capabilities = replace(known, in_order=False)  # it was well all the while and said nothing
        raise PrinterSilent(f"{self._line.address} did not confirm the slip in time")
