"""What is said to a printer and what it answers, the same over every wire that can be read."""

import threading
from collections.abc import Callable

from msgspec.structs import replace

from drivers.errors import PrinterBlocked
from drivers.printers.asking import Asker
from drivers.printers.base import Closing, Evidence, Job, Printer, Use
from drivers.printers.capability import Capabilities
from drivers.printers.confirming import Confirming
from drivers.printers.idling import Idling
from drivers.printers.line import Line
from drivers.printers.overdue import Overdue
from drivers.printers.probe import Probing
from drivers.printers.remains import FILLING, Remains
from drivers.printers.status import Blocked, PaperSensor, PrinterStatus, Reply
from drivers.printers.waker import Waker
from drivers.printers.wire import Wire
from drivers.printers.witness import Witness


class Conversation(Closing):
    """A `Session` over any wire. What it learns of the printer it writes into `printer.capabilities`.

    On a shared printer status is asked for rather than switched on: no setting of ours stays.
    """

    def __init__(self, wire: Wire, printer: Printer, use: Use, remains: Remains) -> None:
        self._line = Line(wire, printer.address)
        self._printer, self._use, self._remains = printer, use, remains
        self._line.tell(self._hear)
        self._asker = Asker(self._line, printer)
        self._idling = Idling(self._line, self._asker)
        self._witness: Witness | None = None
        self._owed = 0
        self._tells = False
        self._status = PrinterStatus(answered=False)

    def status(self) -> PrinterStatus:
        """One that is still at an earlier slip is busy."""
        self._status = self._asker.status()
        if not self._status.blocked and not self._is_heard_out():
            self._status = replace(self._status, blocked=Blocked.busy)
        self._switch_on()
        return self._status

    def send(self, job: Job) -> None:
        if self._status.blocked:
            raise PrinterBlocked(self._status.blocked)
        self._complete()
        self._line.has_slip = True
        self._remains.of_slip()
        self._witness = Witness(job, self._printer.capabilities, self._use, self._owed)
        self._owed += 1
        self._line.write(job.data + self._witness.questions)

    def confirm(self, job: Job, *, on_status: Callable[[PrinterStatus], None], stop: threading.Event) -> Evidence:
        if self._witness is None:
            raise RuntimeError("nothing was sent")
        confirming = Confirming(self._line, self._asker, self._printer, self._witness, self._status, on_status)
        evidence = confirming.wait(job, stop)
        self._line.has_slip = False
        self._remains.none()
        self._status = confirming.status
        return evidence

    def idle(self, seconds: float, waker: Waker) -> PrinterStatus | None:
        status = self._idling.wait(seconds, waker, self._status)
        if status is not None:
            self._status = status
            self._switch_on()
        return status

    def send_command(self, data: bytes) -> None:
        if self._status.blocked:
            raise PrinterBlocked(self._status.blocked)
        self._line.write(data)

    def probe(self) -> Capabilities:
        if not self.status().blocked:
            self._complete()
            self._printer.capabilities = Probing(self._line, self._printer.capabilities).capabilities()
        return self._printer.capabilities

    def close(self) -> None:
        self._line.close()

    def _switch_on(self) -> None:
        """A printer of ours tells each change by itself from its first good moment on; sent into a blocked one, the
        wish would only wait.
        """
        wanted = self._use is Use.OURS and self._printer.capabilities.may_tell_status
        if wanted and not self._tells and not self._status.blocked:
            self._tells = True
            self._complete()
            self._idling.switch_on()

    def _complete(self) -> None:
        """Before anything that must not be swallowed."""
        if self._remains.half_command:
            self._line.write(FILLING)
            self._remains.half_command = False

    def _is_heard_out(self) -> bool:
        """Nothing answers for an earlier slip any more."""
        if self._remains.answers and self._printer.capabilities.in_order:
            self._complete()
            self._remains.answers = not Overdue(self._line).heard_out() and self._remains.wait_for_answers()
            return not self._remains.answers
        return True

    def _hear(self, reply: Reply) -> None:
        if isinstance(reply, PaperSensor):
            self._owed = max(0, self._owed - 1)
        if self._witness is not None:
            self._witness.hear(reply)
