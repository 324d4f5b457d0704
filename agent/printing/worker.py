"""One owner thread per printer: takes the oldest due slip, and believes the printer only (design.md §7).

Connect, ask, hold while it is blocked; commit `sending` before the first byte of the slip, `confirming` after the
last, and `printed` on the printer's own word. What was sent and not confirmed is unknown and never sent again by
itself. Driver code is imported in the thread, so that starting the agent does not wait for it.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from agent import slips
from agent.documents.rendering import rendered
from agent.files import WorkFile
from agent.printing.view import PrinterView
from agent.slips import Slip
from agent.transactions import Reading, Topic, Transaction
from domain.slips import IN_FLIGHT, MOVES, Evidence, SlipState
from domain.times import SECOND
from drivers.errors import ConnectionLost, DriverError, PrinterBlocked, PrinterUnreachable, Unprintable
from drivers.printers.base import Job, Printer, Session
from drivers.printers.document import Document, Paper
from drivers.printers.status import Blocked, PrinterStatus

log = logging.getLogger(__name__)

_LOOKS_S = (0.1, 0.2, 0.4, 0.8)
"""A blocked printer is looked at quickly at first (somebody may be closing its cover), then every second."""
_LATER_S = 1.0
_IDLE_S = 60.0
"""How often an idle printer is asked how it is. Each time it is let go at once: it may be shared."""


class PrinterWorker:
    """`on_view` hears each change of the view, in the printer's thread."""

    def __init__(
        self,
        name: str,
        printer: Printer,
        paper: Paper,
        work: WorkFile,
        *,
        on_view: Callable[[PrinterView], None] | None = None,
    ) -> None:
        self._printer, self._paper, self._work, self._on_view = printer, paper, work, on_view
        self._view = PrinterView(name, printer.address)
        self._unprintable: dict[str, int] = {}
        self._looks = 0
        self._look_at = 0.0
        self._in_doubt: Slip | None = None
        self._woken, self._stopping = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"printer {name}", daemon=True)
        work.after_commit(self._on_commit)

    @property
    def view(self) -> PrinterView:
        return self._view

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """A slip that waits for the printer's word becomes unknown."""
        self._stopping.set()
        self._woken.set()
        if self._thread.ident is not None:
            self._thread.join()

    def wake(self) -> None:
        self._woken.set()

    def _on_commit(self, topics: frozenset[Topic]) -> None:
        if Topic.SLIPS in topics:
            self._woken.set()

    def _run(self) -> None:
        _warm_up(self._paper)
        while True:
            self._woken.clear()
            if self._stopping.is_set():
                return
            try:
                pause = self._turn()
            except Exception:
                log.exception("printer %s: going on after an error", self._view.name)
                pause = _LATER_S
            self._woken.wait(pause)

    def _turn(self) -> float:
        """One slip, or one look at the idle printer. Returns the seconds until there is something to do again."""
        self._settle_doubt()
        found = self._work.read(self._next)
        if not isinstance(found, _Ready):
            return min(found, self._look())
        try:
            job = self._encode(found.document)
        except Unprintable as error:
            self._refuse(found, error)
            return 0
        return self._try(found, job)

    def _next(self, reading: Reading) -> "_Ready | float":
        """The oldest slip that may be sent now, rendered; or the seconds until one may."""
        for slip in slips.due(reading, reading.now):
            paper = rendered(reading, slip)
            if self._unprintable.get(slip.slip_id) != paper.revision:
                return _Ready(slip, paper.document, paper.revision)
        due_at = slips.next_due_at(reading)
        return _IDLE_S if due_at is None or due_at <= reading.now else (due_at - reading.now) / SECOND

    def _try(self, ready: "_Ready", job: Job) -> float:
        try:
            with self._printer.connect() as session:
                self._ask(session)
                if self._work.write(lambda tx: self._begin(tx, ready)):
                    self._send(session, ready.slip, job)
        except PrinterBlocked as blocked:
            return self._wait_for(blocked.reason)
        except (PrinterUnreachable, ConnectionLost):
            return self._wait_for(Blocked.unreachable)
        self._looks = 0
        return 0

    def _begin(self, tx: Transaction, ready: "_Ready") -> bool:
        return slips.begin_sending(tx, ready.slip.slip_id, self._view.name, ready.revision)

    def _ask(self, session: Session) -> None:
        status = session.status()
        self._show_status(status)
        if status.blocked is not None:
            raise PrinterBlocked(status.blocked)

    def _send(self, session: Session, slip: Slip, job: Job) -> None:
        """From the first byte on, everything but the printer's word or its refusal leaves the slip unknown."""
        self._in_doubt = slip
        try:
            session.send(job)
            self._change(slip, SlipState.CONFIRMING)
            evidence = session.confirm(job, on_status=self._show_status, stop=self._stopping)
            self._change(slip, SlipState.PRINTED, evidence=Evidence(evidence.value))
        except PrinterBlocked as blocked:
            self._change(slip, SlipState.NOT_PRINTED, cause=blocked.reason.value)
            raise
        except DriverError as error:
            log.warning("slip %s: its fate is unknown: %s", slip.slip_id, error)
            self._change(slip, SlipState.UNKNOWN, cause=type(error).__name__)
            self._show(replace(self._view, state="unknown", cause=type(error).__name__))
        else:
            self._show(replace(self._view, last_slip=slip.slip_id))

    def _settle_doubt(self) -> None:
        """Where something broke between the first byte and the last commit (a full disk), a person is asked."""
        slip = self._in_doubt
        if slip is not None:
            if self._work.read(lambda reading: slips.get(reading, slip.slip_id)).state in IN_FLIGHT:
                self._change(slip, SlipState.UNKNOWN, cause="error")
            self._in_doubt = None

    def _change(self, slip: Slip, state: SlipState, *, cause: str = "", evidence: Evidence | None = None) -> None:
        self._work.write(
            lambda tx: slips.change(tx, slips.get(tx, slip.slip_id), state, cause=cause, evidence=evidence)
        )

    def _wait_for(self, reason: Blocked) -> float:
        """All that wait are held, not only the oldest: each order's card says that its slip is missing."""
        self._show(replace(self._view, state="blocked", cause=reason.value))
        self._hold(lambda tx: slips.due(tx, tx.now), reason.value)
        self._looks += 1
        return _LOOKS_S[self._looks - 1] if self._looks <= len(_LOOKS_S) else _LATER_S

    def _hold(self, which: Callable[[Transaction], Iterable[Slip]], cause: str) -> None:
        def hold(tx: Transaction) -> None:
            for slip in which(tx):
                if SlipState.HELD in MOVES[slip.state]:  # it may have been withdrawn meanwhile
                    slips.change(tx, slip, SlipState.HELD, cause=cause)

        self._work.write(hold)

    def _look(self) -> float:
        """An idle printer is asked how it is, so that an empty roll is known before the next order comes."""
        if time.monotonic() >= self._look_at:
            try:
                with self._printer.connect() as session:
                    self._show_status(session.status())
            except (PrinterUnreachable, ConnectionLost):
                self._show(replace(self._view, state="blocked", cause=Blocked.unreachable.value))
        return self._look_at - time.monotonic()

    def _encode(self, document: Document) -> Job:
        from drivers.printers.escpos import encode

        return encode(document, self._paper)

    def _refuse(self, ready: "_Ready", error: Unprintable) -> None:
        """This slip waits for its order to change; the others go on."""
        log.error("slip %s cannot be printed: %s", ready.slip.slip_id, error)
        self._unprintable[ready.slip.slip_id] = ready.revision
        self._hold(lambda tx: (slips.get(tx, ready.slip.slip_id),), "unprintable")

    def _show_status(self, status: PrinterStatus) -> None:
        state = "ready" if status.answered else "unknown"
        cause = "" if status.blocked is None else status.blocked.value
        self._show(
            replace(
                self._view,
                state=state if status.blocked is None else "blocked",
                cause=cause,
                paper_near_end=status.paper_near_end,
            )
        )

    def _show(self, view: PrinterView) -> None:
        """One line in the log per change of state."""
        changed = (view.state, view.cause) != (self._view.state, self._view.cause)
        self._view = replace(view, at=self._work.now())
        self._look_at = time.monotonic() + _IDLE_S
        if changed:
            log.info("printer %s is %s%s", view.name, view.state, view.cause and f" ({view.cause})")
        if self._on_view is not None:
            self._on_view(self._view)


@dataclass(frozen=True, slots=True)
class _Ready:
    slip: Slip
    document: Document
    revision: int


def _warm_up(paper: Paper) -> None:
    """Loads the encoder before the first order comes: it takes a third of a second on a slow PC."""
    from drivers.printers.escpos import encode

    encode(Document(()), paper)
