"""A process that prints and stops dead at a named step, for its test to kill. Prints HERE once it is there.

python -m tests.agent.core.dying WORK_DB tcp://HOST:PORT STEP [tcp://HOST:PORT]

With a second address the first printer is the backup of the one there, and comes in soon.
"""

import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

import agent.printing.standing
from agent.config import PrinterSettings
from agent.files import WorkFile
from agent.printing.standing import Standing
from agent.printing.worker import PrinterWorker
from domain.slips import SlipKind
from drivers.printers.addresses import open_printer
from drivers.printers.base import Evidence, Job, Printer, Session, Use
from drivers.printers.capability import Capabilities
from drivers.printers.status import PrinterStatus
from drivers.printers.waker import Waker
from tests.agent.core.conftest import MASTER_KEY, VirtualClock


class DyingSession:
    def __init__(self, session: Session, reach: Callable[[str], None]) -> None:
        self._session, self._reach = session, reach

    def status(self) -> PrinterStatus:
        self._reach("asking")
        return self._session.status()

    def send(self, job: Job) -> None:
        self._reach("before sending")
        self._session.send(job)
        self._reach("after sending")

    def confirm(self, job: Job, *, on_status: Callable[[PrinterStatus], None], stop: threading.Event) -> Evidence:
        self._reach("confirming")
        evidence = self._session.confirm(job, on_status=on_status, stop=stop)
        self._reach("confirmed")
        return evidence

    def idle(self, seconds: float, waker: Waker) -> PrinterStatus | None:
        return self._session.idle(seconds, waker)

    def send_command(self, data: bytes) -> None:
        self._session.send_command(data)

    def probe(self) -> Capabilities:
        return self._session.probe()

    def close(self) -> None:
        self._session.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class DyingPrinter:
    def __init__(self, printer: Printer, step: str) -> None:
        self._printer, self._step = printer, step
        self.address = printer.address
        self.capabilities = printer.capabilities

    def connect(self, use: Use = Use.SHARED) -> Session:
        return DyingSession(self._printer.connect(use), self._reach)

    def _reach(self, step: str) -> None:
        if step == self._step:
            print("HERE", flush=True)
            time.sleep(60)


def main(work_db: str, address: str, step: str, out: str | None = None) -> None:
    file = WorkFile(Path(work_db), master_key=MASTER_KEY, clock=VirtualClock())
    standing, dying = Standing(), DyingPrinter(open_printer(address), step)
    if out is not None:
        agent.printing.standing.BACKUP_AFTER_S = 0.2
        settings = PrinterSettings("counter", out, prints=(SlipKind.PICKING,), backup="till")
        PrinterWorker(settings, open_printer(out), file, standing).start()
    kinds = () if out is None else (SlipKind.CUSTOMER,)
    PrinterWorker(PrinterSettings("till", dying.address, prints=kinds), dying, file, standing).start()
    time.sleep(60)


if __name__ == "__main__":
    main(*sys.argv[1:])
