"""What we make of the Windows spooler's states; the functions beneath are a stand-in (`soft_win32print`)."""

import importlib
import sys
from collections.abc import Iterator
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from drivers.printers.status import Blocked, PrinterStatus
from drivers.printers.transports.queue import JobState, Progress, QueueRefusal
from tests.drivers.printers.transports import soft_win32print
from tests.drivers.printers.transports.soft_win32print import SoftJob, SoftSpooler

if TYPE_CHECKING:
    from drivers.printers.transports.spool_windows import SystemQueue

MODULE = "drivers.printers.transports.spool_windows"
UNKNOWN = PrinterStatus(answered=False)
PAUSED, ERROR, DELETING, SPOOLING, PRINTING = 0x1, 0x2, 0x4, 0x8, 0x10
OFFLINE, PAPEROUT, PRINTED, DELETED, COMPLETE, RETAINED = 0x20, 0x40, 0x80, 0x100, 0x1000, 0x2000


@pytest.fixture
def spooler(monkeypatch: pytest.MonkeyPatch) -> Iterator[SoftSpooler]:
    spooler = SoftSpooler()
    monkeypatch.setitem(sys.modules, "win32print", spooler)
    monkeypatch.setitem(sys.modules, "pywintypes", SimpleNamespace(error=soft_win32print.error))
    monkeypatch.delitem(sys.modules, MODULE, raising=False)
    yield spooler
    assert spooler.open_handles == 0
    sys.modules.pop(MODULE, None)


@pytest.fixture
def queue(spooler: SoftSpooler) -> "SystemQueue":
    made: SystemQueue = importlib.import_module(MODULE).SystemQueue("XP-58 (复制 1)")
    return made


def test_a_slip_goes_in_raw_whole_and_named(queue: "SystemQueue", spooler: SoftSpooler) -> None:
    spooler.takes = 5
    job = queue.submit(b"\x1b@ a slip of some length", "Yaolink AB12")
    assert spooler.jobs[job] == SoftJob(("Yaolink AB12", None, "RAW"), b"\x1b@ a slip of some length")


@pytest.mark.parametrize(
    ("status", "attributes", "known"),
    [
        (0, 0, UNKNOWN),
        (0x400, 0, UNKNOWN),  # printing
        (0x1, 0, PrinterStatus(Blocked.offline)),
        (0x80, 0, PrinterStatus(Blocked.offline)),
        (0, 0x400, PrinterStatus(Blocked.offline)),  # "use printer offline"
        (0x10, 0, PrinterStatus(Blocked.paper_out)),
        (0x10 | 0x80, 0, PrinterStatus(Blocked.paper_out)),
        (0x400000, 0, PrinterStatus(Blocked.cover_open)),
        (0x8, 0, PrinterStatus(Blocked.cutter)),
        (0x2, 0, PrinterStatus(Blocked.error)),
    ],
)
def test_what_the_spooler_knows_of_the_printer(
    queue: "SystemQueue", spooler: SoftSpooler, status: int, attributes: int, known: PrinterStatus
) -> None:
    spooler.status, spooler.attributes = status, attributes
    assert queue.status() == known


@pytest.mark.parametrize(
    ("statuses", "state"),
    [
        ((0,), JobState(Progress.waiting)),
        ((SPOOLING,), JobState(Progress.waiting)),
        ((PAUSED,), JobState(Progress.waiting)),
        ((PRINTING,), JobState(Progress.printing)),
        ((PRINTING | ERROR,), JobState(Progress.printing, Blocked.error)),
        ((PRINTING | OFFLINE,), JobState(Progress.printing, Blocked.offline)),
        ((PAPEROUT,), JobState(Progress.printing, Blocked.paper_out)),
        ((PRINTING, PAUSED), JobState(Progress.printing)),  # paused in the middle
        ((PRINTED,), JobState(Progress.sent)),
        ((COMPLETE | RETAINED,), JobState(Progress.sent)),
        ((0, DELETING), JobState(Progress.broken)),
        ((PAUSED, DELETED), JobState(Progress.broken)),  # it may have been resumed
        ((PAUSED, PAUSED | DELETING), JobState(Progress.removed)),
        ((PRINTING | DELETING,), JobState(Progress.broken)),
        ((PRINTING, DELETING), JobState(Progress.broken)),
    ],
)
def test_how_far_a_job_has_come(
    queue: "SystemQueue", spooler: SoftSpooler, statuses: tuple[int, ...], state: JobState
) -> None:
    job = queue.submit(b"slip", "t")
    for status in statuses:
        spooler.jobs[job].status = status
        seen = queue.look(job)
    assert seen == state


def test_a_job_the_spooler_knows_no_more_has_vanished_not_succeeded(queue: "SystemQueue", spooler: SoftSpooler) -> None:
    """Error 87; Odoo takes it for success (facts/devices.md §0.1)."""
    job = queue.submit(b"slip", "t")
    spooler.jobs.clear()
    assert queue.look(job) == JobState(Progress.vanished)
    assert queue.take_back(job) is Progress.vanished


def test_taking_a_job_back_pauses_it_first_and_so_proves_it_unprinted(
    queue: "SystemQueue", spooler: SoftSpooler
) -> None:
    job = queue.submit(b"slip", "t")
    kept = spooler.jobs[job]
    assert queue.take_back(job) is Progress.removed
    assert kept.commands == [spooler.JOB_CONTROL_PAUSE, spooler.JOB_CONTROL_DELETE]
    assert spooler.jobs == {}


def test_a_job_that_began_before_the_pause_took_hold_is_not_proven(queue: "SystemQueue", spooler: SoftSpooler) -> None:
    def begin(job: SoftJob) -> None:
        job.status = PRINTING | PAUSED

    spooler.on_pause = begin
    assert queue.take_back(queue.submit(b"slip", "t")) is Progress.broken


def test_a_job_that_cannot_be_paused_is_not_proven(queue: "SystemQueue", spooler: SoftSpooler) -> None:
    def ignore(job: SoftJob) -> None:
        job.status = 0

    spooler.on_pause = ignore
    assert queue.take_back(queue.submit(b"slip", "t")) is Progress.broken


def test_a_job_that_was_done_by_then_was_sent(queue: "SystemQueue", spooler: SoftSpooler) -> None:
    def finish(job: SoftJob) -> None:
        job.status = PRINTED

    spooler.on_pause = finish
    assert queue.take_back(queue.submit(b"slip", "t")) is Progress.sent


def test_a_refused_document_was_not_kept(queue: "SystemQueue", spooler: SoftSpooler) -> None:
    spooler.deny = "StartDocPrinter"
    with pytest.raises(QueueRefusal, match=r"Access is denied.*5"):
        queue.submit(b"slip", "t")


def test_a_document_that_breaks_off_is_aborted_and_open(queue: "SystemQueue", spooler: SoftSpooler) -> None:
    """The spooler prints while it takes: some of it may be out."""
    spooler.deny = "WritePrinter"
    with pytest.raises(OSError, match="WritePrinter") as broken:
        queue.submit(b"slip", "t")
    assert not isinstance(broken.value, QueueRefusal)
    assert spooler.jobs == {}


def test_a_spooler_that_takes_no_more_is_an_error(queue: "SystemQueue", spooler: SoftSpooler) -> None:
    spooler.takes = 0
    with pytest.raises(OSError, match="takes no more"):
        queue.submit(b"slip", "t")


def test_a_queue_that_is_not_there_is_an_oserror_with_windows_words(spooler: SoftSpooler) -> None:
    queue = importlib.import_module(MODULE).SystemQueue("no such")
    with pytest.raises(OSError, match=r"printer name is invalid.*1801"):
        queue.status()
    with pytest.raises(OSError, match="1801"):
        queue.look(1)


def test_a_spooler_that_refuses_to_tell_is_an_oserror(queue: "SystemQueue", spooler: SoftSpooler) -> None:
    spooler.deny = "GetPrinter"
    with pytest.raises(OSError, match="Access is denied"):
        queue.status()
