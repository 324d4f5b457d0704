"""The Windows spooler: the queue of any installed printer, its own driver left alone (RAW).

For a service: queues of this computer are seen by every account, printers somebody connected to for themselves
(\\\\SERVER\\PRINTER) are not.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

import pywintypes
import win32print

from drivers.printers.status import Blocked, PrinterStatus
from drivers.printers.transports.queue import JobState, Progress, QueueRefusal

if TYPE_CHECKING:
    from _win32typing import PyPrinterHANDLE

SCHEME = "spooler"

_INVALID_PARAMETER = 87
"""What GetJob answers for a job it does not know (any more): printed, deleted, nobody says."""
_RETAINED = 0x2000  # JOB_STATUS_RETAINED, which win32print does not name

_GOING = win32print.JOB_STATUS_DELETING | win32print.JOB_STATUS_DELETED
_DONE = win32print.JOB_STATUS_PRINTED | win32print.JOB_STATUS_COMPLETE | _RETAINED
_STUCK = (
    (win32print.JOB_STATUS_PAPEROUT, Blocked.paper_out),
    (win32print.JOB_STATUS_OFFLINE, Blocked.offline),
    (
        win32print.JOB_STATUS_ERROR | win32print.JOB_STATUS_USER_INTERVENTION | win32print.JOB_STATUS_BLOCKED_DEVQ,
        Blocked.error,
    ),
)
"""Each means that the port has had the job in its hands."""
_BEGUN = win32print.JOB_STATUS_PRINTING | win32print.JOB_STATUS_RESTART | _STUCK[0][0] | _STUCK[1][0] | _STUCK[2][0]
_PRINTER = (
    (win32print.PRINTER_STATUS_PAPER_OUT | win32print.PRINTER_STATUS_PAPER_PROBLEM, Blocked.paper_out),
    (win32print.PRINTER_STATUS_DOOR_OPEN, Blocked.cover_open),
    (win32print.PRINTER_STATUS_PAPER_JAM, Blocked.cutter),
    (
        win32print.PRINTER_STATUS_OFFLINE
        | win32print.PRINTER_STATUS_PAUSED
        | win32print.PRINTER_STATUS_NOT_AVAILABLE
        | win32print.PRINTER_STATUS_SERVER_UNKNOWN
        | win32print.PRINTER_STATUS_PENDING_DELETION,
        Blocked.offline,
    ),
    (win32print.PRINTER_STATUS_ERROR | win32print.PRINTER_STATUS_USER_INTERVENTION, Blocked.error),
)


class SystemQueue:
    def __init__(self, name: str) -> None:
        self._name = name
        self._begun = set[int]()

    def status(self) -> PrinterStatus:
        """What the driver told the spooler, and most drivers of slip printers tell nothing: then nothing is known."""
        with _spooler(), self._open() as queue:
            about = win32print.GetPrinter(queue, 2)
        blocked = next((blocked for bits, blocked in _PRINTER if about["Status"] & bits), None)
        if blocked is None and about["Attributes"] & win32print.PRINTER_ATTRIBUTE_WORK_OFFLINE:
            blocked = Blocked.offline
        return PrinterStatus(blocked, answered=blocked is not None)

    def submit(self, data: bytes, title: str) -> int:
        with _spooler(), self._open() as queue:
            try:
                job = win32print.StartDocPrinter(queue, 1, (title, None, "RAW"))
            except pywintypes.error as error:
                raise QueueRefusal(_words(error)) from error
            try:
                self._write(queue, data)
            except (pywintypes.error, OSError):
                with suppress(pywintypes.error):  # the first error is the one to tell
                    win32print.AbortPrinter(queue)
                raise
            return job

    def look(self, job: int) -> JobState:
        with _spooler(), self._open() as queue:
            status = _job_status(queue, job)
        if status is None:
            return JobState(Progress.vanished)
        return JobState(self._progress(job, status), next((why for bits, why in _STUCK if status & bits), None))

    def take_back(self, job: int) -> Progress:
        """Paused first: a job seen paused, and never seen to begin, cannot begin while it is being deleted."""
        with _spooler(), self._open() as queue:
            try:
                win32print.SetJob(queue, job, 0, None, win32print.JOB_CONTROL_PAUSE)
                status = _job_status(queue, job)
                win32print.SetJob(queue, job, 0, None, win32print.JOB_CONTROL_DELETE)
            except pywintypes.error as error:
                if error.winerror != _INVALID_PARAMETER:
                    raise
                return Progress.vanished
        if status is None:
            return Progress.vanished
        progress = self._progress(job, status)
        if progress is Progress.waiting and status & win32print.JOB_STATUS_PAUSED:
            return Progress.removed
        return progress if progress is Progress.sent else Progress.broken

    def _progress(self, job: int, status: int) -> Progress:
        """A short slip is out between two looks: of a job that goes only its being paused proves that it was not."""
        if status & _BEGUN:
            self._begun.add(job)
        if status & _DONE:
            return Progress.sent
        if status & _GOING:
            never_began = job not in self._begun and status & win32print.JOB_STATUS_PAUSED
            return Progress.removed if never_began else Progress.broken
        return Progress.printing if job in self._begun else Progress.waiting

    def _write(self, queue: "PyPrinterHANDLE", data: bytes) -> None:
        win32print.StartPagePrinter(queue)
        written = 0
        while written < len(data):
            count = win32print.WritePrinter(queue, data[written:])
            if not count:
                raise OSError("the spooler takes no more data")
            written += count
        win32print.EndPagePrinter(queue)
        win32print.EndDocPrinter(queue)

    @contextmanager
    def _open(self) -> Iterator["PyPrinterHANDLE"]:
        try:
            queue = win32print.OpenPrinter(self._name)
        except pywintypes.error as error:
            raise QueueRefusal(_words(error)) from error
        try:
            yield queue
        finally:
            win32print.ClosePrinter(queue)


@contextmanager
def _spooler() -> Iterator[None]:
    """pywin32's error is none of Python's own."""
    try:
        yield
    except pywintypes.error as error:
        raise OSError(_words(error)) from error


def _job_status(queue: "PyPrinterHANDLE", job: int) -> int | None:
    """None for a job the spooler does not know."""
    try:
        return win32print.GetJob(queue, job, 1)["Status"]
    except pywintypes.error as error:
        if error.winerror != _INVALID_PARAMETER:
            raise
        return None


def _words(error: pywintypes.error) -> str:
    return f"{error.funcname}: {error.strerror} ({error.winerror})"
