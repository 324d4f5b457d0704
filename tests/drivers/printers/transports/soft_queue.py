"""A queue of an operating system made of software: it hands jobs to a virtual printer as a spooler does."""

import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass

from drivers.printers.status import Blocked, PrinterStatus
from drivers.printers.transports.queue import JobState, Progress, QueueRefusal

_OVER = (Progress.sent, Progress.removed, Progress.broken)


@dataclass
class SoftJob:
    data: bytes
    title: str
    progress: Progress = Progress.waiting


class SoftQueue:
    """`on_submit` is called with each job before the spooler sees it. A spooler never doubts that the printer took what
    the socket took."""

    def __init__(self, address: tuple[str, int]) -> None:
        self._address = address
        self.jobs: list[SoftJob] = []
        self.blocked: Blocked | None = None
        self.is_gone = False
        self.is_occupied = False
        """Another program's job is printed first."""
        self.refuses = ""
        self.forgets = False
        """Jobs that are over are known no more."""
        self.on_submit: Callable[[SoftJob], None] = lambda job: None
        self._changed = threading.Condition()
        self._stopping = False
        self._thread = threading.Thread(target=self._spool)
        self._thread.start()

    def status(self) -> PrinterStatus:
        self._check()
        return PrinterStatus(self.blocked, answered=self.blocked is not None)

    def submit(self, data: bytes, title: str) -> int:
        self._check()
        if self.refuses:
            raise QueueRefusal(self.refuses)
        job = SoftJob(data, title)
        self.on_submit(job)
        with self._changed:
            self.jobs.append(job)
            self._changed.notify_all()
            return len(self.jobs) - 1

    def look(self, job: int) -> JobState:
        self._check()
        progress = self.jobs[job].progress
        return JobState(Progress.vanished if self.forgets and progress in _OVER else progress)

    def take_back(self, job: int) -> Progress:
        self.remove(job)
        return self.jobs[job].progress

    def remove(self, job: int) -> None:
        """As an operator does."""
        with self._changed:
            match self.jobs[job].progress:
                case Progress.waiting:
                    self.jobs[job].progress = Progress.removed
                case Progress.printing:
                    self.jobs[job].progress = Progress.broken

    def set(self, blocked: Blocked | None) -> None:
        with self._changed:
            self.blocked = blocked
            self._changed.notify_all()

    def stop(self) -> None:
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        self._thread.join()

    def _check(self) -> None:
        if self.is_gone:
            raise OSError("the print service does not answer")

    def _spool(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._stopping or self._next() is not None)
                job = self._next()
                if self._stopping or job is None:
                    return
                job.progress = Progress.printing
            with socket.create_connection(self._address) as link:
                link.sendall(job.data)
                link.shutdown(socket.SHUT_WR)
                while link.recv(1024):
                    pass
            with self._changed:
                if job.progress is Progress.printing:
                    job.progress = Progress.sent

    def _next(self) -> SoftJob | None:
        if self.blocked or self.is_occupied:
            return None
        return next((job for job in self.jobs if job.progress is Progress.waiting), None)
