"""What CUPS is asked and what its answers mean. The real CUPS is in tests/system/linux/test_cups.py."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.errors import BadAddress, PrinterUnreachable
from drivers.printers.addresses import open_printer
from drivers.printers.status import Blocked, PrinterStatus
from drivers.printers.transports import ipp
from drivers.printers.transports.queue import Progress, QueueRefusal
from drivers.printers.transports.spool_linux import SystemQueue
from tests.drivers.printers.transports.soft_cups import SoftCups

UNKNOWN = PrinterStatus(answered=False)


@pytest.fixture
def cups(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SoftCups]:
    cups = SoftCups(tmp_path / "cups.sock")
    monkeypatch.setenv("CUPS_SERVER", str(cups.path))
    yield cups
    cups.stop()


@pytest.fixture
def queue(cups: SoftCups) -> SystemQueue:
    return SystemQueue("前台")


def test_a_job_goes_in_raw_under_its_title_and_our_name(queue: SystemQueue, cups: SoftCups) -> None:
    assert queue.submit(b"\x1b@slip", "Yaolink AB12") == 1
    (job,) = cups.jobs
    assert job.data == b"\x1b@slip"
    assert job.attributes["job-name"] == b"Yaolink AB12"
    assert job.attributes["document-format"] == b"application/vnd.cups-raw"
    path, headers = cups.heard[0]
    assert path == "/printers/%E5%89%8D%E5%8F%B0"
    assert headers["Authorization"] == f"PeerCred {job.attributes['requesting-user-name'].decode()}"


@pytest.mark.parametrize(
    ("state", "reasons", "accepts", "status"),
    [
        (3, ["none"], True, UNKNOWN),
        (4, ["connecting-to-device"], True, UNKNOWN),
        (3, ["media-low-warning"], True, PrinterStatus(paper_near_end=True, answered=False)),
        (5, ["paused"], True, PrinterStatus(Blocked.offline)),
        (3, ["none"], False, PrinterStatus(Blocked.offline)),
        (5, ["media-empty-error"], True, PrinterStatus(Blocked.paper_out)),
        (3, ["cover-open", "offline-report"], True, PrinterStatus(Blocked.cover_open)),
        (3, ["offline-report"], True, PrinterStatus(Blocked.offline)),
    ],
)
def test_what_the_queue_knows_of_its_printer(
    queue: SystemQueue, cups: SoftCups, state: int, reasons: list[str], accepts: bool, status: PrinterStatus
) -> None:
    cups.printer_state, cups.reasons, cups.accepts = state, reasons, accepts
    assert queue.status() == status


@pytest.mark.parametrize(
    ("state", "began", "progress"),
    [
        (3, False, Progress.waiting),
        (4, False, Progress.waiting),
        (3, True, Progress.printing),  # the queue was stopped in the middle of it
        (5, True, Progress.printing),
        (6, True, Progress.printing),
        (7, False, Progress.removed),
        (7, True, Progress.broken),
        (8, True, Progress.broken),
        (9, True, Progress.sent),
    ],
)
def test_how_far_a_job_has_come(
    queue: SystemQueue, cups: SoftCups, state: int, began: bool, progress: Progress
) -> None:
    job = queue.submit(b"slip", "t")
    cups.jobs[0].state, cups.jobs[0].began = state, began
    assert queue.look(job).progress is progress


@pytest.mark.parametrize(
    ("state", "began", "progress"), [(3, False, Progress.removed), (5, True, Progress.broken), (9, True, Progress.sent)]
)
def test_taking_a_job_back_says_how_far_it_had_come(
    queue: SystemQueue, cups: SoftCups, state: int, began: bool, progress: Progress
) -> None:
    job = queue.submit(b"slip", "t")
    cups.jobs[0].state, cups.jobs[0].began = state, began
    assert queue.take_back(job) is progress


def test_without_history_a_job_that_is_over_has_vanished(queue: SystemQueue, cups: SoftCups) -> None:
    cups.keeps_history = False
    job = queue.submit(b"slip", "t")
    cups.jobs[0].state = 9
    assert queue.look(job).progress is Progress.vanished


def test_a_refused_job_was_not_kept(queue: SystemQueue, cups: SoftCups) -> None:
    cups.accepts = False
    with pytest.raises(QueueRefusal, match="not accepting"):
        queue.submit(b"slip", "t")
    cups.accepts, cups.refusal = True, 403
    with pytest.raises(QueueRefusal, match="403"):
        queue.submit(b"slip", "t")


def test_an_answer_that_never_comes_leaves_it_open_whether_the_job_was_kept(queue: SystemQueue, cups: SoftCups) -> None:
    cups.breaks_off = True
    with pytest.raises(OSError) as lost:
        queue.submit(b"slip", "t")
    assert not isinstance(lost.value, QueueRefusal)


def test_without_cups_the_printer_is_unreachable(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CUPS_SERVER", str(tmp_path / "none.sock"))
    with open_printer("cups://slips").connect() as session, pytest.raises(PrinterUnreachable, match="CUPS"):
        session.status()


def test_an_address_may_be_written_as_it_is_spoken() -> None:
    assert open_printer("cups://前台").address == open_printer("cups://%E5%89%8D%E5%8F%B0").address


@pytest.mark.parametrize("address", ["cups://", "spooler://XP-58", "lpt://1", "XP-58"])
def test_a_bad_address_is_refused(address: str) -> None:
    with pytest.raises(BadAddress):
        open_printer(address)


@given(st.binary(max_size=60))
def test_nonsense_is_no_answer(data: bytes) -> None:
    try:
        answer = ipp.answer(b"\x02\x00\x00\x00\x00\x00\x00\x01" + data)
    except ValueError:
        return
    assert answer.is_good
