"""Short ways for the tests to talk to a printer as the agent does."""

import threading

from drivers.errors import DriverError
from drivers.printers.addresses import open_printer
from drivers.printers.base import Evidence, Job, Session
from drivers.printers.document import PAPER_80, Document, Rule, Text
from drivers.printers.escpos import encode
from drivers.printers.status import Blocked, PrinterStatus

JOB = encode(Document((Text("第一行"), Text("第二行"), Rule(), Text("第四行"))), PAPER_80)


class Confirmation:
    """`confirm` in a thread of its own, as in the agent, with what it said on the way."""

    def __init__(self, session: Session, job: Job = JOB) -> None:
        self.stop = threading.Event()
        self.statuses: list[PrinterStatus] = []
        self.evidence: Evidence | None = None
        self.error: DriverError | None = None
        self._heard = threading.Condition()
        self._thread = threading.Thread(target=self._run, args=(session, job))
        self._thread.start()

    def wait_for_status(self, blocked: Blocked | None) -> None:
        with self._heard:
            assert self._heard.wait_for(lambda: self.statuses and self.statuses[-1].blocked == blocked, 30)

    def result(self, timeout: float = 60) -> Evidence:
        self._thread.join(timeout)
        assert not self._thread.is_alive()
        if self.error:
            raise self.error
        assert self.evidence
        return self.evidence

    def _run(self, session: Session, job: Job) -> None:
        try:
            self.evidence = session.confirm(job, on_status=self._hear, stop=self.stop)
        except DriverError as error:
            self.error = error

    def _hear(self, status: PrinterStatus) -> None:
        with self._heard:
            self.statuses.append(status)
            self._heard.notify_all()


def print_slip(address: str) -> Evidence:
    with open_printer(address).connect() as session:
        assert session.status() == PrinterStatus()
        session.send(JOB)
        return Confirmation(session).result()
