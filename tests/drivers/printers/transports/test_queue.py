"""What a queue's session makes of its jobs."""

import threading
import time
from collections.abc import Callable, Iterator

import pytest
from msgspec.structs import replace

from drivers.errors import ConnectionLost, PrinterBlocked, PrinterUnreachable, WaitAbandoned
from drivers.printers.base import Evidence
from drivers.printers.capability import Capabilities, Font
from drivers.printers.status import Blocked, PrinterStatus
from drivers.printers.transports import queue as transport
from drivers.printers.transports.queue import Progress, QueuePrinter
from drivers.printers.waker import Waker
from drivers.virtual.printer import VirtualPrinter
from tests.drivers.printers.talking import JOB, Confirmation
from tests.drivers.printers.transports.soft_queue import SoftJob, SoftQueue
from tests.waiting import until

SLIP = replace(JOB, id=b"AB12")


@pytest.fixture
def paper() -> Iterator[VirtualPrinter]:
    with VirtualPrinter() as printer:
        yield printer


@pytest.fixture
def queue(paper: VirtualPrinter) -> Iterator[SoftQueue]:
    queue = SoftQueue((paper.host, paper.port))
    yield queue
    queue.stop()


@pytest.fixture
def printer(queue: SoftQueue) -> QueuePrinter:
    return QueuePrinter("cups://slips", queue)


def test_a_job_bears_the_slips_number(printer: QueuePrinter, queue: SoftQueue) -> None:
    with printer.connect() as session:
        session.status()
        session.send(SLIP)
        assert Confirmation(session).result() is Evidence.sent
    assert [job.title for job in queue.jobs] == ["Yaolink AB12"]
    assert queue.jobs[0].data == SLIP.data


def test_a_queue_that_refuses_proves_that_nothing_was_sent(printer: QueuePrinter, queue: SoftQueue) -> None:
    queue.refuses = "not accepting jobs"
    with printer.connect() as session:
        session.status()
        with pytest.raises(PrinterUnreachable, match="not accepting jobs"):
            session.send(SLIP)


def test_a_job_that_is_forgotten_has_left(printer: QueuePrinter, queue: SoftQueue) -> None:
    queue.forgets = True
    with printer.connect() as session:
        session.status()
        session.send(SLIP)
        assert Confirmation(session).result() is Evidence.sent


def test_a_queue_that_stopped_gives_the_job_back(
    printer: QueuePrinter, queue: SoftQueue, paper: VirtualPrinter
) -> None:
    """Our own queue holds it, and another printer may have it."""
    queue.on_submit = lambda job: queue.set(Blocked.offline)
    with printer.connect() as session:
        session.status()
        session.send(SLIP)
        confirmation = Confirmation(session)
        with pytest.raises(PrinterBlocked) as blocked:
            confirmation.result()
    assert blocked.value.reason is Blocked.offline
    assert [status.blocked for status in confirmation.statuses] == [Blocked.offline]
    queue.set(None)
    time.sleep(0.1)
    assert paper.slips == []


def test_an_operator_who_removes_a_waiting_job_proves_it_unprinted(printer: QueuePrinter, queue: SoftQueue) -> None:
    queue.on_submit = _finds(Progress.removed)
    with printer.connect() as session:
        session.status()
        session.send(SLIP)
        with pytest.raises(PrinterBlocked):
            Confirmation(session).result()


def test_a_job_removed_on_its_way_leaves_the_fate_unknown(printer: QueuePrinter, queue: SoftQueue) -> None:
    queue.on_submit = _finds(Progress.broken)
    with printer.connect() as session:
        session.status()
        session.send(SLIP)
        with pytest.raises(ConnectionLost):
            Confirmation(session).result()


def test_a_job_that_vanishes_from_a_stopped_queue_leaves_the_fate_unknown(
    printer: QueuePrinter, queue: SoftQueue
) -> None:
    """Cleared by an operator, or printed when the printer came back: nobody knows."""
    queue.on_submit = _finds(Progress.printing)
    with printer.connect() as session:
        session.status()
        session.send(SLIP)
        confirmation = Confirmation(session)
        queue.set(Blocked.paper_out)
        confirmation.wait_for_status(Blocked.paper_out)
        queue.forgets, queue.jobs[0].progress = True, Progress.sent
        with pytest.raises(ConnectionLost):
            confirmation.result()


def test_a_job_on_its_way_is_waited_for_while_somebody_helps_the_printer(
    printer: QueuePrinter, queue: SoftQueue
) -> None:
    queue.on_submit = _finds(Progress.printing)
    with printer.connect() as session:
        session.status()
        session.send(SLIP)
        confirmation = Confirmation(session)
        queue.set(Blocked.paper_out)
        confirmation.wait_for_status(Blocked.paper_out)
        queue.set(None)
        confirmation.wait_for_status(None)
        queue.jobs[0].progress = Progress.sent
        assert confirmation.result() is Evidence.sent


def test_a_job_that_takes_too_long_stands_before_a_printer_that_is_off(
    printer: QueuePrinter, queue: SoftQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport, "_SLOW_S", 0.2)
    queue.on_submit = _finds(Progress.printing)
    with printer.connect() as session:
        session.status()
        session.send(SLIP)
        confirmation = Confirmation(session)
        confirmation.wait_for_status(Blocked.offline)
        queue.jobs[0].progress = Progress.sent
        assert confirmation.result() is Evidence.sent


def test_stopping_takes_a_waiting_job_back(printer: QueuePrinter, queue: SoftQueue) -> None:
    queue.is_occupied = True
    with printer.connect() as session:
        session.status()
        session.send(SLIP)
        confirmation = Confirmation(session)
        confirmation.stop.set()
        with pytest.raises(PrinterBlocked):
            confirmation.result()
    assert queue.jobs[0].progress is Progress.removed


def test_stopping_takes_a_stuck_job_out_so_that_it_cannot_come_late(
    printer: QueuePrinter, queue: SoftQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport, "_SLOW_S", 0.1)
    queue.on_submit = _finds(Progress.printing)
    with printer.connect() as session:
        session.status()
        session.send(SLIP)
        confirmation = Confirmation(session)
        confirmation.wait_for_status(Blocked.offline)
        confirmation.stop.set()
        with pytest.raises(WaitAbandoned):
            confirmation.result()
    assert queue.jobs[0].progress is Progress.broken


def test_stopping_leaves_a_job_that_is_just_printing(printer: QueuePrinter, queue: SoftQueue) -> None:
    queue.on_submit = _finds(Progress.printing)
    with printer.connect() as session:
        session.status()
        session.send(SLIP)
        confirmation = Confirmation(session)
        confirmation.stop.set()
        with pytest.raises(WaitAbandoned):
            confirmation.result()
    assert queue.jobs[0].progress is Progress.printing


def test_probing_asks_nothing_and_keeps_what_a_person_chose(printer: QueuePrinter, queue: SoftQueue) -> None:
    printer.capabilities = Capabilities(font=Font.GB2312, native_qr=False)
    with printer.connect() as session:
        known = session.probe()
    assert (known.real_time, known.in_order, known.process_id) == (False, False, False)
    assert (known.font, known.native_qr) == (Font.GB2312, False)
    assert queue.jobs == []


def test_idling_tells_a_change_and_wakes_early(
    printer: QueuePrinter, queue: SoftQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport, "_IDLE_LOOK_S", 0.05)
    waker = Waker()
    with printer.connect() as session:
        session.status()
        assert session.idle(0.1, waker) is None
        threading.Timer(0.1, queue.set, (Blocked.offline,)).start()
        assert session.idle(100, waker) == PrinterStatus(Blocked.offline)
        threading.Timer(0.1, waker.set).start()
        started = time.monotonic()
        assert session.idle(100, waker) is None
        assert time.monotonic() - started < 50
    waker.close()


def test_a_command_is_a_job_of_its_own(printer: QueuePrinter, paper: VirtualPrinter, queue: SoftQueue) -> None:
    with printer.connect() as session:
        session.status()
        session.send_command(b"\x1bp\x00\x19\xfa")
        until(lambda: paper.drawer_kicks)
    assert paper.drawer_kicks == 1
    queue.set(Blocked.offline)
    with printer.connect() as session:
        session.status()
        with pytest.raises(PrinterBlocked):
            session.send_command(b"\x1bp\x00\x19\xfa")


def _finds(progress: Progress) -> Callable[[SoftJob], None]:
    def find(job: SoftJob) -> None:
        job.progress = progress

    return find
