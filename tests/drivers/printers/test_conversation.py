import time
from collections.abc import Iterator

import pytest

from drivers.errors import (
    ConnectionLost,
    PrinterBlocked,
    PrinterSilent,
    PrinterUnreachable,
    WaitAbandoned,
)
from drivers.printers import asking, confirming, patience
from drivers.printers.addresses import open_printer
from drivers.printers.base import Evidence, Job
from drivers.printers.document import PAPER_80
from drivers.printers.status import Blocked, PrinterStatus
from drivers.virtual.faults import Fault
from drivers.virtual.printer import VirtualPrinter
from tests.drivers.printers.clones import GS_R, answers_with_paper_status, clone
from tests.drivers.printers.talking import JOB, Confirmation, print_slip


@pytest.fixture
def printer() -> Iterator[VirtualPrinter]:
    with VirtualPrinter(PAPER_80) as printer:
        yield printer


@pytest.fixture(autouse=True)
def _short_silence(monkeypatch: pytest.MonkeyPatch) -> None:
    """A mute printer is recognised sooner than in a shop, to keep the tests quick."""
    monkeypatch.setattr(asking, "_ANSWER_S", 0.8)


def test_a_slip_is_printed_when_the_printer_says_so(printer: VirtualPrinter) -> None:
    assert print_slip(printer.address) is Evidence.printed
    (slip,) = printer.slips
    assert slip.lines == ["第一行", "第二行", "-" * 48, "第四行"]


def test_asking_for_status_prints_nothing_and_sends_nothing_of_the_slip(printer: VirtualPrinter) -> None:
    first_bytes: list[float] = []
    printer.on_bytes = first_bytes.append
    with open_printer(printer.address).connect() as session:
        session.status()
        session.status()
        assert not first_bytes
        before = time.monotonic()
        session.send(JOB)
        Confirmation(session).result()
    assert len(first_bytes) == 1
    assert before <= first_bytes[0] <= time.monotonic()


def test_each_slip_announces_its_first_byte_once(printer: VirtualPrinter) -> None:
    first_bytes: list[float] = []
    printer.on_bytes = first_bytes.append
    with open_printer(printer.address).connect() as session:
        for _ in range(3):
            session.status()
            session.send(JOB)
            Confirmation(session).result()
    assert len(first_bytes) == len(printer.slips) == 3


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ("paper_out", Blocked.paper_out),
        ("cover_open", Blocked.cover_open),
        ("offline", Blocked.offline),
        ("cutter", Blocked.cutter),
    ],
)
def test_nothing_is_sent_into_a_blocked_printer(printer: VirtualPrinter, fault: Fault, reason: Blocked) -> None:
    printer.fault(fault)
    with open_printer(printer.address).connect() as session:
        assert session.status().blocked is reason
        with pytest.raises(PrinterBlocked) as blocked:
            session.send(JOB)
        assert blocked.value.reason is reason
        assert blocked.value.retryable
        assert blocked.value.hint
        printer.fault(None)
        assert session.status() == PrinterStatus()
        session.send(JOB)
        assert Confirmation(session).result() is Evidence.printed
    assert len(printer.slips) == 1


def test_near_end_of_paper_is_told_and_blocks_nothing(printer: VirtualPrinter) -> None:
    printer.fault("paper_near_end")
    with open_printer(printer.address).connect() as session:
        assert session.status() == PrinterStatus(None, paper_near_end=True)
        session.send(JOB)
        assert Confirmation(session).result() is Evidence.printed


def test_paper_runs_out_in_the_middle_of_a_slip(printer: VirtualPrinter) -> None:
    with open_printer(printer.address).connect() as session:
        session.status()
        printer.fault("paper_out", after_lines=2)
        session.send(JOB)
        confirmation = Confirmation(session)
        confirmation.wait_for_status(Blocked.paper_out)
        assert printer.slips == []
        printer.fault(None)
        assert confirmation.result() is Evidence.printed
        assert [status.blocked for status in confirmation.statuses] == [Blocked.paper_out, None]
    assert len(printer.slips) == 1


def test_a_blocked_printer_is_waited_for_beyond_its_time(
    printer: VirtualPrinter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patience, "_MARGIN_S", -100.0)
    with open_printer(printer.address).connect() as session:
        session.status()
        printer.fault("cover_open", after_lines=1)
        session.send(JOB)
        confirmation = Confirmation(session)
        confirmation.wait_for_status(Blocked.cover_open)
        time.sleep(1.2)
        printer.fault(None)
        assert confirmation.result() is Evidence.printed


def test_a_connection_lost_after_sending_leaves_the_fate_unknown(printer: VirtualPrinter) -> None:
    with open_printer(printer.address).connect() as session:
        session.status()
        printer.fault("paper_out", after_lines=1)
        session.send(JOB)
        confirmation = Confirmation(session)
        confirmation.wait_for_status(Blocked.paper_out)
        printer.drop_connections()
        with pytest.raises(ConnectionLost) as lost:
            confirmation.result()
    assert not lost.value.retryable
    printer.fault(None)
    assert len(printer.wait_for_slips(1)) == 1  # "failed" was not "not printed"


def test_a_connection_lost_before_sending_proves_nothing_was_printed(printer: VirtualPrinter) -> None:
    with open_printer(printer.address).connect() as session:
        session.status()
        printer.drop_connections()
        with pytest.raises(PrinterUnreachable) as lost:
            session.status()
    assert lost.value.retryable


def test_a_mute_printer_is_not_out_of_paper_and_earns_the_weak_evidence(printer: VirtualPrinter) -> None:
    printer.mute = True
    with open_printer(printer.address).connect() as session:
        assert session.status() == PrinterStatus(None, False, answered=False)
        session.send(JOB)
        assert Confirmation(session).result() is Evidence.sent
    assert len(printer.wait_for_slips(1)) == 1


def test_a_mute_printer_costs_its_waiting_time_once(printer: VirtualPrinter, monkeypatch: pytest.MonkeyPatch) -> None:
    printer.mute = True
    mute = open_printer(printer.address)
    with mute.connect() as session:
        session.status()
    monkeypatch.setattr(asking, "_ANSWER_S", 100.0)
    started = time.monotonic()
    with mute.connect() as session:
        session.status()
    assert time.monotonic() - started < 50


def test_a_printer_that_stopped_answering_gets_nothing(printer: VirtualPrinter) -> None:
    known = open_printer(printer.address)
    with known.connect() as session:
        session.status()
    printer.mute = True
    with known.connect() as session:
        assert session.status() == PrinterStatus(Blocked.busy, answered=False)
        with pytest.raises(PrinterBlocked):
            session.send(JOB)
    assert printer.slips == []


def test_silence_after_sending_leaves_the_fate_unknown(
    printer: VirtualPrinter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(confirming, "_SILENCE_S", 0.5)
    with open_printer(printer.address).connect() as session:
        session.status()
        printer.mute = True
        session.send(JOB)
        confirmation = Confirmation(session)
        with pytest.raises(PrinterSilent) as silent:
            confirmation.result()
    assert isinstance(silent.value, ConnectionLost)
    assert [status.answered for status in confirmation.statuses] in ([], [False])


def test_stopping_ends_the_wait_at_once(printer: VirtualPrinter) -> None:
    with open_printer(printer.address).connect() as session:
        session.status()
        printer.fault("paper_out", after_lines=1)
        session.send(JOB)
        confirmation = Confirmation(session)
        confirmation.wait_for_status(Blocked.paper_out)
        confirmation.stop.set()
        with pytest.raises(WaitAbandoned):
            confirmation.result()


def test_after_the_evidence_the_printer_is_free_within_a_second(printer: VirtualPrinter) -> None:
    took = []
    for _ in range(5):  # one of them is disturbed by nobody
        started = time.monotonic()
        print_slip(printer.address)
        print_slip(printer.address)
        took.append(time.monotonic() - started)
    assert min(took) < 1
    assert len(printer.slips) == 10


def test_a_clone_that_confirms_though_out_of_paper_is_not_believed() -> None:
    script = answers_with_paper_status(b"\x12", b"\x7e", b"\x7e", b"\x12")
    with clone(script) as (address, _):
        eager = open_printer(address)
        with eager.connect() as session:
            assert session.status() == PrinterStatus()
            session.send(JOB)
            confirmation = Confirmation(session)
            with pytest.raises(PrinterSilent):
                confirmation.result()
        assert [status.blocked for status in confirmation.statuses] == [Blocked.paper_out, None]
        assert eager.capabilities.eager


def test_a_clone_that_confirms_at_once_has_taken_the_slip_and_proves_no_more() -> None:
    with clone(answers_with_paper_status(b"\x12")) as (address, _), open_printer(address).connect() as session:
        session.status()
        session.send(JOB)
        assert Confirmation(session).result() is Evidence.sent


def test_after_a_refill_the_slip_gets_its_full_time_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "_MARGIN_S", 1.2 - 3 * JOB.height_mm / 60)  # 1.2 s in all
    script = answers_with_paper_status(b"\x12", b"\x7e", b"\x7e", b"\x7e", b"\x12")  # clear again after 2 s
    with clone(script, slip_takes=2.3) as (address, _), open_printer(address).connect() as session:
        session.status()
        session.send(JOB)
        assert Confirmation(session).result() is Evidence.printed


def test_a_late_answer_to_one_slip_does_not_confirm_the_next() -> None:
    quick, slow = (Job(JOB.data, height_mm=height) for height in (6, 120))  # watched for about 1 s and 3 s
    with clone({GS_R: [b"\x00", b""]}, slip_takes=2.5) as (address, _), open_printer(address).connect() as session:
        session.status()
        for job in (quick, slow):
            session.send(job)
            assert Confirmation(session, job).result() is Evidence.sent


def test_after_a_late_answer_the_next_slip_is_proven_by_its_own() -> None:
    quick, slow = (Job(JOB.data, height_mm=height) for height in (6, 600))  # watched for about 1 s and 11 s
    with clone({GS_R: [b"\x00"]}, slip_takes=2.5) as (address, _), open_printer(address).connect() as session:
        session.status()
        session.send(quick)
        assert Confirmation(session, quick).result() is Evidence.sent
        began = time.monotonic()
        session.send(slow)
        assert Confirmation(session, slow).result() is Evidence.printed
        assert time.monotonic() - began > 2.4


@pytest.mark.parametrize(("sensor", "evidence"), [(b"\x00", Evidence.printed), (b"\x0c", Evidence.sent)])
def test_a_clone_that_only_knows_gs_r_still_proves_its_slip(sensor: bytes, evidence: Evidence) -> None:
    with clone({GS_R: [sensor]}, slip_takes=0.2) as (address, _), open_printer(address).connect() as session:
        assert not session.status().answered
        session.send(JOB)
        assert Confirmation(session).result() is evidence
