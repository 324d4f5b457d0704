"""From the first byte of a slip to the printer's word, each step committed before the next is taken (design.md §7)."""

import logging
import threading
from collections.abc import Callable

import msgspec

from agent import order_slips, slips
from agent.documents import papers
from agent.files import WorkFile
from agent.printing.taking import Ready
from agent.slips import Slip
from agent.transactions import Transaction
from domain.slips import IN_FLIGHT, Evidence, SlipState
from drivers.errors import DriverError, PrinterBlocked
from drivers.printers.base import Job, Session
from drivers.printers.status import PrinterStatus

log = logging.getLogger(__name__)


class Delivery:
    """Of one printer, for its thread. `stop` abandons the wait for the printer's word."""

    def __init__(self, printer: str, work: WorkFile, stop: threading.Event) -> None:
        self._printer, self._work, self._stop = printer, work, stop
        self._in_doubt: str | None = None

    def begin(self, ready: Ready) -> Slip | None:
        """Commits `sending` with what the paper says; None where the slip is not to be sent as it was rendered."""

        def begin(tx: Transaction) -> Slip | None:
            slip = slips.begin_sending(tx, ready.slip.slip_id, self._printer, ready.paper.revision)
            if slip is not None:
                papers.keep(tx, slip, ready.paper.document)
            return slip

        return self._work.write(begin)

    def deliver(self, session: Session, slip: Slip, job: Job, on_status: Callable[[PrinterStatus], None]) -> None:
        """From the first byte on, everything but the printer's word or its refusal leaves the slip unknown. Raises what
        the printer did instead of printing, once the slip's fate is written down."""
        self._in_doubt = slip.slip_id
        try:
            session.send(msgspec.structs.replace(job, id=attempt_id(slip)))
            self._change(slip, SlipState.CONFIRMING)
            evidence = session.confirm(job, on_status=on_status, stop=self._stop)
            self._change(slip, SlipState.PRINTED, evidence=Evidence(evidence.value))
        except DriverError as error:
            if error.retryable:  # proven: nothing of it was printed
                cause = error.reason.value if isinstance(error, PrinterBlocked) else type(error).__name__
                self._work.write(lambda tx: order_slips.give_back(tx, slip.slip_id, cause))
            else:
                log.warning("slip %s: its fate is unknown: %s", slip.slip_id, error)
                self._change(slip, SlipState.UNKNOWN, cause=type(error).__name__)
            self._in_doubt = None
            raise
        self._in_doubt = None

    def settle(self) -> None:
        """Where something broke between the first byte and the last commit (a full disk), a person is asked."""
        slip_id = self._in_doubt
        if slip_id is not None:
            slip = self._work.read(lambda reading: slips.get(reading, slip_id))
            if slip.state in IN_FLIGHT:
                self._change(slip, SlipState.UNKNOWN, cause="interrupted")
            self._in_doubt = None

    def _change(self, slip: Slip, state: SlipState, *, cause: str = "", evidence: Evidence | None = None) -> None:
        self._work.write(
            lambda tx: slips.change(tx, slips.get(tx, slip.slip_id), state, cause=cause, evidence=evidence)
        )


_CHARACTERS = 0x7E - 0x20 + 1
_SENDS = 32


def attempt_id(slip: Slip) -> bytes:
    """Four printable characters by which the printer names this sending (facts/devices.md §3.2): no other of the last
    2.5 million slips has the same."""
    number = slip.number * _SENDS + slip.sends % _SENDS
    return bytes(0x20 + number // _CHARACTERS**place % _CHARACTERS for place in range(4))
