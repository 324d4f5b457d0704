"""One owner thread per printer: takes the oldest slip it may, and believes the printer only (design.md §7).

Connect, ask; commit `sending` before the first byte of the slip, `confirming` after the last, and `printed` on the
printer's own word. A printer that is out takes nothing and is looked at until it is well again; who prints for it
meanwhile, its colleagues' threads find in `Standing`. Driver code is imported in the thread, so that starting the
agent does not wait for it.
"""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace
from typing import TypeVar

from agent.config import PrinterSettings
from agent.files import WorkFile
from agent.printing.condition import Condition
from agent.printing.connection import Connection
from agent.printing.delivery import Delivery
from agent.printing.errands import Errands
from agent.printing.standing import Standing
from agent.printing.stumbles import Stumbles
from agent.printing.taking import Ready, Taking
from agent.printing.view import PrinterView
from agent.transactions import Topic
from drivers.errors import ConnectionLost, PrinterBlocked, PrinterUnreachable
from drivers.printers.base import Job, Printer, Session
from drivers.printers.document import Document, Paper, paper
from drivers.printers.status import Blocked
from drivers.printers.waker import Waker

T = TypeVar("T")


class PrinterWorker:
    """`on_view` hears each change of the view, in the printer's thread. A paused one shows how its printer is and
    takes no slip."""

    def __init__(
        self,
        settings: PrinterSettings,
        printer: Printer,
        work: WorkFile,
        standing: Standing,
        *,
        on_view: Callable[[PrinterView], None] | None = None,
        paused: bool = False,
    ) -> None:
        self.settings = settings
        self._printer, self._standing = printer, standing
        self._paper = paper(settings.paper, settings.columns)
        self._waker, self._leaving, self._stopping = Waker(), threading.Event(), threading.Event()
        self._connection = Connection(printer, settings.use, self._waker)
        self._condition = Condition(PrinterView(settings.name, printer.address, paused=paused), work, standing, on_view)
        self._taking = Taking(settings.name, work, standing)
        self._delivery = Delivery(settings.name, work, self._stopping)
        self._errands = Errands(printer)
        self._paused = paused
        self._thread = threading.Thread(target=self._run, name=f"printer {settings.name}", daemon=True)
        self._hear_no_more = work.after_commit(self._on_commit)

    @property
    def view(self) -> PrinterView:
        return replace(self._condition.view, waiting=self._standing.waiting(self.settings.name))

    @property
    def paused(self) -> bool:
        """As it was wished; `view` says so once the slip in hand is finished."""
        return self._paused

    def start(self) -> None:
        self._standing.join(self.settings, self.wake, paused=self._paused)
        self._thread.start()

    def stop(self) -> None:
        """A slip that waits for the printer's word becomes unknown; errands not begun are cancelled."""
        self._leave()
        self._stopping.set()
        if self._thread.ident is not None:
            self._thread.join()
        self._waker.close()

    def retire(self, seconds: float) -> None:
        """As `stop`, but a slip in hand has so long to be finished."""
        self._leave()
        if self._thread.ident is not None:
            self._thread.join(seconds)
        self.stop()

    def follow(self, settings: PrinterSettings) -> None:
        """It prints something else, or somebody else stands in for it: the same thread goes on."""
        self.settings = settings
        self._standing.follow(settings)

    def _leave(self) -> None:
        self._hear_no_more()
        self._standing.leave(self.settings.name)
        self._leaving.set()
        self._waker.set()

    def wake(self) -> None:
        self._waker.set()

    def pause(self, paused: bool) -> None:
        """What is being sent is finished. From any thread."""
        self._paused = paused
        self._standing.pause(self.settings.name, paused)
        self._waker.set()

    def perform(self, errand: Callable[[Printer], T]) -> Future[T]:
        """Runs `errand` in the printer's thread between two slips. That may be in hours, while a slip waits for paper:
        wait for the answer with a limit."""
        answer = self._errands.put(errand)
        self._waker.set()
        return answer

    def _on_commit(self, topics: frozenset[Topic]) -> None:
        if Topic.WAITING in topics or (self._paused and Topic.SLIPS in topics):
            self._waker.set()

    def _run(self) -> None:
        _warm_up(self._paper)
        stumbles = Stumbles(f"printer {self.settings.name}")
        while not self._leaving.is_set():
            self._waker.clear()
            try:
                self._rest(self._turn())
                stumbles.over()
            except Exception as error:  # the top of this thread: it is the only one that prints on this printer
                self._connection.let_go()
                self._leaving.wait(stumbles.pause(error))
        self._errands.cancel()
        self._connection.let_go()

    def _turn(self) -> float:
        """One slip, or one look. Returns the seconds until there is something to do again."""
        self._delivery.settle()
        self._run_errands()
        self._condition.pause(self._paused)
        if self._condition.out and self._condition.seconds_to_look():
            return self._condition.seconds_to_look()
        found = self._taking.take()
        if isinstance(found, Ready):
            return self._print(found)
        if not self._condition.seconds_to_look():
            self._look()
            return 0.0 if not self._condition.out else self._condition.seconds_to_look()
        return min(found, self._condition.seconds_to_look())

    def _print(self, ready: Ready) -> float:
        """A slip that is claimed; a printer that turns out not to be well lets it go."""
        try:
            job = self._encode(ready.paper.document)
        except Exception as error:  # whatever a document does to the encoder: the other slips go on
            self._taking.refuse(ready.slip, ready.paper.revision, error)
            return 0.0
        began = self._standing.now()
        try:
            with self._connection.session() as session:
                if self._asked(session):
                    self._send(session, ready, job)
        except PrinterBlocked as blocked:
            self._condition.blocked(blocked.reason)
        except PrinterUnreachable as unreachable:
            self._condition.blocked(unreachable.reason, since=began)
        except ConnectionLost as lost:
            self._condition.lost(type(lost).__name__)
        finally:
            self._taking.let_go(ready)
        return 0.0

    def _asked(self, session: Session) -> bool:
        """Whether something may be sent."""
        status = session.status()
        self._condition.says(status)
        return status.blocked is None

    def _send(self, session: Session, ready: Ready, job: Job) -> None:
        if self._paused or self._leaving.is_set():
            return
        slip = self._delivery.begin(ready)
        if slip is None:
            return
        self._condition.sending()
        self._delivery.deliver(session, slip, job, self._condition.says)
        self._condition.printed(slip.slip_id)

    def _look(self) -> None:
        began = self._standing.now()
        try:
            with self._connection.session() as session:
                self._condition.says(session.status())
        except PrinterUnreachable as unreachable:
            self._condition.blocked(unreachable.reason, since=began)
        except ConnectionLost:
            self._condition.blocked(Blocked.unreachable, since=began)

    def _rest(self, seconds: float) -> None:
        if seconds <= 0:
            return
        try:
            status = self._connection.rest(seconds)
        except (PrinterUnreachable, ConnectionLost):
            self._condition.blocked(Blocked.unreachable)
            return
        if status is not None:
            self._condition.says(status)

    def _run_errands(self) -> None:
        """They connect by themselves."""
        if self._errands.any():
            self._connection.let_go()
            self._errands.run()

    def _encode(self, document: Document) -> Job:
        from drivers.printers.escpos import encode

        return encode(document, self._paper, self.settings.able(self._printer.capabilities))


def _warm_up(paper: Paper) -> None:
    """Loads the encoder before the first order comes: it takes a third of a second on a slow PC."""
    from drivers.printers.escpos import encode

    encode(Document(()), paper)
