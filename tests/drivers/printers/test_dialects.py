"""The same promises over every kind of printer, shared or ours: the evidence it can give, and never a better one."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

import pytest
from msgspec.structs import replace

from drivers.errors import ConnectionLost, PrinterSilent, PrinterUnreachable
from drivers.printers import asking, confirming, overdue, patience
from drivers.printers import probe as probing
from drivers.printers.addresses import open_printer
from drivers.printers.base import Evidence, Printer, Session, Use
from drivers.printers.capability import Capabilities
from drivers.printers.document import PAPER_80, Document, Text
from drivers.printers.escpos import encode
from drivers.printers.probe import probe
from drivers.printers.status import Blocked, PrinterStatus
from drivers.virtual.dialect import DIALECTS
from drivers.virtual.faults import Fault
from drivers.virtual.printer import Others, VirtualPrinter
from tests.drivers.printers.talking import JOB, Confirmation
from tests.waiting import until

SPEED = 250.0
SLIP = replace(JOB, id=b"s001")
EARNS = {
    "full": Evidence.returned,
    "no-process-id": Evidence.printed,
    "in-order-only": Evidence.printed,
    "eager": Evidence.sent,
    "real-time-only": Evidence.sent,
    "mute": Evidence.sent,
}
PROVING = [dialect for dialect, evidence in EARNS.items() if evidence is not Evidence.sent]
TELLING = ["full", "no-process-id", "eager", "real-time-only"]


@pytest.fixture(autouse=True)
def _hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (asking, probing):
        monkeypatch.setattr(module, "_ANSWER_S", 0.8)


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "_MARGIN_S", 0.5)
    monkeypatch.setattr(confirming, "_SILENCE_S", 0.5)


@cache
def probed(dialect: str) -> Capabilities:
    """Asked once: a printer that answers little takes its time."""
    with VirtualPrinter(dialect=DIALECTS[dialect], speed=SPEED) as printer:
        return probe(open_printer(printer.address))


@contextmanager
def virtual(dialect: str) -> Iterator[tuple[VirtualPrinter, Printer]]:
    """With what a probe says about it."""
    with VirtualPrinter(dialect=DIALECTS[dialect], speed=SPEED) as printer:
        known = open_printer(printer.address)
        known.capabilities = probed(dialect)
        yield printer, known


def sent(session: Session) -> Confirmation:
    session.status()
    session.send(SLIP)
    return Confirmation(session, SLIP)


def test_every_dialect_is_held_to_its_evidence() -> None:
    assert set(EARNS) == set(DIALECTS)


@pytest.mark.parametrize("use", Use)
@pytest.mark.parametrize("dialect", EARNS)
def test_each_earns_what_it_can_prove(dialect: str, use: Use) -> None:
    with virtual(dialect) as (printer, known):
        with known.connect(use) as session:
            assert sent(session).result() is EARNS[dialect]
        assert len(printer.slips) == 1


@pytest.mark.parametrize("use", Use)
@pytest.mark.parametrize("dialect", PROVING)
def test_proof_comes_with_the_paper_and_not_before(dialect: str, use: Use) -> None:
    with virtual(dialect) as (printer, known), known.connect(use) as session:
        for number in (1, 2, 3):
            sent(session).result()
            assert len(printer.slips) == number


@pytest.mark.parametrize(
    ("dialect", "fault"),
    [("full", "paper_out"), ("full", "cutter"), ("no-process-id", "cover_open"), ("full", "head_hot")]
    + [("eager", "paper_out"), ("real-time-only", "cover_open")],
)
def test_a_fault_in_the_middle_is_told_and_never_called_printed(dialect: str, fault: Fault) -> None:
    with virtual(dialect) as (printer, known), known.connect() as session:
        printer.fault(fault, after_lines=2)
        began = time.monotonic()
        confirmation = sent(session)
        while not any(status.blocked for status in confirmation.statuses):
            assert time.monotonic() - began < 30
            time.sleep(0.01)
        time.sleep(0.3)
        assert confirmation.evidence is None and confirmation.error is None
        printer.fault(None)
        if dialect in PROVING:
            assert confirmation.result() is EARNS[dialect]
        else:
            with pytest.raises(PrinterSilent):
                confirmation.result()


@pytest.mark.parametrize(("dialect", "use"), [*((dialect, Use.SHARED) for dialect in EARNS), ("full", Use.OURS)])
def test_a_power_loss_that_empties_its_memory_is_never_called_printed(dialect: str, use: Use, hasty: None) -> None:
    with virtual(dialect) as (printer, known), known.connect(use) as session:
        printer.fault("power_loss", after_lines=2, lasts_s=0.3)
        confirmation = sent(session)
        with pytest.raises(ConnectionLost):
            confirmation.result()
        assert printer.slips == []


@pytest.mark.parametrize("buffer", [None, 256])
def test_an_eager_clone_that_nobody_probed_proves_nothing(buffer: int | None) -> None:
    """With a small memory it reads the question late, and still before the slip is out."""
    lines = tuple(Text(f"第{n}行 阿莫西林胶囊 0.25g*24粒") for n in range(20))
    slip = encode(Document(lines), PAPER_80)
    with VirtualPrinter(dialect=DIALECTS["eager"], speed=150, buffer=buffer) as printer:
        unknown = open_printer(printer.address)
        with unknown.connect() as session:
            session.status()
            session.send(slip)
            assert Confirmation(session, slip).result() is Evidence.sent
        assert unknown.capabilities.eager
        assert len(printer.slips) == 1


@pytest.mark.parametrize("fault", ["reset", "close"])
@pytest.mark.parametrize("dialect", ["full", "in-order-only"])
def test_a_connection_lost_in_the_middle_leaves_the_fate_unknown(dialect: str, fault: Fault) -> None:
    with virtual(dialect) as (printer, known), known.connect() as session:
        session.status()  # nothing of an earlier slip is left
        printer.fault(fault, after_bytes=40)
        with pytest.raises(ConnectionLost):
            sent(session).result()


@pytest.mark.parametrize(
    ("dialect", "fault"),
    [("full", "discards"), ("full", "never_reads"), ("full", "mute"), ("in-order-only", "discards")],
)
def test_what_swallows_a_slip_or_falls_silent_proves_nothing(dialect: str, fault: Fault, hasty: None) -> None:
    with virtual(dialect) as (printer, known), known.connect() as session:
        session.status()  # nothing of an earlier slip is left
        printer.fault(fault, after_bytes=40)
        with pytest.raises(ConnectionLost):
            sent(session).result()


@pytest.mark.parametrize("dialect", PROVING)
def test_a_late_slip_is_no_proof_of_the_next(dialect: str, hasty: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first was given up and comes out later. The second waits for that: its printer is busy."""
    monkeypatch.setattr(overdue, "_ANSWER_S", 0.5)
    with virtual(dialect) as (printer, known):
        with known.connect() as session:
            printer.fault("stalled", after_lines=1)
            with pytest.raises(PrinterSilent):
                sent(session).result()
        with known.connect() as session:
            assert session.status().blocked is Blocked.busy
            printer.fault(None)
            deadline = time.monotonic() + 60
            while session.status().blocked is not None:  # the first slip comes out in its own time
                assert time.monotonic() < deadline
            session.send(replace(JOB, id=b"s002"))
            assert Confirmation(session, replace(JOB, id=b"s002")).result() is EARNS[dialect]
            assert len(printer.slips) == 2


@pytest.mark.parametrize("dialect", TELLING)
@pytest.mark.parametrize("others", ["refused", "left_mute"])
def test_one_that_another_program_holds_gets_nothing(dialect: str, others: Others) -> None:
    with VirtualPrinter(dialect=DIALECTS[dialect], others=others) as printer:
        known = open_printer(printer.address)
        known.capabilities = probed(dialect)
        printer.fault("taken")
        until(lambda: printer.ails == "taken")
        if others == "refused":
            with pytest.raises(PrinterUnreachable):
                known.connect()
        else:
            with known.connect() as session:
                assert session.status() == PrinterStatus(Blocked.busy, answered=False)
        printer.fault(None)
        until(lambda: printer.ails is None)
        with known.connect() as session:
            assert sent(session).result() is EARNS[dialect]
        assert len(printer.slips) == 2, "the other program's and ours"


def test_a_printer_without_power_in_mid_slip_is_not_held_by_another_program() -> None:
    with VirtualPrinter(speed=SPEED) as printer:
        known = open_printer(printer.address)
        known.capabilities = probed("full")
        with known.connect() as session:
            printer.fault("power_loss", after_lines=2)
            confirmation = sent(session)
            confirmation.wait_for_status(Blocked.unreachable)
            printer.fault(None)
            with pytest.raises(ConnectionLost):
                confirmation.result()


def test_a_cover_that_makes_it_deaf_is_waited_for() -> None:
    with VirtualPrinter(speed=SPEED, deaf_when_open=True) as printer:
        known = open_printer(printer.address)
        known.capabilities = probed("full")
        with known.connect() as session:
            printer.fault("cover_open", after_lines=2)
            confirmation = sent(session)
            confirmation.wait_for_status(Blocked.unreachable)
            printer.fault(None)
            assert confirmation.result() is Evidence.returned
        assert len(printer.slips) == 1


def test_a_slow_slip_gets_the_time_its_height_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "_MARGIN_S", 0.0)
    with VirtualPrinter(speed=60) as printer:
        known = open_printer(printer.address)
        known.capabilities = probed("full")
        with known.connect() as session:
            assert sent(session).result() is Evidence.returned
